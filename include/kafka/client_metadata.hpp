// SPDX-License-Identifier: Apache-2.0
// What a client knows of its cluster: brokers, topics, partitions and their leaders. Plain data.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/uuid.hpp>

namespace kafka {

struct BrokerMetadata {
    std::int32_t id = -1;
    std::string host;  ///< as the cluster advertises it
    std::uint16_t port = 0;
    std::optional<std::string> rack = std::nullopt;

    friend bool operator==(const BrokerMetadata&, const BrokerMetadata&) = default;
};

struct PartitionMetadata {
    std::int16_t error = 0;          ///< Kafka's code, such as LEADER_NOT_AVAILABLE
    std::int32_t leader = -1;        ///< a broker's id; -1: none
    std::int32_t leader_epoch = -1;  ///< -1: not known
    std::vector<std::int32_t> replicas = {};
    std::vector<std::int32_t> in_sync = {};
    std::vector<std::int32_t> offline = {};

    friend bool operator==(const PartitionMetadata&, const PartitionMetadata&) = default;
};

struct TopicMetadata {
    std::string name;
    Uuid id{};  ///< zero: the brokers have no topic ids (before Kafka 2.8)
    /// What the brokers last said instead of an answer; 0: nothing. The rest is then what was known
    /// before.
    std::int16_t error = 0;
    bool internal = false;
    std::vector<PartitionMetadata> partitions = {};  ///< by number

    friend bool operator==(const TopicMetadata&, const TopicMetadata&) = default;
};

/// One state of the client's knowledge. Never changes: a newer state is another object.
struct ClusterMetadata {
    std::uint64_t version = 0;  ///< grows with each change
    std::optional<std::string> cluster_id = std::nullopt;
    std::int32_t controller = -1;
    std::vector<BrokerMetadata> brokers = {};                       ///< ascending by id
    std::vector<std::shared_ptr<const TopicMetadata>> topics = {};  ///< in use; ascending by name

    /// Null if it is not known.
    [[nodiscard]] KAFKA_API const BrokerMetadata* broker(std::int32_t id) const noexcept;
    [[nodiscard]] KAFKA_API const TopicMetadata* topic(std::string_view name) const noexcept;
    [[nodiscard]] KAFKA_API const TopicMetadata* topic(const Uuid& id) const noexcept;
    [[nodiscard]] KAFKA_API const PartitionMetadata* partition(std::string_view topic,
                                                               std::int32_t number) const noexcept;
};

}  // namespace kafka
