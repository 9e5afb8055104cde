// SPDX-License-Identifier: Apache-2.0
// OffsetCommit and TxnOffsetCommit, of groups without members.
#include "testing/handlers.hpp"

namespace kafka::testing {
namespace {

constexpr std::size_t longest_metadata = 4096;  // offset.metadata.max.bytes

broker_errc check_coordinator(const Call& call, const std::string& group) {
    const auto* node = call.cluster.coordinator(CoordinatorOf::group, group);
    return node && node->id == call.broker() ? broker_errc::none : broker_errc::not_coordinator;
}

// Who says that it is a member of a group is wrong.
broker_errc check_member(const Call& call, const std::string& group, std::int32_t generation,
                         broker_errc unknown_group) {
    if (generation < 0) return broker_errc::none;
    return call.cluster.offsets().has(group) ? broker_errc::unknown_member_id : unknown_group;
}

// Calls `store(key, offset)` for what is in order; `error` is the group's. All answers of both
// APIs have the same form.
template <class Request, class Response, class Store>
void commit(Call& call, const Request& request, int first_version_with_ids, broker_errc error,
            Response& response, Store&& store) {
    const bool by_ids = call.version >= first_version_with_ids;
    for (const auto& topic : request.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = topic.name;
        answered.topic_id = topic.topic_id;
        auto* found = by_ids ? call.cluster.find(topic.topic_id)
                             : call.cluster.find(std::string_view(topic.name));
        for (const auto& wanted : topic.partitions) {
            auto& row = answered.partitions.emplace_back();
            row.partition_index = wanted.partition_index;
            const auto metadata = wanted.committed_metadata.value_or("");
            auto told = error;
            if (!found && by_ids) {
                told = broker_errc::unknown_topic_id;
            } else if (!found || !found->partition(wanted.partition_index)) {
                told = broker_errc::unknown_topic_or_partition;
            } else if (told == broker_errc::none && metadata.size() > longest_metadata) {
                told = broker_errc::offset_metadata_too_large;
            } else if (told == broker_errc::none) {
                store(GroupOffsets::Key{found->name, wanted.partition_index},
                      CommittedOffset{.offset = wanted.committed_offset,
                                      .leader_epoch = wanted.committed_leader_epoch,
                                      .metadata = metadata});
            }
            row.error_code = code(told);
        }
    }
}

}  // namespace

Done offset_commit(Call& call, const protocol::OffsetCommitRequest& request,
                   protocol::OffsetCommitResponse& response) {
    constexpr int first_version_with_ids = 10;            // KIP-848
    constexpr int first_version_with_unknown_groups = 9;  // the same
    auto error = check_coordinator(call, request.group_id);
    if (error == broker_errc::none) {
        error = check_member(call, request.group_id, request.generation_id_or_member_epoch,
                             call.version >= first_version_with_unknown_groups
                                 ? broker_errc::group_id_not_found
                                 : broker_errc::illegal_generation);
    }
    commit(call, request, first_version_with_ids, error, response,
           [&](const GroupOffsets::Key& key, CommittedOffset offset) {
               call.cluster.offsets().commit(request.group_id, key, std::move(offset));
           });
    return Done::answered;
}

namespace {

// KIP-890: the group's coordinator asks that of the transaction before it takes the first offset.
broker_errc check_transaction(Call& call, const protocol::TxnOffsetCommitRequest& request) {
    constexpr int first_version_with_abortable = 4, first_version_that_adds = 5;
    const auto partition = GroupOffsets::partition_of(request.group_id);
    const Identity producer{broker_errc::none, request.producer_id, request.producer_epoch};
    auto& offsets = call.cluster.offsets();
    if (!offsets.in_transaction(partition, producer.producer_id, producer.epoch)) {
        const bool adds = call.version >= first_version_that_adds;
        const auto error = call.cluster.transactions().admit(
            request.transactional_id, producer, {std::string(offsets_topic), partition}, adds,
            call.now);
        switch (error) {
            case broker_errc::none:
                break;
            case broker_errc::producer_fenced:
                return broker_errc::invalid_producer_epoch;
            case broker_errc::transaction_abortable:
                return call.version >= first_version_with_abortable
                           ? error
                           : broker_errc::invalid_txn_state;
            case broker_errc::concurrent_transactions:
                return adds ? error : broker_errc::coordinator_load_in_progress;
            default:
                return error;
        }
    }
    return offsets.check(partition, producer.producer_id, producer.epoch);
}

}  // namespace

Done txn_offset_commit(Call& call, const protocol::TxnOffsetCommitRequest& request,
                       protocol::TxnOffsetCommitResponse& response) {
    constexpr int first_version_with_ids = 6;  // KIP-1319
    auto error = broker_errc::none;
    if (request.group_id.empty()) error = broker_errc::invalid_group_id;
    if (error == broker_errc::none) error = check_coordinator(call, request.group_id);
    if (error == broker_errc::none) error = check_transaction(call, request);
    if (error == broker_errc::none) {
        error = check_member(call, request.group_id, request.generation_id_or_member_epoch,
                             broker_errc::illegal_generation);
    }
    auto& offsets = call.cluster.offsets();
    commit(call, request, first_version_with_ids, error, response,
           [&](const GroupOffsets::Key& key, CommittedOffset offset) {
               offsets.began(GroupOffsets::partition_of(request.group_id), request.producer_id,
                             request.producer_epoch);
               offsets.commit_later(request.group_id, key, std::move(offset), request.producer_id);
           });
    return Done::answered;
}

}  // namespace kafka::testing
