// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <doctest/doctest.h>

#include <kafka/protocol/alter_client_quotas.hpp>
#include <kafka/protocol/json.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/registry.hpp>

#include "protocol/random.hpp"

using namespace kafka;
using namespace kafka::protocol;

namespace {

template <Message M>
std::string problem(std::string_view text, int version, const JsonReadOptions& options = {}) {
    M message;
    const auto failure = from_json(message, version, text, options);
    if (!failure) return "none";
    if (failure.code == make_error_code(errc::invalid_argument)) return failure.detail;
    return failure.message();
}
std::string produce_with(std::string_view partition) {
    return R"({"acks":1,"timeoutMs":0,"transactionalId":null,"topicData":[{"name":"t","partitionData":[)" +
           std::string(partition) + "]}]}";
}

}  // namespace

TEST_CASE("what is written is read again, every message at every version") {
    std::size_t cases = 0;
    auto try_one = [&](const MessageInfo& info, AnyMessage (*make)()) {
        for (int version = info.versions.min; version <= info.versions.max; ++version) {
            for (std::uint64_t seed = 0; seed < 5; ++seed, ++cases) {
                auto message = make(), copy = make();
                randomize(info, message.get(), version, {.seed = seed, .unknown_tags = true});
                const auto text = to_json(info, message.get(), version);
                REQUIRE_MESSAGE(text, text.failure().message());
                const auto failure = from_json(info, copy.get(), version, *text);
                CHECK_MESSAGE(!failure, failure.message());
                CHECK_MESSAGE(equal(info, message.get(), copy.get()), *text);
            }
        }
    };
    for (const auto& api : apis()) {
        try_one(*api.request, api.make_request);
        try_one(*api.response, api.make_response);
    }
    for (const auto& part : parts())
        try_one(*part.info, part.make);
    CHECK(cases > 3000);
}

TEST_CASE("a field that is missing is an error, or keeps its default where that is asked for") {
    CHECK(problem<MetadataRequest>(R"({"topics":null})", 4) ==
          "the field is missing at allowAutoTopicCreation, MetadataRequest v4");
    MetadataRequest request;
    CHECK(!from_json(request, 4, R"({"topics":null})", {.missing_is_default = true}));
    CHECK(request.allow_auto_topic_creation);
    CHECK(!request.topics);
}

TEST_CASE("a field that the version does not have is an error: it may be a slip of the pen") {
    CHECK(problem<MetadataRequest>(R"({"topics":null,"allowAutoTopicCreation":true})", 1) ==
          "this version has no such field at allowAutoTopicCreation, MetadataRequest v1");
    CHECK(problem<MetadataRequest>(R"({"topics":[{"name":"a","nmae":"b"}]})", 1) ==
          "this version has no such field at topics[0].nmae, MetadataRequest v1");
}

TEST_CASE("another type than the field's is an error that shows no value") {
    CHECK(problem<MetadataRequest>("[]", 1) ==
          "an object expected, not array at the start, MetadataRequest v1");
    CHECK(problem<MetadataRequest>(R"({"topics":"secret"})", 1) ==
          "an array expected, not string at topics, MetadataRequest v1");
    CHECK(problem<MetadataRequest>(R"({"topics":[{"name":7}]})", 1) ==
          "a string expected, not number at topics[0].name, MetadataRequest v1");
    CHECK(problem<MetadataRequest>(R"({"topics":[{"name":null}]})", 1) ==
          "null is not allowed at topics[0].name, MetadataRequest v1");
    CHECK(problem<MetadataRequest>(R"({"topics":null,"allowAutoTopicCreation":1})", 4) ==
          "true or false expected, not number at allowAutoTopicCreation, MetadataRequest v4");
}

TEST_CASE("text that is not JSON is an error") {
    for (const auto* text : {"", "{", "{}x", "{'a':1}", "\xff", "{\"topics\":null,}", "nul"})
        CHECK(problem<MetadataRequest>(text, 1) == "the text is not JSON, MetadataRequest");
}

TEST_CASE("JSON that is nested a million deep is refused without a crash") {
    CHECK(problem<MetadataRequest>(R"({"topics":)" + std::string(1'000'000, '['), 1) ==
          "the text is not JSON, MetadataRequest");
    const auto deep = std::string(200'000, '[') + std::string(200'000, ']');
    CHECK(problem<MetadataRequest>(R"({"topics":)" + deep + '}', 1) ==
          "an object expected, not array at topics[0], MetadataRequest v1");
}

TEST_CASE("a number has to be whole and in the range of its field") {
    for (const auto* number : {"32768", "-32769", "1.0", "1e2", "\"1\"", "99999999999999999999"}) {
        const auto text = R"({"transactionalId":null,"timeoutMs":0,"topicData":[],"acks":)" +
                          std::string(number) + '}';
        CHECK_MESSAGE(problem<ProduceRequest>(text, 3).find("at acks") != std::string::npos, text);
    }
    ProduceRequest request;
    CHECK(!from_json(request, 3,
                     R"({"transactionalId":null,"timeoutMs":0,"topicData":[],"acks":-32768})"));
    CHECK(request.acks == -32768);
}

TEST_CASE("a double may be a whole number, and what Java calls it otherwise") {
    auto value = [](std::string_view number) {
        AlterClientQuotasRequest request;
        const auto text =
            R"({"validateOnly":false,"entries":[{"entity":[],"ops":[{"key":"k","value":)" +
            std::string(number) + R"(,"remove":false}]}]})";
        const auto failure = from_json(request, 1, text);
        CHECK_MESSAGE(!failure, failure.message());
        return failure ? 0 : request.entries[0].ops[0].value;
    };
    CHECK(value("5") == 5);
    CHECK(value("-1.5E3") == -1500);
    CHECK(std::isnan(value("\"NaN\"")));
    CHECK(value("\"-Infinity\"") == -INFINITY);
}

TEST_CASE("the size of record data in a request log stands for no data") {
    ProduceRequest request;
    CHECK(!from_json(request, 3, produce_with(R"({"index":0,"recordsSizeInBytes":2000000000})")));
    CHECK(request.topic_data[0].partition_data[0].records.null());
    CHECK(!from_json(request, 3, produce_with(R"({"index":0,"records":"AQID"})")));
    CHECK(request.topic_data[0].partition_data[0].records.size() == 3);
    CHECK(problem<ProduceRequest>(produce_with(R"({"index":0,"records":"AQI"})"), 3) ==
          "the text is not base64 at topicData[0].partitionData[0].records, ProduceRequest v3");
    CHECK(problem<ProduceRequest>(produce_with(R"({"indexSizeInBytes":0,"records":"AQID"})"), 3) ==
          "the field is missing at topicData[0].partitionData[0].index, ProduceRequest v3");
}

TEST_CASE("unknown tagged fields ascend, are not known ones and need a flexible version") {
    auto with = [](std::string_view tags) {
        return R"({"topics":null,"allowAutoTopicCreation":true,"includeTopicAuthorizedOperations":true,"unknownTaggedFields":)" +
               std::string(tags) + '}';
    };
    CHECK(problem<MetadataRequest>(with(R"([{"tag":3,"data":""},{"tag":4,"data":"AA=="}])"), 12) ==
          "none");
    CHECK(problem<MetadataRequest>(with(R"([{"tag":3,"data":""},{"tag":3,"data":""}])"), 12) ==
          "tags must ascend and fit in 32 bits at unknownTaggedFields[1], MetadataRequest v12");
    CHECK(problem<MetadataRequest>(with(R"([{"tag":4294967296,"data":""}])"), 12) ==
          "tags must ascend and fit in 32 bits at unknownTaggedFields[0], MetadataRequest v12");
    CHECK(problem<MetadataRequest>(with(R"([{"tag":3}])"), 12) ==
          "an object of tag and data expected at unknownTaggedFields[0], MetadataRequest v12");
    CHECK(problem<MetadataRequest>(R"({"topics":null,"unknownTaggedFields":[]})", 1) ==
          "tagged fields need a flexible version at unknownTaggedFields, MetadataRequest v1");
}
