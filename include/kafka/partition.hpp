// SPDX-License-Identifier: Apache-2.0
// Partition: a partition of a topic and the brokers that have it. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

#include <kafka/client_metadata.hpp>
#include <kafka/uuid.hpp>

namespace kafka {

/// A partition as a broker describes it. A broker that is known by its number only (it is down, or
/// just gone) has an empty host.
struct Partition {
    std::string topic;
    Uuid topic_id{};  ///< zero: the brokers have no topic ids (before Kafka 2.8)
    std::int32_t number = 0;
    /// What is wrong with it, such as broker_errc::leader_not_available.
    std::error_code error = {};
    BrokerMetadata leader = {};      ///< its id is -1 if there is none
    std::int32_t leader_epoch = -1;  ///< -1: not known
    std::vector<BrokerMetadata> replicas = {};
    std::vector<BrokerMetadata> in_sync = {};
    std::vector<BrokerMetadata> offline = {};
};

}  // namespace kafka
