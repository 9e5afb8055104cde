// SPDX-License-Identifier: Apache-2.0
// What a broker says of brokers and partitions, as the plain types that users get.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/client_metadata.hpp>
#include <kafka/partition.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/result.hpp>

namespace kafka::client {

/// Asks for these topics, or for all if there are none.
[[nodiscard]] protocol::MetadataRequest ask_for_topics(const std::vector<std::string>& topics,
                                                       std::int16_t version, bool create);
/// Asks for brokers only.
[[nodiscard]] protocol::MetadataRequest ask_for_brokers();

[[nodiscard]] std::vector<BrokerMetadata> brokers_of(const protocol::MetadataResponse& response);
/// Its id is -1 if there is none; its host is empty if the response does not have it.
[[nodiscard]] BrokerMetadata broker_of(const protocol::MetadataResponse& response, std::int32_t id);

/// The partitions of all topics of the response, by number. Errors: the first topic's.
[[nodiscard]] Result<std::vector<Partition>> partitions_of(
    const protocol::MetadataResponse& response);

}  // namespace kafka::client
