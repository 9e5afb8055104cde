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
#include <kafka/protocol/offset_commit.hpp>
#include <kafka/protocol/offset_delete.hpp>
#include <kafka/protocol/registry.hpp>
#include <kafka/protocol/varint.hpp>

#include "growth.hpp"
#include "protocol/decode_support.hpp"

using namespace kafka;
using namespace kafka::protocol;
using test::AllocationScope;
using test::decode_counted;
using test::ExactBytes;
using test::growth;
using test::memory_bound;
using test::most_growth;
using test::words;

namespace {

bool contains(const Failure& failure, std::string_view text) {
    INFO(failure.detail);
    return failure.detail.find(text) != std::string::npos;
}
template <Message M>
Failure decoded(int version, std::initializer_list<int> bytes) {
    M message;
    return decode(message, version, ExactBytes::of(bytes));
}
/// Refused with these words, and no memory was taken but for them.
template <Message M>
void check_refused(int version, const std::vector<std::uint8_t>& bytes, errc code,
                   const std::string& detail) {
    const auto decoding = decode_counted<M>(version, bytes);
    CHECK(decoding.failure.code == code);
    CHECK(decoding.failure.detail == detail);
    CHECK(decoding.peak <= words);
}
template <Message M>
std::vector<std::uint8_t> flat(const M& message, int version) {
    const auto bytes = encode(message, version);
    REQUIRE(bytes.has_value());
    return {bytes->bytes().begin(), bytes->bytes().end()};
}
void put_uvarint(std::vector<std::uint8_t>& to, std::size_t value) {
    std::uint8_t room[5];
    to.insert(to.end(), room, write_varint(room, static_cast<std::uint32_t>(value)));
}
std::vector<std::uint8_t> join(std::vector<std::uint8_t> first,
                               const std::vector<std::uint8_t>& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
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
    check_refused<MetadataRequest>(
        9, {1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f}, errc::limit_exceeded,
        "4294967295 tagged fields, the limit is 10000 at tags @ 9/9, MetadataRequest v9");
    // Below the limit, but not in these bytes.
    check_refused<MetadataRequest>(9, {1, 0, 0, 0, 2, 7, 0, 8}, errc::malformed_message,
                                   "2 tagged fields announced, 3 bytes left at tags @ 5/8, "
                                   "MetadataRequest v9");
}
TEST_CASE("BI-14: a tag that is larger than what is left is refused") {
    check_refused<MetadataRequest>(
        9, {1, 0, 0, 0, 1, 7, 5, 0}, errc::malformed_message,
        "tag 7 announces 5 bytes, 1 left at tags @ 7/8, MetadataRequest v9");
    // In a topic.
    check_refused<MetadataRequest>(
        9, {2, 2, 'a', 1, 7, 5, 0, 0}, errc::malformed_message,
        "tag 7 announces 5 bytes, 2 left at topics[0].tags @ 6/8, MetadataRequest v9");
}
TEST_CASE("BI-15: a tag size that is negative as a signed number is refused") {
    check_refused<MetadataRequest>(
        9, {1, 0, 0, 0, 1, 7, 0xff, 0xff, 0xff, 0xff, 0x0f}, errc::malformed_message,
        "tag 7 announces 4294967295 bytes, 0 left at tags @ 11/11, MetadataRequest v9");
}
TEST_CASE("BI-16: a repeated tag is refused") {
    check_refused<MetadataRequest>(9, {1, 0, 0, 0, 2, 7, 0, 7, 0}, errc::malformed_message,
                                   "tag 7 after tag 7 at tags @ 9/9, MetadataRequest v9");
}
TEST_CASE("BI-17: tags out of order are refused") {
    check_refused<MetadataRequest>(9, {1, 0, 0, 0, 2, 7, 0, 6, 0}, errc::malformed_message,
                                   "tag 6 after tag 7 at tags @ 9/9, MetadataRequest v9");
}
TEST_CASE("BI-13 BI-16 BI-17: ten thousand tags are read in linear time, more are refused") {
    const auto with_tags = [](std::size_t count) {
        std::vector<std::uint8_t> bytes{1, 0, 0, 0};
        put_uvarint(bytes, count);
        for (std::size_t tag = 0; tag < count; ++tag) {
            put_uvarint(bytes, tag);
            bytes.push_back(0);
        }
        return bytes;
    };
    const auto most = with_tags(10'000);
    const auto decoding = decode_counted<MetadataRequest>(9, most);
    CHECK(!decoding.failure);
    CHECK(decoding.peak <= memory_bound(most.size()));
    CHECK(decode_counted<MetadataRequest>(9, with_tags(10'001)).failure.code ==
          errc::limit_exceeded);
    CHECK(growth(1'000, with_tags, [](const auto& bytes) {
              CHECK(!decode_counted<MetadataRequest>(9, bytes).failure);
          }) < most_growth);
}
TEST_CASE("BI-18: a varint of 6 to 10 bytes is refused where 32 bits are meant") {
    for (std::size_t size = 6; size <= 10; ++size) {
        std::vector<std::uint8_t> bytes(size, 0x80);
        bytes.back() = 1;
        check_refused<MetadataRequest>(9, bytes, errc::malformed_message,
                                       "a varint of more than 32 bits at topics @ 0/" +
                                           std::to_string(size) + ", MetadataRequest v9");
    }
    check_refused<MetadataRequest>(
        9, {0x80, 0x80}, errc::malformed_message,
        "the input ends inside a varint at topics @ 0/2, MetadataRequest v9");
}
TEST_CASE("BI-19: a varint that overflows 32 bits in its fifth byte is refused") {
    for (const int fifth : {0x10, 0x1f, 0x20, 0x7f})
        check_refused<MetadataRequest>(
            9, {0xff, 0xff, 0xff, 0xff, static_cast<std::uint8_t>(fifth)}, errc::malformed_message,
            "a varint of more than 32 bits at topics @ 0/5, MetadataRequest v9");
}
TEST_CASE("BI-20: a string length of -2 is refused") {
    check_refused<MetadataRequest>(0, {0, 0, 0, 1, 0xff, 0xfe}, errc::malformed_message,
                                   "length -2 at topics[0].name @ 6/6, MetadataRequest v0");
}
TEST_CASE("BI-21: null for a string that may not be null is refused") {
    check_refused<MetadataRequest>(
        0, {0, 0, 0, 1, 0xff, 0xff}, errc::malformed_message,
        "null is not allowed at topics[0].name @ 6/6, MetadataRequest v0");
    check_refused<MetadataRequest>(
        9, {2, 0, 0, 0, 0, 0, 0}, errc::malformed_message,
        "null is not allowed at topics[0].name @ 2/7, MetadataRequest v9");
}
TEST_CASE("BI-22: a string longer than what is left is refused") {
    check_refused<MetadataRequest>(
        0, {0, 0, 0, 1, 0, 9, 'a'}, errc::malformed_message,
        "9 bytes announced, 1 left at topics[0].name @ 6/7, MetadataRequest v0");
    check_refused<MetadataRequest>(
        9, {2, 10, 'a', 0, 0, 0, 0, 0}, errc::malformed_message,
        "9 bytes announced, 6 left at topics[0].name @ 2/8, MetadataRequest v9");
}
TEST_CASE("BI-23: text that is not UTF-8, control characters and quotes do not get into logs raw") {
    MetadataResponse response;
    response.brokers.resize(1);
    response.brokers[0].host = "\xff\xfe\"\n";
    response.topics.resize(1);
    response.topics[0].name = "\xc3(\x1b[31m";
    const auto bytes = encode(response, 12);
    REQUIRE(bytes.has_value());
    MetadataResponse copy;
    const auto decoding = decode_counted(copy, 12, ExactBytes::of(bytes->bytes()));
    CHECK(!decoding.failure);
    CHECK(copy.brokers[0].host == response.brokers[0].host);  // kept as it came
    CHECK(copy.topics[0].name == response.topics[0].name);
    const auto text = print(copy, 12);
    CHECK(std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }));
    CHECK(text.find(R"(host: "\xff\xfe"\x0a")") != std::string::npos);
}
TEST_CASE("BI-23: a bool of any other value than 0 is true, and a UUID of zeros is one") {
    MetadataRequest request;
    REQUIRE(!decode(request, 4, ExactBytes::of({0, 0, 0, 0, 2})));
    CHECK(request.allow_auto_topic_creation);
    MetadataRequest zero;
    std::vector<std::uint8_t> bytes{2};
    bytes.resize(1 + 16, 0);
    bytes.insert(bytes.end(), {2, 't', 0, 0xff, 0, 0});
    REQUIRE(!decode(zero, 12, ExactBytes::of(bytes)));
    CHECK((*zero.topics)[0].topic_id == Uuid{});
    CHECK(zero.allow_auto_topic_creation);
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
    check_refused<MetadataRequest>(
        0, {0x7f, 0xff, 0xff, 0xff}, errc::limit_exceeded,
        "2147483647 elements, the limit is 1000000 at topics @ 4/4, MetadataRequest v0");
    check_refused<MetadataRequest>(
        9, {0xff, 0xff, 0xff, 0xff, 0x0f}, errc::limit_exceeded,
        "4294967294 elements, the limit is 1000000 at topics @ 5/5, MetadataRequest v9");
}
TEST_CASE("BI-25: a count of -1 is null and refused where null is not allowed") {
    check_refused<MetadataRequest>(0, {0xff, 0xff, 0xff, 0xff}, errc::malformed_message,
                                   "null is not allowed at topics @ 4/4, MetadataRequest v0");
    MetadataRequest request;
    CHECK(!decode(request, 1, ExactBytes::of({0xff, 0xff, 0xff, 0xff})));
    CHECK(!request.topics);
}
TEST_CASE("BI-26: a count of -2 is refused") {
    check_refused<MetadataRequest>(1, {0xff, 0xff, 0xff, 0xfe}, errc::malformed_message,
                                   "length -2 at topics @ 4/4, MetadataRequest v1");
}
TEST_CASE("BI-27: a count whose smallest elements do not fit in what is left is refused") {
    // 20 topics of at least 2 bytes each in v0 need 40.
    std::vector<std::uint8_t> bytes{0, 0, 0, 20};
    bytes.resize(4 + 39);
    check_refused<MetadataRequest>(
        0, bytes, errc::malformed_message,
        "20 elements announced, 39 bytes left at topics @ 4/43, MetadataRequest v0");
    bytes.assign(4 + 1'000'000, 0);
    bytes[1] = 0x07;  // 458,752 of at least 3 bytes
    check_refused<OffsetDeleteRequest>(
        0, join({0, 1, 'g'}, bytes), errc::malformed_message,
        "458752 elements announced, 1000000 bytes left at topics @ 7/1000007, "
        "OffsetDeleteRequest v0");
}
TEST_CASE("BI-28: a compact count of 0 is null and refused where null is not allowed") {
    check_refused<ApiVersionsResponse>(
        3, {0, 0, 0, 0, 0, 0, 0, 0}, errc::malformed_message,
        "null is not allowed at apiKeys @ 3/8, ApiVersionsResponse v3");
}
TEST_CASE("BI-29: nested arrays that are legal one by one stop at the memory budget") {
    // Topics with one partition each, whose every field is as small as it can be: what is largest
    // in memory for its bytes.
    const auto topics = [](std::size_t count) {
        OffsetCommitResponse response;
        response.topics.resize(count);
        for (auto& topic : response.topics)
            topic.partitions.resize(1);
        return flat(response, 8);
    };
    const auto bytes = topics(100'000);
    const auto decoding = decode_counted<OffsetCommitResponse>(8, bytes);
    CHECK(decoding.peak <= memory_bound(bytes.size()));
    // A budget of the caller's.
    const auto small = decode_counted<OffsetCommitResponse>(8, bytes, {.max_memory = 500'000});
    CHECK(small.failure.code == errc::limit_exceeded);
    CHECK(contains(small.failure, "the message would take more memory than its budget at topics"));
    CHECK(small.peak <= 500'000 + words);
    CHECK(growth(5'000, topics, [](const auto& each) {
              CHECK(!decode_counted<OffsetCommitResponse>(8, each).failure);
          }) < most_growth);
}
TEST_CASE("BI-29: a response of empty partitions within its budget is read") {
    FetchResponse response;
    response.responses.resize(100);
    for (auto& topic : response.responses)
        topic.partitions.resize(100);
    const auto bytes = flat(response, 12);
    CHECK(!decode_counted<FetchResponse>(12, bytes).failure);
    const auto small = decode_counted<FetchResponse>(12, bytes, {.max_memory = 500'000});
    CHECK(small.failure.code == errc::limit_exceeded);
    CHECK(contains(small.failure, "more memory than its budget at responses["));
}
TEST_CASE("BI-29: many structs with many unknown tags stay within the budget") {
    // 65 tags of two bytes in each topic: a vector that doubles would take twice what they need.
    std::vector<std::uint8_t> bytes;
    put_uvarint(bytes, 10'001);
    for (int topic = 0; topic < 10'000; ++topic) {
        bytes.insert(bytes.end(), {1, 65});
        for (std::uint8_t tag = 0; tag < 65; ++tag)
            bytes.insert(bytes.end(), {tag, 0});
    }
    bytes.insert(bytes.end(), {0, 0, 0, 0});
    const auto decoding = decode_counted<MetadataRequest>(9, bytes);
    CHECK(!decoding.failure);
    CHECK(decoding.peak <= memory_bound(bytes.size()));
}
TEST_CASE("BI-29: no message takes more than its budget where its elements are least") {
    // One byte over and over, as counts and as content: each array has as many of the smallest
    // elements as the bytes allow.
    const auto try_one = [](const MessageInfo& info, AnyMessage (*make)()) {
        for (int version = info.versions.min; version <= info.versions.max; ++version) {
            for (const unsigned fill : {0u, 1u, 2u, 3u}) {
                const std::vector<std::uint8_t> bytes(200'000, static_cast<std::uint8_t>(fill));
                const auto in = ExactBytes::of(bytes);
                const auto message = make();
                std::size_t used = 0;
                AllocationScope scope;
                (void)decode(info, message.get(), version, in, {}, used);
                const auto peak = scope.peak();
                CAPTURE(info.name);
                CAPTURE(version);
                CAPTURE(fill);
                REQUIRE(peak <= memory_bound(bytes.size()));
            }
        }
    };
    for (const auto& api : apis()) {
        try_one(*api.request, api.make_request);
        try_one(*api.response, api.make_response);
    }
}
TEST_CASE("BI-30: an array of a million and one elements is refused whatever their size") {
    std::vector<std::uint8_t> bytes(4 + 2'000'002);
    bytes[1] = 0x0f;
    bytes[2] = 0x42;
    bytes[3] = 0x41;
    check_refused<MetadataRequest>(
        0, bytes, errc::limit_exceeded,
        "1000001 elements, the limit is 1000000 at topics @ 4/2000006, MetadataRequest v0");
}
TEST_CASE("BI-30: elements of one byte, only tags, are bounded by the memory they take") {
    std::vector<std::uint8_t> many;
    put_uvarint(many, 900'001);
    many.resize(many.size() + 900'000, 1);  // in MetadataRequest v9 a topic has at least 2 bytes
    check_refused<MetadataRequest>(
        9, many, errc::malformed_message,
        "900000 elements announced, 900000 bytes left at topics @ 3/900003, MetadataRequest v9");
    // 450,000 topics, each an empty name and no tags: legal, and small.
    std::vector<std::uint8_t> legal;
    put_uvarint(legal, 450'001);
    for (int i = 0; i < 450'000; ++i)
        legal.insert(legal.end(), {1, 0});
    legal.insert(legal.end(), {0, 0, 0, 0});
    const auto decoding = decode_counted<MetadataRequest>(9, legal);
    CHECK(decoding.peak <= memory_bound(legal.size()));
}
TEST_CASE("BI-36: null for a compact array of telemetry is refused, not read as a huge count") {
    std::vector<std::uint8_t> bytes(4 + 2 + 16 + 4, 0);
    bytes.push_back(0);  // acceptedCompressionTypes: null
    check_refused<GetTelemetrySubscriptionsResponse>(
        0, bytes, errc::malformed_message,
        "null is not allowed at acceptedCompressionTypes @ 27/27, "
        "GetTelemetrySubscriptionsResponse v0");
}
TEST_CASE("BI-36: null is taken for a compact array that may be null, in either form") {
    MetadataRequest request;
    CHECK(!decode(request, 9, ExactBytes::of({0, 0, 0, 0, 0})));
    CHECK(!request.topics);
}
TEST_CASE(
    "BI-77: a million aborted transactions in any order are read in linear time, not one more") {
    const auto with_aborted = [](std::size_t count) {
        FetchResponse response;
        response.responses.resize(1);
        response.responses[0].partitions.resize(1);
        auto& aborted = response.responses[0].partitions[0].aborted_transactions.emplace(count);
        for (std::size_t i = 0; i < count; ++i) {
            // Unordered, each twice, and far above any batch.
            aborted[i].producer_id = static_cast<std::int64_t>(i / 2);
            aborted[i].first_offset = static_cast<std::int64_t>((count - i) << 40);
        }
        return flat(response, 11);
    };
    const auto most = with_aborted(1'000'000);
    FetchResponse response;
    const auto decoding = decode_counted(response, 11, ExactBytes::of(most));
    REQUIRE(!decoding.failure);
    CHECK(decoding.peak <= memory_bound(most.size()));
    const auto& aborted = *response.responses[0].partitions[0].aborted_transactions;
    CHECK(aborted.size() == 1'000'000);
    CHECK(aborted[0].first_offset > aborted[1].first_offset);  // as they came
    CHECK(aborted[0].producer_id == aborted[1].producer_id);
    const auto above = decode_counted<FetchResponse>(11, with_aborted(1'000'001));
    CHECK(above.failure.code == errc::limit_exceeded);
    CHECK(contains(above.failure,
                   "1000001 elements, the limit is 1000000 at "
                   "responses[0].partitions[0].abortedTransactions @ "));
    CHECK(above.peak <= 10'000);
    CHECK(growth(10'000, with_aborted, [](const auto& each) {
              CHECK(!decode_counted<FetchResponse>(11, each).failure);
          }) < most_growth);
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
