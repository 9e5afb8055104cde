// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <kafka/protocol/json.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/produce.hpp>

using namespace kafka;
using namespace kafka::protocol;

namespace {

std::string header(int key, int version) {
    return R"("requestHeader":{"requestApiKey":)" + std::to_string(key) +
           R"(,"requestApiVersion":)" + std::to_string(version) +
           R"(,"correlationId":7,"clientId":"me","requestApiKeyName":"SOME"})";
}
const std::string produce =
    R"("request":{"transactionalId":null,"acks":-1,"timeoutMs":30000,"topicData":[{"name":"t","partitionData":[{"index":2,"recordsSizeInBytes":75}]}]})";

}  // namespace

TEST_CASE("a line of a request log is read with what a log pattern put around it") {
    const auto line =
        "[2026-01-02 03:04:05,678] DEBUG Completed request:{\"isForwarded\":false," + header(0, 8) +
        ',' + produce +
        R"(,"response":{"responses":[{"name":"t","partitionResponses":[{"index":2,"errorCode":0,"baseOffset":5,"logAppendTimeMs":-1,"logStartOffset":0,"recordErrors":[],"errorMessage":null}]}],"throttleTimeMs":0},"connection":"127.0.0.1:1","totalTimeMs":1.5} (kafka.request.logger))";
    const auto logged = read_request_log(line);
    REQUIRE_MESSAGE(logged, logged.failure().message());
    CHECK(logged->api->request->api_key == 0);
    CHECK(logged->header.request_api_version == 8);
    CHECK(logged->header.correlation_id == 7);
    CHECK(logged->header.client_id == "me");
    const auto& request = *static_cast<const ProduceRequest*>(logged->request.get());
    CHECK(request.topic_data[0].partition_data[0].index == 2);
    CHECK(request.topic_data[0].partition_data[0].records.null());
    const auto& response = *static_cast<const ProduceResponse*>(logged->response.get());
    CHECK(response.responses[0].partition_responses[0].base_offset == 5);
}

TEST_CASE("a request without an answer has none") {
    for (const auto* rest : {"}", R"(,"response":""})", R"(,"response":null})"}) {
        const auto logged = read_request_log('{' + header(0, 8) + ',' + produce + rest);
        REQUIRE_MESSAGE(logged, logged.failure().message());
        CHECK(logged->response == nullptr);
    }
}

TEST_CASE("what is no line of a request log is an error") {
    CHECK(read_request_log("").failure().detail == "no JSON object in a line of a request log");
    CHECK(read_request_log("}{").failure().detail == "no JSON object in a line of a request log");
    CHECK(read_request_log("{\"a\":1}").failure().detail ==
          "no requestHeader or no request in a line of a request log");
    CHECK(read_request_log('{' + header(999, 0) + ",\"request\":{}}").failure().code ==
          make_error_code(errc::unsupported_version));
    CHECK(read_request_log('{' + header(3, 99) + ",\"request\":{}}").failure().code ==
          make_error_code(errc::unsupported_version));
    CHECK(read_request_log('{' + header(3, 1) + ",\"request\":{}}").failure().detail ==
          "the field is missing at topics, MetadataRequest v1");
}
