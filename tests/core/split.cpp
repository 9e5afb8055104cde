// SPDX-License-Identifier: Apache-2.0
#include "core/split.hpp"

#include <map>
#include <ostream>

#include <doctest/doctest.h>

#include <kafka/protocol/add_partitions_to_txn.hpp>
#include <kafka/protocol/consumer_group_describe.hpp>
#include <kafka/protocol/delete_groups.hpp>
#include <kafka/protocol/delete_records.hpp>
#include <kafka/protocol/describe_producers.hpp>
#include <kafka/protocol/describe_transactions.hpp>
#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/list_transactions.hpp>
#include <kafka/protocol/offset_commit.hpp>
#include <kafka/protocol/offset_fetch.hpp>
#include <kafka/protocol/offset_for_leader_epoch.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/read_share_group_state.hpp>
#include <kafka/protocol/record_batch_builder.hpp>
#include <kafka/protocol/share_fetch.hpp>
#include <kafka/protocol/txn_offset_commit.hpp>
#include <kafka/protocol/write_txn_markers.hpp>

using namespace kafka;
using namespace kafka::core;
using namespace kafka::protocol;

namespace {

/// Partition n is on broker n % 2 + 1; keys go by their first letter; "?" is not known yet, "!" is
/// refused with 30.
struct Places final : Placer {
    std::vector<std::string> keys;

    static Place by_text(std::string_view text) {
        if (text.front() == '?') return {};
        if (text.front() == '!') return {unknown, 30};
        return {text.front() - 'a' + 1};
    }
    Place partition(std::string_view topic, const Uuid& id, std::int32_t number) override {
        if (!topic.empty() && topic.front() == '?') return {};
        if (!topic.empty() && topic.front() == '!') return {unknown, 30};
        return {number % 2 + 1, 0, topic, id};
    }
    Place coordinator(std::string_view key) override {
        keys.emplace_back(key);
        return by_text(key);
    }
    Place broker(std::string_view id) override { return by_text(id); }
};

template <class R>
const Splitter& splitter() {
    const auto* found = find_splitter(R::info.api_key);
    REQUIRE(found);
    return *found;
}
template <class R>
Cut cut(const R& request, typename R::response_type& refused) {
    Places places;
    return splitter<R>().cut(std::make_shared<R>(request), places, &refused);
}
template <class R>
const R& part(const Cut& whole, std::size_t i) {
    return *static_cast<const R*>(whole.parts.at(i).request.get());
}

}  // namespace

TEST_CASE("what goes to one broker stays one object") {
    DeleteRecordsRequest request;
    request.topics.push_back({.name = "t", .partitions = {{.partition_index = 1}}});
    const auto whole = std::make_shared<DeleteRecordsRequest>(request);
    Places places;
    DeleteRecordsResponse refused;
    const auto result = splitter<DeleteRecordsRequest>().cut(whole, places, &refused);
    REQUIRE(result.parts.size() == 1);
    CHECK(result.parts[0].request == whole);
    CHECK(result.parts[0].broker == 2);
}

TEST_CASE("a cut keeps what is common, and each item once") {
    DeleteRecordsRequest request;
    request.timeout_ms = 7;
    request.topics.push_back(
        {.name = "t",
         .partitions = {
             {.partition_index = 0, .offset = 5}, {.partition_index = 1}, {.partition_index = 2}}});
    request.topics.push_back({.name = "u", .partitions = {{.partition_index = 1}}});
    DeleteRecordsResponse refused;
    const auto result = cut(request, refused);
    REQUIRE(result.parts.size() == 2);
    const auto &a = part<DeleteRecordsRequest>(result, 0),
               &b = part<DeleteRecordsRequest>(result, 1);
    CHECK(a.timeout_ms == 7);
    REQUIRE(a.topics.size() == 1);
    CHECK(a.topics[0].partitions.size() == 2);
    CHECK(a.topics[0].partitions[0].offset == 5);
    REQUIRE(b.topics.size() == 2);
    CHECK(b.topics[1].name == "u");
}

TEST_CASE("while a place is not known nothing is cut, and what is refused stands in the answer") {
    OffsetForLeaderEpochRequest request;
    request.topics.push_back({.topic = "t", .partitions = {{.partition = 0}}});
    request.topics.push_back({.topic = "?", .partitions = {{.partition = 0}}});
    OffsetForLeaderEpochResponse refused;
    auto result = cut(request, refused);
    CHECK(result.wait);
    CHECK(result.parts.empty());
    request.topics[1].topic = "!";
    result = cut(request, refused);
    CHECK_FALSE(result.wait);
    CHECK(result.refused);
    REQUIRE(refused.topics.size() == 1);
    CHECK(refused.topics[0].topic == "!");
    CHECK(refused.topics[0].partitions[0].error_code == 30);
    CHECK(result.parts.size() == 1);
}

TEST_CASE("partitions that are bare numbers are cut as well") {
    DescribeProducersRequest request;
    request.topics.push_back({.name = "t", .partition_indexes = {0, 1, 2, 3}});
    DescribeProducersResponse refused;
    const auto result = cut(request, refused);
    REQUIRE(result.parts.size() == 2);
    CHECK(part<DescribeProducersRequest>(result, 0).topics[0].partition_indexes ==
          std::vector<std::int32_t>{0, 2});
}

TEST_CASE("answers for partitions become one, topic by topic, with the longest pause") {
    ProduceResponse a, b;
    a.throttle_time_ms = 5;
    a.responses.push_back({.name = "t", .partition_responses = {{.index = 0, .base_offset = 4}}});
    b.throttle_time_ms = 9;
    b.responses.push_back({.name = "t", .partition_responses = {{.index = 1, .base_offset = 8}}});
    b.responses.push_back({.name = "u", .partition_responses = {{.index = 0}}});
    splitter<ProduceRequest>().merge(&a, &b);
    CHECK(a.throttle_time_ms == 9);
    REQUIRE(a.responses.size() == 2);
    REQUIRE(a.responses[0].partition_responses.size() == 2);
    CHECK(a.responses[0].partition_responses[1].base_offset == 8);
}

TEST_CASE("only the items that went to the wrong broker are taken out to be sent again") {
    ProduceRequest request;
    request.acks = -1;
    request.topic_data.push_back({.name = "t", .partition_data = {{.index = 0}, {.index = 1}}});
    ProduceResponse response;
    response.responses.push_back(
        {.name = "t",
         .partition_responses = {{.index = 0, .error_code = 6, .base_offset = -1},
                                 {.index = 1, .error_code = 87, .base_offset = -1},
                                 {.index = 5, .error_code = 6, .base_offset = -1}}});
    std::int16_t code = 0;
    const auto again =
        splitter<ProduceRequest>().take_failed(Destination::leader, &request, &response, code);
    REQUIRE(again);
    CHECK(code == 6);
    const auto& rest = *static_cast<const ProduceRequest*>(again.get());
    CHECK(rest.acks == -1);
    REQUIRE(rest.topic_data.size() == 1);
    REQUIRE(rest.topic_data[0].partition_data.size() == 1);
    CHECK(rest.topic_data[0].partition_data[0].index == 0);
    // What was not asked for stays what it is.
    CHECK(response.responses[0].partition_responses.size() == 2);
}

TEST_CASE("a record that a former leader wrote is not sent again, unless brokers can tell it is") {
    const auto again = [](std::int64_t producer_id, std::int64_t base_offset) {
        RecordBatchBuilder builder{ByteBuffer()};
        (void)builder.append(RecordRef{.value = BytesView(std::string_view("x"))});
        builder.seal({.producer_id = producer_id, .producer_epoch = 0, .base_sequence = 0});
        ProduceRequest request;
        request.topic_data.push_back(
            {.name = "t", .partition_data = {{.records = std::move(builder).take().release()}}});
        ProduceResponse response;
        response.responses.push_back(
            {.name = "t", .partition_responses = {{.error_code = 6, .base_offset = base_offset}}});
        std::int16_t code = 0;
        const bool taken = splitter<ProduceRequest>().take_failed(Destination::leader, &request,
                                                                  &response, code) != nullptr;
        CHECK(taken == (code == 6));
        CHECK(response.responses.empty() == taken);
        return taken;
    };
    CHECK(again(-1, -1));
    CHECK_FALSE(again(-1, 151));
    CHECK_FALSE(again(-1, 0));
    CHECK(again(7, 151));
    CHECK(again(0, 151));
    CHECK(again(7, -1));
}

TEST_CASE("an answer by topic id gets the names of the request, and the reverse") {
    FetchRequest request;
    Uuid id;
    id.bytes[0] = 1;
    request.topics.push_back({.topic = "t", .topic_id = id, .partitions = {{.partition = 0}}});
    FetchResponse response;
    response.responses.push_back({.topic_id = id});
    splitter<FetchRequest>().complete(&request, &response, 13);
    CHECK(response.responses[0].topic == "t");
    FetchResponse old;
    old.responses.push_back({.topic = "t"});
    splitter<FetchRequest>().complete(&request, &old, 12);
    CHECK(old.responses[0].topic_id == id);
}

TEST_CASE("items that cannot be asked for carry a code and no made-up offset") {
    ProduceRequest request;
    request.topic_data.push_back({.name = "t", .partition_data = {{.index = 3}}});
    ProduceResponse response;
    splitter<ProduceRequest>().refuse(&request, &response, 13);
    CHECK(response.responses.at(0).partition_responses.at(0).index == 3);
    CHECK(response.responses[0].partition_responses[0].error_code == 13);
    CHECK(response.responses[0].partition_responses[0].base_offset == -1);
}

TEST_CASE("keys are cut by their coordinators") {
    const auto check = [](auto request, auto& keys) {
        typename decltype(request)::response_type refused;
        keys = {"a1", "b1", "a2", "!"};
        const auto result = cut(request, refused);
        CHECK(result.parts.size() == 2);
        CHECK(result.refused);
    };
    DeleteGroupsRequest delete_groups;
    delete_groups.groups_names = {"a1", "b1", "a2", "!"};
    DeleteGroupsResponse deleted;
    const auto result = cut(delete_groups, deleted);
    REQUIRE(result.parts.size() == 2);
    CHECK(part<DeleteGroupsRequest>(result, 0).groups_names ==
          std::vector<std::string>{"a1", "a2"});
    CHECK(deleted.results.at(0).group_id == "!");
    CHECK(deleted.results[0].error_code == 30);
    (void)check;

    ConsumerGroupDescribeRequest describe;
    describe.include_authorized_operations = true;
    describe.group_ids = {"a1", "b1"};
    ConsumerGroupDescribeResponse described;
    const auto described_parts = cut(describe, described);
    REQUIRE(described_parts.parts.size() == 2);
    CHECK(part<ConsumerGroupDescribeRequest>(described_parts, 1).include_authorized_operations);

    DescribeTransactionsRequest transactions;
    transactions.transactional_ids = {"a", "b"};
    DescribeTransactionsResponse states;
    CHECK(cut(transactions, states).parts.size() == 2);
}

TEST_CASE("offsets of topics without ids go in the versions that have names (KIP-848)") {
    Uuid id;
    id.bytes[0] = 1;
    OffsetCommitRequest commit;
    commit.topics.push_back({.name = "t"});
    CHECK(newest_version(OffsetCommitRequest::info.api_key, &commit) == 9);
    commit.topics[0].topic_id = id;
    CHECK(newest_version(OffsetCommitRequest::info.api_key, &commit) > 9);
    commit.topics.push_back({.name = "u"});
    CHECK(newest_version(OffsetCommitRequest::info.api_key, &commit) == 9);

    TxnOffsetCommitRequest transaction;
    transaction.topics.push_back({.name = "t"});
    CHECK(newest_version(TxnOffsetCommitRequest::info.api_key, &transaction) == 5);
    transaction.topics[0].topic_id = id;
    CHECK(newest_version(TxnOffsetCommitRequest::info.api_key, &transaction) > 5);

    OffsetFetchRequest fetch;
    fetch.groups.push_back({.group_id = "g"});
    // All topics: their names are wanted in the answer.
    CHECK(newest_version(OffsetFetchRequest::info.api_key, &fetch) == 9);
    fetch.groups[0].topics = {{.name = "t", .topic_id = id}};
    CHECK(newest_version(OffsetFetchRequest::info.api_key, &fetch) > 9);
    fetch.groups[0].topics->push_back({.name = "u"});
    CHECK(newest_version(OffsetFetchRequest::info.api_key, &fetch) == 9);
}

TEST_CASE("OffsetFetch takes its old form and its new one at every version") {
    const auto& s = splitter<OffsetFetchRequest>();
    OffsetFetchRequest old;
    old.group_id = "a";
    old.require_stable = true;
    old.topics->push_back({.name = "t", .partition_indexes = {1}});
    CHECK(s.fit(&old, 7).empty());
    auto fitting = s.fit(&old, 9);
    REQUIRE(fitting.size() == 1);
    const auto& turned = *static_cast<const OffsetFetchRequest*>(fitting[0].get());
    CHECK(turned.group_id.empty());
    CHECK(turned.require_stable);
    REQUIRE(turned.groups.size() == 1);
    CHECK(turned.groups[0].topics->at(0).name == "t");

    OffsetFetchRequest two;
    two.groups.resize(2);
    two.groups[0].group_id = "a";
    two.groups[1].group_id = "b";
    two.groups[1].topics.reset();
    CHECK(s.fit(&two, 8).empty());
    fitting = s.fit(&two, 7);
    REQUIRE(fitting.size() == 2);
    CHECK(static_cast<const OffsetFetchRequest*>(fitting[1].get())->group_id == "b");
    CHECK_FALSE(static_cast<const OffsetFetchRequest*>(fitting[1].get())->topics);

    OffsetFetchResponse response;
    response.error_code = 14;
    s.complete(&old, &response, 7);
    REQUIRE(response.groups.size() == 1);
    CHECK(response.groups[0].group_id == "a");
    CHECK(response.groups[0].error_code == 14);
    OffsetFetchResponse fresh;
    fresh.groups.push_back({.group_id = "a", .topics = {{.name = "t"}}});
    s.complete(&turned, &fresh, 9);
    CHECK(fresh.topics.at(0).name == "t");
}

TEST_CASE("lists have each entry once, whoever names it") {
    ListTransactionsResponse a, b;
    a.transaction_states = {{.transactional_id = "x"}};
    b.transaction_states = {{.transactional_id = "x"}, {.transactional_id = "y"}};
    a.unknown_state_filters = b.unknown_state_filters = {"Odd"};
    splitter<ListTransactionsRequest>().merge(&a, &b);
    CHECK(a.transaction_states.size() == 2);
    CHECK(a.unknown_state_filters.size() == 1);
}

TEST_CASE("what belongs together is not taken apart, but its places are found") {
    ShareFetchRequest fetch;
    CHECK_FALSE(splitter<ShareFetchRequest>().separable(&fetch));
    WriteTxnMarkersRequest markers;
    markers.markers.resize(1);
    markers.markers[0].topics.push_back({.name = "t", .partition_indexes = {0, 2}});
    WriteTxnMarkersResponse written;
    CHECK(cut(markers, written).parts.size() == 1);
    markers.markers[0].topics.push_back({.name = "t", .partition_indexes = {1}});
    CHECK(cut(markers, written).parts.size() == 2);
    CHECK_FALSE(splitter<WriteTxnMarkersRequest>().separable(&markers));
    FetchRequest plain;
    CHECK(splitter<FetchRequest>().separable(&plain));
    plain.session_epoch = 0;
    CHECK_FALSE(splitter<FetchRequest>().separable(&plain));
}

TEST_CASE("AddPartitionsToTxn in a client's form is sent in a version that has it") {
    AddPartitionsToTxnRequest request;
    request.v3_and_below_transactional_id = "a";
    AddPartitionsToTxnResponse refused;
    CHECK(cut(request, refused).parts.at(0).broker == 1);
    CHECK(splitter<AddPartitionsToTxnRequest>().newest(&request) == 3);
    request.transactions.resize(1);
    CHECK(splitter<AddPartitionsToTxnRequest>().newest(&request) > 3);
}

TEST_CASE("a share partition's coordinator is named as Apache names it") {
    ReadShareGroupStateRequest request;
    request.group_id = "a";
    request.topics.push_back({.partitions = {{.partition = 4}}});
    Places places;
    ReadShareGroupStateResponse refused;
    (void)splitter<ReadShareGroupStateRequest>().cut(
        std::make_shared<ReadShareGroupStateRequest>(request), places, &refused);
    CHECK(places.keys == std::vector<std::string>{"a:AAAAAAAAAAAAAAAAAAAAAA:4"});
}
