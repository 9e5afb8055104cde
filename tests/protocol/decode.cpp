// SPDX-License-Identifier: Apache-2.0
// What the decoder refuses, and how it says so. The rows are those of the project's list of bad
// input.
#include <algorithm>
#include <ostream>

#include <doctest/doctest.h>

#include <kafka/protocol/api_versions.hpp>
#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/find_coordinator.hpp>
#include <kafka/protocol/get_telemetry_subscriptions.hpp>
#include <kafka/protocol/metadata.hpp>

#include "bytes.hpp"

using namespace kafka;
using namespace kafka::protocol;
using test::ExactBytes;

namespace {

template <Message M>
Failure decoded(int version, std::initializer_list<int> bytes, const DecodeLimits& limits = {}) {
    M message;
    return decode(message, version, ExactBytes::of(bytes), limits);
}
bool contains(const Failure& failure, std::string_view text) {
    INFO(failure.detail);
    return failure.detail.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a failure says what, where in the message and where in the bytes") {
    FetchResponse response;
    response.responses.resize(4);
    response.responses[3].partitions.resize(1);
    std::vector<std::uint8_t> payload(100, 1);
    response.responses[3].partitions[0].records = Slice(payload.data(), payload.size());
    const auto bytes = encode(response, 12);
    REQUIRE(bytes.has_value());
    const auto cut = bytes->size() - 60;
    FetchResponse copy;
    const auto failure = decode(copy, 12, ExactBytes::of(bytes->bytes().first(cut)));
    CHECK(failure.code == errc::malformed_message);
    const auto at = std::to_string(bytes->size() - 103) + '/' + std::to_string(cut);
    CHECK(failure.detail ==
          "100 bytes announced, 43 left at responses[3].partitions[0].records @ " + at +
              ", FetchResponse v12");
}

TEST_CASE("record data shares the input and keeps it alive") {
    FetchResponse response;
    response.responses.resize(1);
    response.responses[0].partitions.resize(1);
    std::vector<std::uint8_t> payload(5000, 0x42);
    response.responses[0].partitions[0].records = Slice(payload.data(), payload.size());
    auto bytes = encode(response, 12);
    REQUIRE(bytes.has_value());
    FetchResponse copy;
    {
        const auto input = std::move(*bytes).release();
        REQUIRE(!decode(copy, 12, input));
        const auto& records = copy.responses[0].partitions[0].records;
        CHECK(records.owner() == input.owner());
        CHECK(records.data() > input.data());
    }
    CHECK(copy.responses[0].partitions[0].records ==
          Slice(payload.data(), payload.size()));  // the input is gone, its bytes are not
}

TEST_CASE("bytes after the end of a message are refused") {
    CHECK(!decoded<MetadataRequest>(0, {0, 0, 0, 0}));
    const auto failure = decoded<MetadataRequest>(0, {0, 0, 0, 0, 9});
    CHECK(failure.code == errc::malformed_message);
    CHECK(contains(failure, "1 bytes after the end @ 4/5, MetadataRequest v0"));
}

TEST_CASE("BI-13: a count of 2^32-1 tagged fields is refused") {
    const auto failure = decoded<MetadataRequest>(9, {1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f});
    CHECK(failure.code == errc::limit_exceeded);
    CHECK(contains(failure, "4294967295 tagged fields"));
}
TEST_CASE("BI-14: a tag that is larger than what is left is refused") {
    CHECK(contains(decoded<MetadataRequest>(9, {1, 0, 0, 0, 1, 7, 5, 0}),
                   "tag 7 announces 5 bytes, 1 left"));
}
TEST_CASE("BI-15: a tag size that is negative as a signed number is refused") {
    CHECK(contains(decoded<MetadataRequest>(9, {1, 0, 0, 0, 1, 7, 0xff, 0xff, 0xff, 0xff, 0x0f}),
                   "tag 7 announces 4294967295 bytes, 0 left"));
}
TEST_CASE("BI-16: a repeated tag is refused") {
    CHECK(contains(decoded<MetadataRequest>(9, {1, 0, 0, 0, 2, 7, 0, 7, 0}), "tag 7 after tag 7"));
}
TEST_CASE("BI-17: tags out of order are refused") {
    CHECK(contains(decoded<MetadataRequest>(9, {1, 0, 0, 0, 2, 7, 0, 6, 0}), "tag 6 after tag 7"));
}
TEST_CASE("BI-18: a varint of more than five bytes is refused") {
    CHECK(contains(decoded<MetadataRequest>(9, {0x80, 0x80, 0x80, 0x80, 0x80, 0x01}),
                   "a varint of more than 32 bits"));
}
TEST_CASE("BI-19: a varint that overflows 32 bits in its fifth byte is refused") {
    CHECK(contains(decoded<MetadataRequest>(9, {0xff, 0xff, 0xff, 0xff, 0x1f}),
                   "a varint of more than 32 bits"));
}
TEST_CASE("BI-20: a string length of -2 is refused") {
    CHECK(contains(decoded<MetadataRequest>(0, {0, 0, 0, 1, 0xff, 0xfe}),
                   "length -2 at topics[0].name @ 6/6"));
}
TEST_CASE("BI-21: null for a string that may not be null is refused") {
    CHECK(contains(decoded<MetadataRequest>(0, {0, 0, 0, 1, 0xff, 0xff}),
                   "null is not allowed at topics[0].name"));
    CHECK(contains(decoded<MetadataRequest>(9, {2, 0, 0, 0, 0, 0, 0}), "null is not allowed"));
}
TEST_CASE("BI-22: a string longer than what is left is refused") {
    CHECK(contains(decoded<MetadataRequest>(0, {0, 0, 0, 1, 0, 9, 'a'}),
                   "9 bytes announced, 1 left"));
}
TEST_CASE(
    "a compact string that announces more than the longest string of any version is refused") {
    for (const std::size_t size : {32767u, 32768u}) {
        // The key, and the key's type.
        const auto announced = size + 1;
        std::vector<std::uint8_t> bytes{static_cast<std::uint8_t>(announced | 0x80),
                                        static_cast<std::uint8_t>(announced >> 7 | 0x80),
                                        static_cast<std::uint8_t>(announced >> 14)};
        bytes.resize(3 + size, 'k');
        bytes.insert(bytes.end(), {0, 0});
        FindCoordinatorRequest request;
        const auto failure = decode(request, 3, ExactBytes::of(bytes));
        if (size == 32767) {
            CHECK(!failure);
            CHECK(encode(request, 3));
        } else {
            CHECK(failure.code == errc::malformed_message);
            CHECK(contains(failure, "length 32768 at key @ 3/32773"));
        }
    }
}
TEST_CASE("BI-24: a count of 2^31-1 is refused before memory is taken") {
    const auto failure = decoded<MetadataRequest>(0, {0x7f, 0xff, 0xff, 0xff});
    CHECK(failure.code == errc::limit_exceeded);
    CHECK(contains(failure, "2147483647 elements, the limit is 1000000 at topics"));
}
TEST_CASE("BI-25: a count of -1 is null and refused where null is not allowed") {
    CHECK(contains(decoded<MetadataRequest>(0, {0xff, 0xff, 0xff, 0xff}), "null is not allowed"));
    CHECK(!decoded<MetadataRequest>(1, {0xff, 0xff, 0xff, 0xff}));
}
TEST_CASE("BI-26: a count of -2 is refused") {
    CHECK(contains(decoded<MetadataRequest>(1, {0xff, 0xff, 0xff, 0xfe}), "length -2 at topics"));
}
TEST_CASE("BI-27: a count whose smallest elements do not fit in what is left is refused") {
    // 20 topics of at least 2 bytes each in v0 need 40.
    std::vector<std::uint8_t> bytes{0, 0, 0, 20};
    bytes.resize(4 + 39);
    MetadataRequest request;
    const auto failure = decode(request, 0, ExactBytes::of(bytes));
    CHECK(contains(failure, "20 elements announced, 39 bytes left at topics"));
}
TEST_CASE("BI-28: a compact count of 0 is null and refused where null is not allowed") {
    CHECK(contains(decoded<ApiVersionsResponse>(3, {0, 0, 0, 0, 0, 0, 0, 0}),
                   "null is not allowed at apiKeys"));
}
TEST_CASE("BI-29: nested arrays that are legal one by one stop at the memory budget") {
    // 3000 topics with 300 partitions of 1 element each would be decoded from a small frame, were
    // it not for the budget given here.
    FetchResponse response;
    response.responses.resize(100);
    for (auto& topic : response.responses)
        topic.partitions.resize(100);
    const auto bytes = encode(response, 12);
    REQUIRE(bytes.has_value());
    FetchResponse copy;
    const auto input = ExactBytes::of(bytes->bytes());
    CHECK(!decode(copy, 12, input));
    FetchResponse other;
    const auto failure = decode(other, 12, input, {.max_memory = 500'000});
    CHECK(failure.code == errc::limit_exceeded);
    CHECK(contains(failure, "more memory than its budget at responses["));
}
TEST_CASE("BI-30: an array of a million and one elements is refused whatever their size") {
    std::vector<std::uint8_t> bytes(4 + 2'000'002);
    bytes[1] = 0x0f;
    bytes[2] = 0x42;
    bytes[3] = 0x41;
    MetadataRequest request;
    const auto failure = decode(request, 0, ExactBytes::of(bytes));
    CHECK(failure.code == errc::limit_exceeded);
    CHECK(contains(failure, "1000001 elements"));
}
TEST_CASE("BI-36: null for a compact array of telemetry is refused, not read as a huge count") {
    std::vector<std::uint8_t> bytes(4 + 2 + 16 + 4, 0);
    bytes.push_back(0);  // acceptedCompressionTypes: null
    GetTelemetrySubscriptionsResponse response;
    CHECK(contains(decode(response, 0, ExactBytes::of(bytes)),
                   "null is not allowed at acceptedCompressionTypes"));
}

TEST_CASE("a known tag that does not use all its bytes is refused") {
    // FetchRequest v12 without topics, then tag 0 (clusterId): "c" in a field of 4 bytes.
    FetchRequest request;
    request.cluster_id = "c";
    auto bytes = encode(request, 12);
    REQUIRE(bytes.has_value());
    // ... 1 tag, number 0, size 2, length 2, 'c'
    const auto n = bytes->size();
    REQUIRE((*bytes)[n - 3] == 2);
    (*bytes)[n - 3] = 3;
    bytes->push_back(0);
    FetchRequest copy;
    CHECK(contains(decode(copy, 12, ExactBytes::of(bytes->bytes())),
                   "1 bytes left over in a tagged field at clusterId"));
}

TEST_CASE("a known tag that needs more bytes than it announces is refused") {
    FetchRequest request;
    request.cluster_id = "cc";
    auto bytes = encode(request, 12);
    REQUIRE(bytes.has_value());
    const auto n = bytes->size();
    REQUIRE((*bytes)[n - 4] == 3);
    (*bytes)[n - 4] = 2;
    FetchRequest copy;
    CHECK(contains(decode(copy, 12, ExactBytes::of(bytes->bytes())),
                   "2 bytes announced, 1 left at clusterId"));
}

TEST_CASE("a tag that only another version has is refused") {
    // FetchRequest v12 with tag 1, the replicaState of versions 15 and up: as a struct of version
    // 12 it would be one byte, its own count of tags.
    auto bytes = encode(FetchRequest{}, 12);
    REQUIRE(bytes.has_value());
    (*bytes)[bytes->size() - 1] = 1;
    bytes->push_back(1);
    bytes->push_back(1);
    bytes->push_back(0);
    FetchRequest copy;
    CHECK(contains(decode(copy, 12, ExactBytes::of(bytes->bytes())),
                   "tag 1 is not in this version at replicaState"));
}

TEST_CASE("unknown tags are kept and written again") {
    MetadataRequest request;
    REQUIRE(!decode(request, 9, ExactBytes::of({1, 0, 0, 0, 2, 40, 2, 'h', 'i', 41, 0})));
    REQUIRE(request.unknown_tags.all().size() == 2);
    CHECK(request.unknown_tags.all()[0] == RawTag{40, {'h', 'i'}});
    CHECK(request.unknown_tags.all()[1] == RawTag{41, {}});
}

TEST_CASE("a bool of any other value than 0 is true") {
    MetadataRequest request;
    REQUIRE(!decode(request, 4, ExactBytes::of({0, 0, 0, 0, 2})));
    CHECK(request.allow_auto_topic_creation);
}
