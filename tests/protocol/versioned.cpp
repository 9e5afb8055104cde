// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include <doctest/doctest.h>

#include <kafka/protocol/consumer_protocol.hpp>
#include <kafka/protocol/control_record_values.hpp>
#include <kafka/protocol/versioned.hpp>

#include "protocol/random.hpp"

using namespace kafka;
using namespace kafka::protocol;

TEST_CASE("subscriptions and assignments of every version round-trip as blobs") {
    for (int v = 0; v <= 3; ++v) {
        const auto subscription = random_message<ConsumerProtocolSubscription>(
            v, {.seed = static_cast<std::uint64_t>(v) + 1});
        const auto blob = encode_versioned(subscription, v);
        REQUIRE(blob.has_value());
        const auto copy = decode_versioned<ConsumerProtocolSubscription>(*blob);
        REQUIRE(copy.has_value());
        CHECK(equal(*copy, subscription));

        ConsumerProtocolAssignment assignment;
        assignment.assigned_partitions.push_back({.topic = "t", .partitions = {3, 1, 2}});
        assignment.user_data = Bytes{1, 2};
        const auto other = encode_versioned(assignment, v);
        REQUIRE(other.has_value());
        const auto read = decode_versioned<ConsumerProtocolAssignment>(*other);
        REQUIRE(read.has_value());
        CHECK(equal(*read, assignment));
    }
}

TEST_CASE("a subscription has the bytes that the Java client writes") {
    ConsumerProtocolSubscription subscription;
    subscription.topics = {"a"};
    const auto blob = encode_versioned(subscription, 1);
    REQUIRE(blob.has_value());
    // version, one topic, its name, user data null, no owned partitions
    CHECK(*blob == Bytes{0, 1, 0, 0, 0, 1, 0, 1, 'a', 255, 255, 255, 255, 0, 0, 0, 0});
}

TEST_CASE("BI-97: a blob that is empty or cut is refused, one of a newer version is read") {
    CHECK(decode_versioned<ConsumerProtocolSubscription>({}).failure().code ==
          errc::malformed_message);
    const Bytes negative{0x80, 0, 0, 0, 0, 0};
    CHECK(decode_versioned<ConsumerProtocolSubscription>(negative).failure().detail ==
          "version -32768 of ConsumerProtocolSubscription");

    ConsumerProtocolSubscription subscription;
    subscription.topics = {"a"};
    auto blob = encode_versioned(subscription, 3);
    REQUIRE(blob.has_value());
    for (std::size_t cut = 2; cut < blob->size(); ++cut) {
        const Bytes part(blob->begin(), blob->begin() + static_cast<std::ptrdiff_t>(cut));
        CHECK(decode_versioned<ConsumerProtocolSubscription>(part).failure().code ==
              errc::malformed_message);
    }
    (*blob)[0] = 0x7f;
    (*blob)[1] = 0xff;
    blob->push_back(9);  // what a later version appended
    const auto newer = decode_versioned<ConsumerProtocolSubscription>(*blob);
    REQUIRE(newer.has_value());
    CHECK(newer->topics == subscription.topics);
}

TEST_CASE("bytes after a blob of a known version are refused") {
    auto blob = encode_versioned(EndTxnMarker{.coordinator_epoch = 7}, 0);
    REQUIRE(blob.has_value());
    CHECK(*blob == Bytes{0, 0, 0, 0, 0, 7});
    blob->push_back(0);
    CHECK(decode_versioned<EndTxnMarker>(*blob).failure().detail ==
          "1 bytes after the end, EndTxnMarker v0");
}
