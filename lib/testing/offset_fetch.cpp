// SPDX-License-Identifier: Apache-2.0
#include "testing/handlers.hpp"

namespace kafka::testing {
namespace {

using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;

constexpr int first_version_with_groups = 8;  // KIP-709
constexpr int first_version_with_ids = 10;    // KIP-848

// Serves the old response's rows and the new one's alike.
template <class Row>
void look_up(const Call& call, const std::string& group, const GroupOffsets::Key& key,
             bool require_stable, Row& row) {
    const auto& offsets = call.cluster.offsets();
    row.partition_index = key.second;
    row.committed_offset = -1;
    row.metadata = "";
    if (require_stable && offsets.unstable(group, key)) {
        row.error_code = code(broker_errc::unstable_offset_commit);
        return;
    }
    const auto* committed = offsets.find(group, key);
    if (!committed) return;
    row.committed_offset = committed->offset;
    if (call.version >= 5) row.committed_leader_epoch = committed->leader_epoch;
    row.metadata = committed->metadata;
}

// Everything that the group has committed; no list of topics means that.
template <class Topics, class Name>
void look_up_all(const Call& call, const std::string& group, bool require_stable, Topics& topics,
                 Name&& name) {
    const auto* all = call.cluster.offsets().all(group);
    if (!all) return;
    for (const auto& [key, offset] : *all) {
        if (topics.empty() || topics.back().name != key.first) name(topics, key.first);
        look_up(call, group, key, require_stable, topics.back().partitions.emplace_back());
    }
}

broker_errc check(const Call& call, const std::string& group) {
    const auto* node = call.cluster.coordinator(CoordinatorOf::group, group);
    return node && node->id == call.broker() ? broker_errc::none : broker_errc::not_coordinator;
}

void answer(const Call& call, const OffsetFetchRequest::Group& wanted, bool require_stable,
            OffsetFetchResponse::Group& answered) {
    const bool by_ids = call.version >= first_version_with_ids;
    answered.group_id = wanted.group_id;
    answered.error_code = code(check(call, wanted.group_id));
    if (answered.error_code != 0) return;
    if (!wanted.topics) {
        look_up_all(call, wanted.group_id, require_stable, answered.topics,
                    [&](auto& topics, const std::string& name) {
                        auto& topic = topics.emplace_back();
                        topic.name = name;
                        const auto* known = call.cluster.find(std::string_view(name));
                        if (known) topic.topic_id = known->id;
                    });
        return;
    }
    for (const auto& topic : *wanted.topics) {
        auto& row = answered.topics.emplace_back();
        row.name = topic.name;
        row.topic_id = topic.topic_id;
        const auto* known = by_ids ? call.cluster.find(topic.topic_id) : nullptr;
        for (const auto index : topic.partition_indexes) {
            auto& partition = row.partitions.emplace_back();
            look_up(call, wanted.group_id, {known ? known->name : topic.name, index},
                    require_stable, partition);
            if (by_ids && !known) partition.error_code = code(broker_errc::unknown_topic_id);
        }
    }
}

}  // namespace

Done offset_fetch(Call& call, const OffsetFetchRequest& request, OffsetFetchResponse& response) {
    if (call.version >= first_version_with_groups) {
        for (const auto& group : request.groups)
            answer(call, group, request.require_stable, response.groups.emplace_back());
        return Done::answered;
    }
    const auto error = check(call, request.group_id);
    if (call.version >= 2) response.error_code = code(error);
    if (!request.topics) {
        if (error == broker_errc::none) {
            look_up_all(
                call, request.group_id, request.require_stable, response.topics,
                [](auto& topics, const std::string& name) { topics.emplace_back().name = name; });
        }
        return Done::answered;
    }
    for (const auto& topic : *request.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = topic.name;
        for (const auto index : topic.partition_indexes) {
            auto& row = answered.partitions.emplace_back();
            if (error == broker_errc::none) {
                look_up(call, request.group_id, {topic.name, index}, request.require_stable, row);
            } else {
                row.partition_index = index;
                row.committed_offset = -1;
                row.error_code = code(error);
            }
        }
    }
    return Done::answered;
}

}  // namespace kafka::testing
