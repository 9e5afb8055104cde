// SPDX-License-Identifier: Apache-2.0
// NewTopic: a topic that is to be created. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace kafka {

struct NewTopic {
    std::string name;
    /// -1: the brokers' `num.partitions` (brokers from 2.4, KIP-464). Default -1.
    std::int32_t partitions = -1;
    /// -1: the brokers' `default.replication.factor` (brokers from 2.4). Default -1.
    std::int16_t replication_factor = -1;
    /// Topic configuration, such as {"cleanup.policy", "compact"}. Default: the brokers'.
    std::vector<std::pair<std::string, std::string>> configs = {};
    /// The brokers of each partition, the preferred leader first; then `partitions` and
    /// `replication_factor` must be -1. Default: the controller chooses.
    std::vector<std::vector<std::int32_t>> assignments = {};
};

}  // namespace kafka
