// SPDX-License-Identifier: Apache-2.0
// PartitionOperation: what the operations on a partition have in common.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <kafka/protocol/list_offsets.hpp>
#include <kafka/protocol/metadata.hpp>

#include "client/operation.hpp"
#include "client/partition_core.hpp"
#include "client/topology.hpp"
#include "core/versions.hpp"

namespace kafka::client {

/// The special timestamps of ListOffsets.
constexpr std::int64_t latest_timestamp = -1;
constexpr std::int64_t earliest_timestamp = -2;

[[nodiscard]] protocol::ListOffsetsRequest ask_for_offset(const PartitionCore& core,
                                                          std::int64_t timestamp,
                                                          Isolation isolation,
                                                          std::chrono::milliseconds share);
/// The offset of the answer. Errors: the broker's, malformed_message.
[[nodiscard]] Result<std::int64_t> offset_in(const protocol::ListOffsetsResponse& response,
                                             const PartitionCore& core);

/// "; broker 2 (host:9092) leads it now", where an answer says so (KIP-951).
template <class Leader, class Endpoints>
std::string leader_text(const Leader& leader, const Endpoints& endpoints) {
    if (leader.leader_id < 0) return {};
    for (const auto& node : endpoints)
        if (node.node_id == leader.leader_id)
            return "; " + broker_text(node.node_id, node.host, node.port) + " leads it now";
    return "; " + broker_text(leader.leader_id, {}, 0) + " leads it now";
}

/// The partition's own part of an answer, by name or id; null if it is not there.
template <class Topics>
auto part_of(Topics& topics, const PartitionCore& core) {
    const auto same_topic = [&](const auto& topic) {
        if constexpr (requires { topic.topic_id; })
            if (!topic.topic_id.is_zero()) return topic.topic_id == core.topic_id();
        if constexpr (requires { topic.topic; })
            return topic.topic == core.topic;
        else
            return topic.name == core.topic;
    };
    const auto number = [](const auto& part) {
        if constexpr (requires { part.partition_index; })
            return part.partition_index;
        else
            return part.index;
    };
    const auto find = [&](auto& parts) {
        for (auto& part : parts)
            if (number(part) == core.partition) return &part;
        return static_cast<decltype(&parts.front())>(nullptr);
    };
    const auto parts = [](auto& topic) -> auto& {
        if constexpr (requires { topic.partition_responses; })
            return topic.partition_responses;
        else
            return topic.partitions;
    };
    for (auto& topic : topics)
        if (same_topic(topic)) return find(parts(topic));
    return decltype(find(parts(topics.front())))(nullptr);
}

template <class... Results>
class PartitionOperation : public OperationFor<Results...> {
public:
    using Base = OperationFor<Results...>;

protected:
    using CorePtr = std::shared_ptr<PartitionCore>;

    PartitionOperation(CorePtr core, core::Time deadline, Diagnostics* wanted,
                       typename Base::Handler handler)
        : Base(core->session->strand(), deadline, wanted, std::move(handler)),
          core_(std::move(core)) {}

    using Base::fail;
    void fail(const std::error_code& ec) override { this->end(ec, Results{}...); }
    /// Ends it with what an answer says of the partition.
    void refuse(const protocol::MessageInfo& request, std::int16_t version, Failure failure) {
        this->name_answer(*core_->session, request, version);
        this->fail(std::move(failure));
    }

    /// Calls `next(version)` with the newest version of an API that names topics by id from
    /// version `ids_from` on, after asking for the topic's id where that is needed. Without a
    /// version the call will fail, and say why.
    template <class Next>
    void with_version(const protocol::MessageInfo& info, std::int16_t ids_from, Next next) {
        const auto* peer = core_->session->peer();
        if (!peer) return next(std::optional<std::int16_t>());
        const auto newest = core::choose_version(info, peer->table);
        if (!newest) return next(std::optional<std::int16_t>());
        if (*newest < ids_from) return next(std::optional(*newest));
        const auto id = core_->topic_id();
        // A broker without ids that has such a version is a proxy's doing; names are for it.
        if (id)
            return next(
                std::optional(id->is_zero() ? static_cast<std::int16_t>(ids_from - 1) : *newest));
        ask_for_id([this, &info, ids_from, next = std::move(next)]() mutable {
            with_version(info, ids_from, std::move(next));
        });
    }

    CorePtr core_;

private:
    template <class Next>
    void ask_for_id(Next next) {
        using protocol::MetadataRequest;
        const auto* peer = core_->session->peer();
        const auto version = core::choose_version(MetadataRequest::info, peer->table);
        const auto chosen = version ? *version : MetadataRequest::info.versions.max;
        this->call(
            *core_->session, ask_for_topics({core_->topic}, chosen, false), std::nullopt, false,
            [this, chosen, next = std::move(next)](
                const std::error_code& ec, const protocol::MetadataResponse& response) mutable {
                if (ec) return this->fail(ec);
                const auto partitions = partitions_of(response);
                if (!partitions) return refuse(MetadataRequest::info, chosen, partitions.failure());
                core_->set_topic_id(partitions->empty() ? Uuid() : partitions->front().topic_id);
                next();
            });
    }
};

}  // namespace kafka::client
