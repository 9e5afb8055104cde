// SPDX-License-Identifier: Apache-2.0
#include "testing/transaction_client.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
using protocol::OffsetFetchRequest;

struct OffsetFixture : TransactionFixture {
    using TransactionFixture::TransactionFixture;

    ConnectionId of_group(std::string_view group = "g") {
        return coordinator(CoordinatorOf::group, group);
    }
    broker_errc commit(std::int64_t offset, int api_version = 8, std::int32_t generation = -1,
                       const std::string& group = "g", std::int32_t partition = 0) {
        protocol::OffsetCommitRequest request;
        request.group_id = group;
        request.generation_id_or_member_epoch = generation;
        auto& wanted = request.topics.emplace_back();
        wanted.name = "t";
        wanted.topic_id = topic().id;
        auto& row = wanted.partitions.emplace_back();
        row.partition_index = partition;
        row.committed_offset = offset;
        row.committed_metadata = "m";
        const auto answer = ask(request, api_version, of_group(group));
        return error(answer.topics.at(0).partitions.at(0).error_code);
    }
    protocol::TxnOffsetCommitRequest transactional(std::int64_t offset) {
        protocol::TxnOffsetCommitRequest request;
        request.transactional_id = "tx";
        request.group_id = "g";
        request.producer_id = producer_id;
        request.producer_epoch = epoch;
        auto& wanted = request.topics.emplace_back();
        wanted.name = "t";
        wanted.topic_id = topic().id;
        wanted.partitions.emplace_back().committed_offset = offset;
        return request;
    }
    broker_errc commit_later(const protocol::TxnOffsetCommitRequest& request, int api_version = 0) {
        if (api_version == 0) api_version = version >= 2 ? 5 : 3;
        const auto answer = ask(request, api_version, of_group(request.group_id));
        return error(answer.topics.at(0).partitions.at(0).error_code);
    }
    broker_errc add_group(int api_version = 3) {
        protocol::AddOffsetsToTxnRequest request;
        request.transactional_id = "tx";
        request.producer_id = producer_id;
        request.producer_epoch = epoch;
        request.group_id = "g";
        return error(ask(request, api_version, coordinator()).error_code);
    }
    /// Offset and error.
    std::pair<std::int64_t, broker_errc> offset(bool stable = true, int api_version = 9,
                                                std::int32_t partition = 0) {
        OffsetFetchRequest request;
        if (api_version >= 8) {
            auto& group = request.groups.emplace_back();
            group.group_id = "g";
            auto& wanted = group.topics->emplace_back();
            wanted.name = "t";
            wanted.topic_id = topic().id;
            wanted.partition_indexes = {partition};
        } else {
            request.group_id = "g";
            auto& wanted = request.topics->emplace_back();
            wanted.name = "t";
            wanted.partition_indexes = {partition};
        }
        if (api_version >= 7) request.require_stable = stable;
        const auto answer = ask(request, api_version, of_group());
        if (api_version >= 8) {
            const auto& row = answer.groups.at(0).topics.at(0).partitions.at(0);
            return {row.committed_offset, error(row.error_code)};
        }
        const auto& row = answer.topics.at(0).partitions.at(0);
        return {row.committed_offset, error(row.error_code)};
    }
};

constexpr auto fine = broker_errc::none;

}  // namespace

TEST_CASE("every version of OffsetCommit and OffsetFetch keeps offsets of groups without members") {
    OffsetFixture f;
    CHECK(f.offset() == std::pair(std::int64_t{-1}, fine));
    const auto commits = protocol::OffsetCommitRequest::info.stable();
    for (int version = commits.min; version <= commits.max; ++version) {
        CHECK(f.commit(version, version) == fine);
        CHECK(f.offset().first == version);
    }
    const auto fetches = OffsetFetchRequest::info.stable();
    for (int version = fetches.min; version <= fetches.max; ++version)
        CHECK(f.offset(false, version) == std::pair(std::int64_t{commits.max}, fine));
    CHECK(f.offset(true, 9, 1).first == -1);
}

TEST_CASE("a group without a list of topics tells all that it has committed") {
    OffsetFixture f;
    f.commit(4, 8, -1, "g", 0);
    f.commit(5, 8, -1, "g", 2);
    OffsetFetchRequest request;
    auto& group = request.groups.emplace_back();
    group.group_id = "g";
    group.topics.reset();
    auto answer = f.ask(request, 9, f.of_group());
    REQUIRE(answer.groups.at(0).topics.size() == 1);
    CHECK(answer.groups[0].topics[0].partitions.size() == 2);
    request.groups.clear();
    request.group_id = "g";
    request.topics.reset();
    answer = f.ask(request, 5, f.of_group());
    REQUIRE(answer.topics.size() == 1);
    CHECK(answer.topics[0].partitions.at(1).committed_offset == 5);
    CHECK(answer.topics[0].partitions[1].metadata == "m");
}

TEST_CASE("there are no members of groups, and only their coordinator knows them") {
    OffsetFixture f;
    CHECK(f.commit(1, 8, 3) == broker_errc::illegal_generation);
    CHECK(f.commit(1, 9, 3) == broker_errc::group_id_not_found);
    CHECK(f.commit(1) == fine);
    CHECK(f.commit(1, 9, 3) == broker_errc::unknown_member_id);
    CHECK(f.commit(1, 8, -1, "g", 9) == broker_errc::unknown_topic_or_partition);
    protocol::OffsetFetchRequest request;
    request.groups.emplace_back().group_id = "g";
    const auto answer = f.ask(request, 9, f.of_group() % 3 + 1);
    CHECK(answer.groups.at(0).error_code == code(broker_errc::not_coordinator));
}

TEST_CASE("offsets of a transaction are committed with it, or not at all") {
    for (const std::int16_t version : {std::int16_t{1}, std::int16_t{2}}) {
        CAPTURE(version);
        OffsetFixture f(version);
        f.begin();
        if (version < 2) {
            CHECK(f.commit_later(f.transactional(5)) == broker_errc::invalid_txn_state);
            CHECK(f.commit_later(f.transactional(5), 4) == broker_errc::transaction_abortable);
            REQUIRE(f.add_group() == fine);
        }
        CHECK(f.commit_later(f.transactional(5)) == fine);
        CHECK(f.describe().topics.at(0).topic == "__consumer_offsets");
        CHECK(f.offset() == std::pair(std::int64_t{-1}, broker_errc::unstable_offset_commit));
        CHECK(f.offset(true, 7).second == broker_errc::unstable_offset_commit);
        CHECK(f.offset(false) == std::pair(std::int64_t{-1}, fine));
        f.finish(true);
        CHECK(f.offset() == std::pair(std::int64_t{5}, fine));
        if (version < 2) REQUIRE(f.add_group() == fine);
        CHECK(f.commit_later(f.transactional(6)) == fine);
        f.finish(false);
        CHECK(f.offset() == std::pair(std::int64_t{5}, fine));
    }
}

TEST_CASE("an offset that was committed later than a transaction's stays") {
    OffsetFixture f;
    f.begin();
    CHECK(f.commit_later(f.transactional(50)) == fine);
    CHECK(f.commit(20) == fine);
    f.finish(true);
    CHECK(f.offset().first == 20);
}

TEST_CASE("offsets of a transaction are refused as by Kafka") {
    OffsetFixture f;
    f.begin();
    auto request = f.transactional(5);
    request.group_id = "";
    CHECK(f.commit_later(request) == broker_errc::invalid_group_id);
    request = f.transactional(5);
    request.topics[0].partitions[0].partition_index = 9;
    CHECK(f.commit_later(request) == broker_errc::unknown_topic_or_partition);
    request = f.transactional(5);
    request.topics[0].partitions[0].committed_metadata = std::string(5000, 'x');
    CHECK(f.commit_later(request) == broker_errc::offset_metadata_too_large);
    request = f.transactional(5);
    request.generation_id_or_member_epoch = 3;
    CHECK(f.commit_later(request) == broker_errc::illegal_generation);
    request = f.transactional(5);
    request.producer_epoch = 7;
    CHECK(f.commit_later(request) == broker_errc::invalid_producer_epoch);
    request.producer_id += 7;
    CHECK(f.commit_later(request) == broker_errc::invalid_producer_id_mapping);
    CHECK(f.commit_later(f.transactional(5)) == fine);
    const auto late = f.transactional(6);
    f.finish(true);
    CHECK(f.commit_later(late) == broker_errc::invalid_producer_epoch);
    CHECK(f.offset().first == 5);
}

TEST_CASE("offsets in a topic that is deleted are forgotten") {
    OffsetFixture f;
    f.commit(5);
    f.core.cluster().recreate(f.topic());
    CHECK(f.offset().first == -1);
}

TEST_CASE("groups are spread over partitions by Java's hash") {
    CHECK(GroupOffsets::partition_of("") == 0);
    CHECK(GroupOffsets::partition_of("g") == 'g' % 50);
    // "polygenelubricants" hashes to the one number that has no positive counterpart.
    CHECK(GroupOffsets::partition_of("polygenelubricants") == 0);
}
