// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "testing/handlers.hpp"

namespace kafka::testing {
namespace {

using protocol::MetadataRequest;
using protocol::MetadataResponse;

// What anybody may do where nobody is refused anything (KIP-430): bits by AclOperation.
constexpr std::int32_t all_topic_operations = 0b1101'1111'1000;
constexpr std::int32_t all_cluster_operations = 0b1'1111'1010'0000;

void describe(const Call& call, const Topic& topic, const MetadataRequest& request,
              MetadataResponse& response) {
    auto& described = response.topics.emplace_back();
    described.name = topic.name;
    described.topic_id = topic.id;
    described.is_internal = is_internal_topic(topic.name);
    if (call.version >= 8 && request.include_topic_authorized_operations) {
        described.topic_authorized_operations = all_topic_operations;
    }
    for (const auto& partition : topic.partitions) {
        auto& row = described.partitions.emplace_back();
        row.partition_index = partition.index;
        row.leader_id = partition.leader;
        row.leader_epoch = partition.leader_epoch;
        row.replica_nodes = partition.replicas;
        const auto* leader = call.cluster.node(partition.leader);
        if (!leader || !leader->known()) {
            row.error_code = code(broker_errc::leader_not_available);
            if (!leader) row.leader_id = -1;
        }
        for (const auto replica : partition.replicas) {
            const auto* node = call.cluster.node(replica);
            auto& list = node && node->alive ? row.isr_nodes : row.offline_replicas;
            list.push_back(replica);
        }
    }
}

void refuse(broker_errc error, std::optional<std::string> name, const Uuid& id,
            MetadataResponse& response) {
    auto& refused = response.topics.emplace_back();
    refused.error_code = code(error);
    refused.name = std::move(name);
    refused.topic_id = id;
    refused.is_internal = refused.name && is_internal_topic(*refused.name);
}

void describe_missing(Call& call, const std::string& name, const MetadataRequest& request,
                      MetadataResponse& response) {
    if (!topic_name_fault(name).empty()) {
        return refuse(broker_errc::invalid_topic_exception, name, {}, response);
    }
    // As Kafka's with a quorum: this answer does not know the topic yet, the next one does.
    refuse(broker_errc::unknown_topic_or_partition, name, {}, response);
    const bool wanted = call.version < 4 || request.allow_auto_topic_creation;
    if (!wanted || !call.cluster.options().auto_create_topics) return;
    if (is_internal_topic(name)) return;  // there is nobody to keep anything in it
    std::unique_ptr<Topic> unused;
    // Refusals (a name that collides with another) are not told: the topic stays unknown.
    (void)call.cluster.create({.name = name}, false, unused, nullptr);
}

// Topics that nothing names, or that are named by ids before they may be.
broker_errc find_fault(const Call& call, const MetadataRequest& request) {
    if (!request.topics || call.version < 10) return broker_errc::none;
    bool ids = false, unnamed = false;
    for (const auto& topic : *request.topics) {
        ids |= !topic.topic_id.is_zero();
        unnamed |= !topic.name;
    }
    if (call.version < 12 && (ids || unnamed)) return broker_errc::invalid_request;
    // As Kafka: an exception that nobody foresaw.
    return unnamed && !ids ? broker_errc::unknown_server_error : broker_errc::none;
}

void describe_by_ids(Call& call, const MetadataRequest& request, MetadataResponse& response) {
    std::set<Uuid> seen;
    for (const auto& wanted : *request.topics) {
        if (wanted.topic_id.is_zero() || !seen.insert(wanted.topic_id).second) continue;
        if (const auto* topic = call.cluster.find(wanted.topic_id)) {
            describe(call, *topic, request, response);
        } else {
            refuse(broker_errc::unknown_topic_id, std::nullopt, wanted.topic_id, response);
        }
    }
}

void describe_by_names(Call& call, const MetadataRequest& request, MetadataResponse& response) {
    std::set<std::string_view> seen;
    for (const auto& wanted : *request.topics) {
        if (!wanted.name || !seen.insert(*wanted.name).second) continue;
        if (const auto* topic = call.cluster.find(*wanted.name)) {
            describe(call, *topic, request, response);
        } else {
            describe_missing(call, *wanted.name, request, response);
        }
    }
}

}  // namespace

Done metadata(Call& call, const MetadataRequest& request, MetadataResponse& response) {
    if (const auto fault = find_fault(call, request); fault != broker_errc::none) {
        for (const auto& topic : *request.topics) {
            refuse(fault, topic.name.value_or(""), topic.topic_id, response);
        }
        return Done::answered;
    }
    for (const auto& node : call.cluster.nodes()) {
        if (!node.known()) continue;
        auto& broker = response.brokers.emplace_back();
        broker.node_id = node.id;
        broker.host = node.host;
        broker.port = node.port;
        broker.rack = node.rack;
    }
    response.cluster_id = call.cluster.id();
    response.controller_id = call.cluster.controller();
    if (call.version >= 8 && call.version <= 10 && request.include_cluster_authorized_operations) {
        response.cluster_authorized_operations = all_cluster_operations;
    }
    // "All topics" is null, and before there were nulls an empty list.
    const bool all = !request.topics || (call.version == 0 && request.topics->empty());
    if (all) {
        for (const auto& [name, topic] : call.cluster.topics()) {
            describe(call, *topic, request, response);
        }
        return Done::answered;
    }
    bool by_ids = false;
    for (const auto& topic : *request.topics)
        by_ids |= !topic.topic_id.is_zero();
    by_ids ? describe_by_ids(call, request, response) : describe_by_names(call, request, response);
    return Done::answered;
}

Done describe_cluster(Call& call, const protocol::DescribeClusterRequest& request,
                      protocol::DescribeClusterResponse& response) {
    constexpr std::int8_t brokers = 1, controllers = 2;
    if (request.endpoint_type != brokers) {
        const bool known = request.endpoint_type == controllers;
        response.error_code = code(known ? broker_errc::mismatched_endpoint_type
                                         : broker_errc::unsupported_endpoint_type);
        response.error_message = known ? "The request was sent to an endpoint of the wrong type."
                                       : "This endpoint type is not supported yet.";
        return Done::answered;
    }
    response.cluster_id = call.cluster.id();
    response.controller_id = call.cluster.controller();
    for (const auto& node : call.cluster.nodes()) {
        if (!node.known()) continue;
        auto& broker = response.brokers.emplace_back();
        broker.broker_id = node.id;
        broker.host = node.host;
        broker.port = node.port;
        broker.rack = node.rack;
    }
    if (request.include_cluster_authorized_operations) {
        response.cluster_authorized_operations = all_cluster_operations;
    }
    return Done::answered;
}

}  // namespace kafka::testing
