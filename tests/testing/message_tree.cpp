// SPDX-License-Identifier: Apache-2.0
#include "testing/message_tree.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include <kafka/protocol/offset_fetch.hpp>
#include <kafka/protocol/registry.hpp>

#include "protocol/random.hpp"
#include "testing/cluster.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
using protocol::ApiEntry;

bool none(const Item&) {
    return false;
}
bool all(const Item&) {
    return true;
}

// Every API in every version, with random content.
template <class Check>
void for_each_message(Check&& check) {
    for (const auto& api : protocol::apis()) {
        const auto versions = api.request->versions;
        for (int version = versions.min; version <= versions.max; ++version) {
            for (std::uint64_t seed = 0; seed < 3; ++seed) {
                CAPTURE(api.request->api);
                CAPTURE(version);
                CAPTURE(seed);
                check(api, version, seed);
            }
        }
    }
}

protocol::AnyMessage random(const protocol::MessageInfo& info, protocol::AnyMessage (*make)(),
                            int version, std::uint64_t seed) {
    auto message = make();
    protocol::randomize(info, message.get(), version, {.seed = seed, .unknown_tags = true});
    return message;
}

bool encodes(const protocol::MessageInfo& info, const void* message, int version) {
    protocol::Gather out;
    const auto failure = protocol::encode(info, message, version, out);
    CHECK_MESSAGE(!failure, failure.message());
    return !failure;
}

}  // namespace

TEST_CASE("a copy without anything left out is equal, for every message") {
    const Cluster cluster({.topics = {}});
    for_each_message([&](const ApiEntry& api, int version, std::uint64_t seed) {
        const auto request = random(*api.request, api.make_request, version, seed);
        auto copy = api.make_request();
        copy_without({*api.request, request.get(), version, cluster}, copy.get(), none);
        CHECK(protocol::equal(*api.request, request.get(), copy.get()));
        const auto response = random(*api.response, api.make_response, version, seed);
        auto other = api.make_response();
        copy_repeated({*api.response, response.get(), version, cluster}, other.get(), none, 2);
        CHECK(protocol::equal(*api.response, response.get(), other.get()));
    });
}

TEST_CASE("what is left out of a message is not named by it any more, for every message") {
    const Cluster cluster({.topics = {}});
    for_each_message([&](const ApiEntry& api, int version, std::uint64_t seed) {
        const auto request = random(*api.request, api.make_request, version, seed);
        auto rest = api.make_request();
        copy_without({*api.request, request.get(), version, cluster}, rest.get(), all);
        const auto left = subjects_of({*api.request, rest.get(), version, cluster}).items;
        // What stands alone in a field cannot be left out.
        for (const auto& item : left)
            CHECK(!item.partition.has_value());
        CHECK(encodes(*api.request, rest.get(), version));
    });
}

TEST_CASE("a refusal can be made for every request, and can be sent") {
    const Cluster cluster({.topics = {}});
    for_each_message([&](const ApiEntry& api, int version, std::uint64_t seed) {
        const auto request = random(*api.request, api.make_request, version, seed);
        const auto subjects = subjects_of({*api.request, request.get(), version, cluster});
        auto empty = api.make_response();
        auto refusal = api.make_response();
        copy_with_refusals({*api.response, empty.get(), version, cluster}, refusal.get(),
                           subjects.items, broker_errc::topic_authorization_failed);
        const MessageView view{*api.response, refusal.get(), version, cluster};
        static_cast<void>(
            set_error(view, natural_level(subjects), all, broker_errc::policy_violation));
        CHECK(encodes(*api.response, refusal.get(), version));
    });
}

TEST_CASE("partitions of a group are refused in the form of every version") {
    const Cluster cluster({.topics = {}});
    using protocol::OffsetFetchRequest;
    const auto versions = OffsetFetchRequest::info.stable();
    for (int version = versions.min; version <= std::min<int>(versions.max, 9); ++version) {
        CAPTURE(version);
        OffsetFetchRequest request;
        if (version < 8) {
            request.group_id = "g";
            auto& topic = request.topics.emplace().emplace_back();
            topic.name = "t";
            topic.partition_indexes = {3, 4};
        } else {
            auto& group = request.groups.emplace_back();
            group.group_id = "g";
            auto& topic = group.topics.emplace().emplace_back();
            topic.name = "t";
            topic.partition_indexes = {3, 4};
        }
        const auto subjects = subjects_of({OffsetFetchRequest::info, &request, version, cluster});
        CHECK(subjects.groups == std::vector<std::string>{"g"});
        REQUIRE(subjects.items.size() == 2);
        CHECK(subjects.items[1].partition == 4);
        protocol::OffsetFetchResponse empty, refusal;
        copy_with_refusals({protocol::OffsetFetchResponse::info, &empty, version, cluster},
                           &refusal, subjects.items, broker_errc::unstable_offset_commit);
        if (version < 8) {
            REQUIRE(refusal.topics.size() == 1);
            REQUIRE(refusal.topics[0].partitions.size() == 2);
            CHECK(refusal.topics[0].name == "t");
            CHECK(refusal.topics[0].partitions[1].partition_index == 4);
            CHECK(refusal.topics[0].partitions[1].error_code ==
                  code(broker_errc::unstable_offset_commit));
        } else {
            REQUIRE(refusal.groups.size() == 1);
            CHECK(refusal.groups[0].group_id == "g");
            REQUIRE(refusal.groups[0].topics.size() == 1);
            REQUIRE(refusal.groups[0].topics[0].partitions.size() == 2);
            CHECK(refusal.groups[0].topics[0].partitions[0].error_code ==
                  code(broker_errc::unstable_offset_commit));
        }
    }
}
