// SPDX-License-Identifier: Apache-2.0
// DescribeCluster, API key 60, v0-2, flexible from v0.
// Describes the cluster's brokers or controllers (KIP-700, KIP-919, KIP-1073).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct DescribeClusterResponse;

struct DescribeClusterRequest {
    using response_type = DescribeClusterResponse;
    KAFKA_API static const MessageInfo info;

    bool include_cluster_authorized_operations = false;
    std::int8_t endpoint_type = 1;
    bool include_fenced_brokers = false;
    UnknownTags unknown_tags{};
};

struct DescribeClusterResponse {
    struct Broker {
        std::int32_t broker_id = 0;
        std::string host{};
        std::int32_t port = 0;
        std::optional<std::string> rack{};
        bool is_fenced = false;
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message{};
    std::int8_t endpoint_type = 1;
    std::string cluster_id{};
    std::int32_t controller_id = -1;
    std::vector<Broker> brokers{};
    /// Bits by AclOperation; the minimum: not asked for (KIP-430).
    std::int32_t cluster_authorized_operations = std::numeric_limits<std::int32_t>::min();
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
