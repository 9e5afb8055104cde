// SPDX-License-Identifier: Apache-2.0
#include "core/handshake.hpp"

#include <algorithm>
#include <ostream>

#include <doctest/doctest.h>

#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/metadata.hpp>

#include "allocation_counter.hpp"
#include "core/versions.hpp"
#include "growth.hpp"
#include "protocol/bytes.hpp"

using namespace kafka;
using namespace kafka::core;
using protocol::ApiVersionsResponse;
using test::AllocationScope;
using test::ExactBytes;
using test::growth;
using test::most_growth;
using Step = Handshake::Step;

namespace {

constexpr std::int16_t api_versions_key = 18;

Slice encoded(const ApiVersionsResponse& response, int version) {
    auto bytes = protocol::encode(response, version);
    REQUIRE(bytes.has_value());
    return ExactBytes::of(bytes->bytes());
}
ApiVersionsResponse offering(std::int16_t min, std::int16_t max) {
    ApiVersionsResponse response;
    response.api_keys = {{.api_key = 3, .min_version = 0, .max_version = 13},
                         {.api_key = api_versions_key, .min_version = min, .max_version = max}};
    return response;
}
Slice refusal(std::int16_t min, std::int16_t max) {
    auto response = offering(min, max);
    response.error_code = 35;
    return encoded(response, 0);
}
const auto newest = protocol::ApiVersionsRequest::info.stable().max;

}  // namespace

TEST_CASE("the first question has the newest stable version and names the software (KIP-511)") {
    Handshake h("kafka-asio", "1.2.3");
    CHECK(h.start() == Step::send);
    CHECK(h.version() == newest);
    CHECK(h.request().client_software_name == "kafka-asio");
    CHECK(h.request().client_software_version == "1.2.3");
}

TEST_CASE("an answer at the version asked ends the handshake") {
    Handshake h("a", "1");
    h.start();
    CHECK(h.resume(encoded(offering(0, newest), newest)) == Step::done);
    CHECK(VersionTable(h.take_response()).find(3) == protocol::VersionRange{0, 13});
}

TEST_CASE("a broker that lacks the version is asked again with the highest one it offers") {
    Handshake h("a", "1");
    h.start();
    CHECK(h.resume(refusal(0, 2)) == Step::send);
    CHECK(h.version() == 2);
    CHECK(h.resume(encoded(offering(0, 2), 2)) == Step::done);
}

TEST_CASE("a refusal without a hint is followed by version 0, which every broker has") {
    ApiVersionsResponse bare;
    bare.error_code = 35;
    for (const auto& body :
         {encoded(bare, 0), ExactBytes::of(as_bytes(std::string_view("\0\43", 2)))}) {
        Handshake h("a", "1");
        h.start();
        CHECK(h.resume(body) == Step::send);
        CHECK(h.version() == 0);
    }
}

TEST_CASE("BI-31: an answer that offers no API is an error") {
    Handshake h("a", "1");
    h.start();
    CHECK(h.resume(encoded(ApiVersionsResponse{}, newest)) == Step::failed);
    CHECK(h.failure().code == errc::malformed_message);
    CHECK(h.failure().detail ==
          "the answer to ApiVersions v" + std::to_string(newest) + " offers no API");
}

TEST_CASE("BI-32: a row with min above max counts as not offered") {
    auto response = offering(0, newest);
    response.api_keys[0].min_version = 9;
    response.api_keys[0].max_version = 2;
    Handshake h("a", "1");
    h.start();
    CHECK(h.resume(encoded(response, newest)) == Step::done);
    const VersionTable table(h.take_response());
    CHECK(table.find(3).empty());
    const auto failure = choose_version(protocol::MetadataRequest::info, table).failure();
    CHECK(failure.code == errc::unsupported_api);
    CHECK(failure.detail == "the broker does not offer Metadata");
}

TEST_CASE("BI-33: a good answer that lists a lower ApiVersions than was asked is taken") {
    Handshake h("a", "1");
    h.start();
    CHECK(h.resume(encoded(offering(0, 1), newest)) == Step::done);
    CHECK(VersionTable(h.take_response()).find(api_versions_key) == protocol::VersionRange{0, 1});
}

TEST_CASE("BI-33: a broker whose newest version of an API is below our oldest is told with both") {
    // Versions 0 to 2 of Fetch are gone (KIP-896).
    auto response = offering(0, newest);
    response.api_keys.push_back({.api_key = 1, .min_version = 0, .max_version = 2});
    const auto failure =
        choose_version(protocol::FetchRequest::info, VersionTable(response)).failure();
    CHECK(failure.code == errc::unsupported_version);
    CHECK(failure.detail == "this client has Fetch v4-v18, the broker v0-v2");
}

TEST_CASE("BI-34: hints that are never lower than what was sent end after version 0") {
    Handshake h("a", "1");
    auto step = h.start();
    int questions = 0;
    auto before = static_cast<std::int16_t>(newest + 1);
    while (step == Step::send) {
        REQUIRE(++questions <= newest + 1);
        CHECK(h.version() < before);
        before = h.version();
        step = h.resume(refusal(0, 32767));
    }
    CHECK(step == Step::failed);
    CHECK(h.failure().code == broker_errc::unsupported_version);
    CHECK(h.failure().detail == "the broker's answer to ApiVersions v0");
    CHECK(questions == newest + 1);
}

TEST_CASE("a broker whose lowest version is above ours is refused with both versions named") {
    Handshake h("a", "1");
    h.start();
    const auto above = static_cast<std::int16_t>(newest + 5);
    CHECK(h.resume(refusal(above, above)) == Step::failed);
    CHECK(h.failure().code == errc::unsupported_version);
}

TEST_CASE("BI-35: 50,000 rows are read, in linear time and little memory") {
    const auto rows = [](std::size_t count) {
        ApiVersionsResponse response = offering(0, newest);
        for (std::size_t i = 0; i < count; ++i)
            response.api_keys.push_back(
                {.api_key = static_cast<std::int16_t>(i), .max_version = 1});
        return encoded(response, newest);
    };
    const auto body = rows(50'000);
    CHECK(body.size() < 512 * 1024);
    Handshake h("a", "1");
    h.start();
    AllocationScope scope;
    const auto step = h.resume(body);
    const auto peak = scope.peak();
    CHECK(step == Step::done);
    CHECK(peak <= 16 * body.size() + (1 << 20));
    const VersionTable table(h.take_response());
    CHECK(table.find(3) == protocol::VersionRange{0, 13});  // of two rows the first counts
    CHECK(table.find(40) == protocol::VersionRange{0, 1});
    CHECK(growth(5'000, rows, [](const Slice& each) {
              Handshake other("a", "1");
              other.start();
              CHECK(other.resume(each) == Step::done);
          }) < most_growth);
}

TEST_CASE("BI-37: duplicate features and a finalized epoch of -1 do no harm") {
    auto response = offering(0, newest);
    response.supported_features = {{.name = "metadata.version"}, {.name = "metadata.version"}};
    response.finalized_features_epoch = -1;
    Handshake h("a", "1");
    h.start();
    CHECK(h.resume(encoded(response, newest)) == Step::done);
    CHECK(h.take_response().supported_features.size() == 2);
}

TEST_CASE("BI-38: an unknown error code is the broker's error with its number") {
    auto response = offering(0, newest);
    response.error_code = 32000;
    Handshake h("a", "1");
    h.start();
    CHECK(h.resume(encoded(response, newest)) == Step::failed);
    CHECK(h.failure().code == broker_error(32000));
    CHECK(h.failure().detail == "the broker's answer to ApiVersions v" + std::to_string(newest));
    CHECK(h.failure().message().find("32000") != std::string::npos);
}

TEST_CASE("BI-36: an answer whose array of APIs is null is malformed") {
    auto body = encoded(offering(0, newest), newest);
    std::vector<std::uint8_t> bytes(body.bytes().begin(), body.bytes().end());
    bytes[2] = 0;  // behind the error code
    Handshake h("a", "1");
    h.start();
    CHECK(h.resume(ExactBytes::of(bytes)) == Step::failed);
    CHECK(h.failure().code == errc::malformed_message);
    CHECK(h.failure().detail.find("null is not allowed at apiKeys @ 3/") == 0);
}

TEST_CASE("an answer cut anywhere is malformed and names the API") {
    const auto whole = encoded(offering(0, newest), newest);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        Handshake h("a", "1");
        h.start();
        REQUIRE(h.resume(ExactBytes::of(whole.bytes().first(size))) == Step::failed);
        CHECK(h.failure().code == errc::malformed_message);
        CHECK(h.failure().detail.find('/' + std::to_string(size) + ", ApiVersionsResponse v" +
                                      std::to_string(newest)) != std::string::npos);
    }
}

TEST_CASE("client software names are those that brokers take") {
    for (const char* name : {"kafka-asio", "a", "librdkafka.2", "A-1.b"})
        CHECK(valid_software_name(name));
    for (const char* name : {"", "-a", "a-", ".a", "a b", "a_b", "\xc3\xa9", "a\n"})
        CHECK(!valid_software_name(name));
}
