// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <doctest/doctest.h>

#include <kafka/protocol/alter_client_quotas.hpp>
#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/json.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/sasl_authenticate.hpp>

using namespace kafka;
using namespace kafka::protocol;

namespace {

template <Message M>
std::string json_of(const M& message, int version) {
    auto text = to_json(message, version);
    return text ? *text : text.failure().detail;
}

std::string quota(double value) {
    AlterClientQuotasRequest request;
    auto& entry = request.entries.emplace_back();
    entry.ops.emplace_back().value = value;
    const auto text = json_of(request, 1);
    const auto from = text.find("\"value\":") + 8;
    return text.substr(from, text.find(',', from) - from);
}

}  // namespace

TEST_CASE("a message is one object with the fields of its version under Apache's names") {
    MetadataRequest request;
    request.topics.emplace().emplace_back().name = "a";
    CHECK(json_of(request, 1) == R"({"topics":[{"name":"a"}]})");
    CHECK(json_of(request, 4) == R"({"topics":[{"name":"a"}],"allowAutoTopicCreation":true})");
    request.topics.reset();
    CHECK(json_of(request, 1) == R"({"topics":null})");
}

TEST_CASE("a tagged field that holds its default is left out") {
    FetchRequest request;
    CHECK(json_of(request, 12).find("clusterId") == std::string::npos);
    request.cluster_id = "c";
    CHECK(json_of(request, 12).ends_with(R"(,"clusterId":"c"})"));
}

TEST_CASE("unknown tagged fields stand behind the others") {
    MetadataRequest request;
    request.topics.reset();
    const std::uint8_t data[] = {'h', 'i'};
    request.unknown_tags.add(1000, data);
    request.unknown_tags.add(1001, {});
    CHECK(
        json_of(request, 12)
            .ends_with(
                R"(,"unknownTaggedFields":[{"tag":1000,"data":"aGk="},{"tag":1001,"data":""}]})"));
}

TEST_CASE("text is escaped where JSON wants it and stays as it is elsewhere") {
    MetadataRequest request;
    request.topics.emplace().emplace_back().name = "\"\\/\n\x01\x7f\xc3\xa9\xf0\x9f\x98\x80";
    CHECK(json_of(request, 1) ==
          "{\"topics\":[{\"name\":\"\\\"\\\\/\\u000a\\u0001\x7f\xc3\xa9\xf0\x9f\x98\x80\"}]}");
}

TEST_CASE("BI-23: text that is not UTF-8 is an error with its place, not broken JSON") {
    for (const auto* text : {"\x80", "\xc0\x80", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80",
                             "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xff", "a\xe2\x82"}) {
        MetadataRequest request;
        request.topics.emplace().resize(2);
        (*request.topics)[1].name = text;
        CHECK(json_of(request, 1) == "the text is not UTF-8 at topics[1].name, MetadataRequest v1");
    }
}

TEST_CASE("a double always looks like one, and what is no number is a string") {
    CHECK(quota(5) == "5.0");
    CHECK(quota(-0.0) == "-0.0");
    CHECK(quota(0.1) == "0.1");
    CHECK(quota(1e300) == "1e+300");
    CHECK(quota(std::numeric_limits<double>::quiet_NaN()) == "\"NaN\"");
    CHECK(quota(-std::numeric_limits<double>::infinity()) == "\"-Infinity\"");
}

TEST_CASE("secrets are written: the form is lossless") {
    SaslAuthenticateRequest request;
    request.auth_bytes = Secret(std::string_view("hi"));
    CHECK(json_of(request, 2) == R"({"authBytes":"aGk="})");
}

TEST_CASE("what a version cannot carry is an error with its place") {
    MetadataRequest request;
    request.topics.reset();
    CHECK(json_of(request, 0) == "null is not allowed at topics, MetadataRequest v0");
    request.topics.emplace();
    request.allow_auto_topic_creation = false;
    const auto failure = to_json(request, 1).take_failure();
    CHECK(failure.code == make_error_code(errc::not_in_version));
    CHECK(failure.detail.find("at allowAutoTopicCreation") != std::string::npos);
    CHECK(to_json(request, 99).failure().code == make_error_code(errc::unsupported_version));
}
