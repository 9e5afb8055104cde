// SPDX-License-Identifier: Apache-2.0
#include "client/topology.hpp"

#include <algorithm>

#include <kafka/error.hpp>

#include "base/escape.hpp"

namespace kafka::client {
namespace {

BrokerMetadata broker_of(const protocol::MetadataResponse::Broker& row) {
    // A port beyond the range is nothing to connect to; connecting says so.
    const bool valid = row.port > 0 && row.port <= 0xffff;
    return {.id = row.node_id,
            .host = row.host,
            .port = static_cast<std::uint16_t>(valid ? row.port : 0),
            .rack = row.rack};
}

}  // namespace

protocol::MetadataRequest ask_for_topics(const std::vector<std::string>& topics,
                                         std::int16_t version, bool create) {
    protocol::MetadataRequest request;
    // Before version 4 brokers create in any case, and the field has to say so.
    request.allow_auto_topic_creation = create || version < 4;
    // All topics are "null"; version 0 had none, and took "empty" for that.
    if (topics.empty() && version >= 1) request.topics = std::nullopt;
    for (const auto& name : topics) {
        protocol::MetadataRequest::Topic row;
        row.name = name;
        request.topics->push_back(std::move(row));
    }
    return request;
}

protocol::MetadataRequest ask_for_brokers() {
    return {};
}

std::vector<BrokerMetadata> brokers_of(const protocol::MetadataResponse& response) {
    std::vector<BrokerMetadata> brokers;
    brokers.reserve(response.brokers.size());
    for (const auto& row : response.brokers)
        brokers.push_back(broker_of(row));
    std::sort(brokers.begin(), brokers.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    return brokers;
}

BrokerMetadata broker_of(const protocol::MetadataResponse& response, std::int32_t id) {
    for (const auto& row : response.brokers)
        if (row.node_id == id) return broker_of(row);
    return {.id = id, .host = {}};
}

Result<std::vector<Partition>> partitions_of(const protocol::MetadataResponse& response) {
    const auto all = [&](const std::vector<std::int32_t>& ids) {
        std::vector<BrokerMetadata> brokers;
        for (const auto id : ids)
            brokers.push_back(broker_of(response, id));
        return brokers;
    };
    if (response.error_code != 0) return Failure(broker_error(response.error_code));
    std::vector<Partition> partitions;
    for (const auto& topic : response.topics) {
        const auto name = topic.name.value_or("");
        if (topic.error_code != 0)
            return Failure(broker_error(topic.error_code), "topic " + escaped(name, 255));
        const auto first = partitions.size();
        for (const auto& row : topic.partitions) {
            Partition one;
            one.topic = name;
            one.topic_id = topic.topic_id;
            one.number = row.partition_index;
            one.error = broker_error(row.error_code);
            one.leader = broker_of(response, row.leader_id);
            one.leader_epoch = row.leader_epoch;
            one.replicas = all(row.replica_nodes);
            one.in_sync = all(row.isr_nodes);
            one.offline = all(row.offline_replicas);
            partitions.push_back(std::move(one));
        }
        std::sort(partitions.begin() + static_cast<std::ptrdiff_t>(first), partitions.end(),
                  [](const auto& a, const auto& b) { return a.number < b.number; });
    }
    return partitions;
}

}  // namespace kafka::client
