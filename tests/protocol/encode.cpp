// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ostream>

#include <doctest/doctest.h>

#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/headers.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/produce.hpp>

#include "bytes.hpp"

using namespace kafka;
using namespace kafka::protocol;

namespace {
std::vector<int> bytes_of(const Result<ByteBuffer>& result) {
    REQUIRE(result.has_value());
    return {result->bytes().begin(), result->bytes().end()};
}
}  // namespace

TEST_CASE("a request of a rigid and of a flexible version has the bytes of the protocol guide") {
    MetadataRequest request;
    request.topics->push_back({.name = "ab"});
    CHECK(bytes_of(encode(request, 4)) == std::vector<int>{0, 0, 0, 1, 0, 2, 'a', 'b', 1});
    // v12: compact array of one, a zero id, a compact string, no tags; three bytes and no tags
    std::vector<int> expected{2};
    expected.insert(expected.end(), 16, 0);
    expected.insert(expected.end(), {3, 'a', 'b', 0, 1, 0, 0});
    CHECK(bytes_of(encode(request, 12)) == expected);
}

TEST_CASE("null and empty differ on the wire") {
    MetadataRequest request;
    CHECK(bytes_of(encode(request, 1)) == std::vector<int>{0, 0, 0, 0});
    request.topics.reset();
    CHECK(bytes_of(encode(request, 1)) == std::vector<int>{255, 255, 255, 255});
    CHECK(bytes_of(encode(request, 9)) == std::vector<int>{0, 1, 0, 0, 0});
}

TEST_CASE("the client id of a flexible request header is not compact") {
    RequestHeader header{.request_api_key = 18,
                         .request_api_version = 3,
                         .correlation_id = 7,
                         .client_id = "x",
                         .unknown_tags = {}};
    CHECK(bytes_of(encode(header, 2)) == std::vector<int>{0, 18, 0, 3, 0, 0, 0, 7, 0, 1, 'x', 0});
    header.client_id.reset();
    CHECK(bytes_of(encode(header, 1)) == std::vector<int>{0, 18, 0, 3, 0, 0, 0, 7, 255, 255});
}

TEST_CASE("a field that a version lacks and that may not be dropped is refused by name") {
    MetadataRequest request;
    request.include_topic_authorized_operations = true;
    const auto failure = encode(request, 7).failure();
    CHECK(failure.code == errc::not_in_version);
    CHECK(failure.detail ==
          "this version has no such field and it may not be dropped at "
          "includeTopicAuthorizedOperations, MetadataRequest v7");
}

TEST_CASE("a refused field inside an array is named with its index") {
    FetchRequest request;
    request.topics.resize(3);
    request.topics[2].partitions.resize(2);
    request.topics[2].partitions[1].last_fetched_epoch = 5;  // since v12, not ignorable
    const auto failure = encode(request, 11).failure();
    CHECK(failure.code == errc::not_in_version);
    CHECK(failure.detail.find("topics[2].partitions[1].lastFetchedEpoch, FetchRequest v11") !=
          std::string::npos);
}

TEST_CASE("an ignorable field is dropped from a version that lacks it") {
    FetchRequest request;
    request.rack_id = "r1";  // since v11, ignorable
    CHECK(encode(request, 10).has_value());
}

TEST_CASE("null where null is not allowed is refused by name") {
    MetadataRequest request;
    request.topics.reset();
    const auto failure = encode(request, 0).failure();
    CHECK(failure.code == errc::invalid_argument);
    CHECK(failure.detail == "null is not allowed at topics, MetadataRequest v0");
}

TEST_CASE("an invalid version is refused with the valid ones") {
    const auto failure = encode(MetadataRequest{}, 14).failure();
    CHECK(failure.code == errc::unsupported_version);
    CHECK(failure.detail == "MetadataRequest v14, valid are 0 to 13");
}

TEST_CASE("a string too long for its length field is refused") {
    MetadataRequest request;
    request.topics->push_back({.name = std::string(32768, 'x')});
    const auto failure = encode(request, 12).failure();
    CHECK(failure.code == errc::invalid_argument);
    CHECK(failure.detail.find("topics[0].name") != std::string::npos);
}

TEST_CASE("unknown tags need a flexible version") {
    MetadataRequest request;
    request.unknown_tags.add(5, std::vector<std::uint8_t>{1});
    CHECK(encode(request, 9).has_value());
    CHECK(encode(request, 8).failure().code == errc::not_in_version);
}

TEST_CASE("known and unknown tagged fields are written in ascending order") {
    FetchRequest request;
    request.cluster_id = "c";              // tag 0
    request.replica_state.replica_id = 1;  // tag 1, since v15
    request.unknown_tags.add(9, std::vector<std::uint8_t>{7});
    const auto bytes = bytes_of(encode(request, 15));
    // The tag section stands last: three tags; 0: "c"; 1: id, epoch, no tags; 9: one byte.
    const std::vector<int> expected{3,   0,   2,   2,   'c', 1,   13,  0, 0, 0, 1, 255,
                                    255, 255, 255, 255, 255, 255, 255, 0, 9, 1, 7};
    REQUIRE(bytes.size() > expected.size());
    CHECK(std::vector<int>(bytes.end() - static_cast<std::ptrdiff_t>(expected.size()),
                           bytes.end()) == expected);
}

TEST_CASE("large record data is referenced, not copied, and small record data is copied") {
    for (std::size_t size : {Gather::copy_below - 1, Gather::copy_below}) {
        std::vector<std::uint8_t> payload(size, 0x5a);
        ProduceRequest request;
        request.topic_data.resize(1);
        request.topic_data[0].name = std::string("t");
        request.topic_data[0].partition_data.resize(2);
        request.topic_data[0].partition_data[0].records = Slice(payload.data(), payload.size());
        request.topic_data[0].partition_data[1].records = Slice(payload.data(), payload.size());
        Gather out;
        REQUIRE(!encode(request, 9, out));
        std::vector<std::span<const std::uint8_t>> pieces;
        out.pieces(pieces);
        const auto same = [&](auto piece) { return piece.data() == payload.data(); };
        CHECK(std::ranges::count_if(pieces, same) == (size < Gather::copy_below ? 0 : 2));
        std::size_t total = 0;
        for (auto piece : pieces)
            total += piece.size();
        CHECK(total == out.size());

        ProduceRequest copy;
        const auto flat = out.flat();
        REQUIRE(!decode(copy, 9, test::ExactBytes::of(flat.bytes())));
        CHECK(equal(copy, request));
    }
}

TEST_CASE("record data in several parts is written part by part") {
    class Parts final : public SliceOwner {
    public:
        explicit Parts(std::vector<Slice> parts) : parts_(std::move(parts)) {}
        std::span<const Slice> parts() const noexcept override { return parts_; }

    private:
        void destroy() noexcept override { delete this; }
        std::vector<Slice> parts_;
    };
    const std::vector<std::uint8_t> large(10'000, 0x5a), small(10, 0xa5);
    const auto slice_of = [](const auto& bytes) { return Slice(bytes.data(), bytes.size()); };
    std::vector<std::uint8_t> all(small);
    all.insert(all.end(), large.begin(), large.end());
    all.insert(all.end(), small.begin(), small.end());
    ProduceRequest request, expected;
    for (auto* one : {&request, &expected}) {
        one->topic_data.resize(1);
        one->topic_data[0].name = std::string("t");
        one->topic_data[0].partition_data.resize(1);
    }
    expected.topic_data[0].partition_data[0].records = slice_of(all);
    auto* parts = new Parts({slice_of(small), slice_of(large), slice_of(small)});
    request.topic_data[0].partition_data[0].records = Slice(parts, small.data(), all.size());
    parts->drop();
    for (const int version : {3, 9}) {
        Gather out, whole;
        REQUIRE(!encode(request, version, out));
        REQUIRE(!encode(expected, version, whole));
        std::vector<std::span<const std::uint8_t>> pieces;
        out.pieces(pieces);
        CHECK(
            std::ranges::any_of(pieces, [&](auto piece) { return piece.data() == large.data(); }));
        const auto a = out.flat(), b = whole.flat();
        CHECK(std::ranges::equal(a.bytes(), b.bytes()));
    }
}
