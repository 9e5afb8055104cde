// SPDX-License-Identifier: Apache-2.0
#include "cluster.hpp"

#include <algorithm>
#include <utility>

#include <kafka/protocol/metadata.hpp>

namespace kafka_bench {

using kafka::protocol::MetadataRequest;

Cluster::Cluster(const Options& options, std::shared_ptr<asio::io_context> context)
    : context_(std::move(context)) {
    if (!options.ca.empty()) config_.tls = kafka::TlsConfig{.ca_file = options.ca};
    find_leaders(options);
}

void Cluster::connect(Node& node) {
    node.conn.emplace(*context_, config_);
    bool done = false;
    kafka::Diagnostics diagnostics;
    node.conn->async_connect(node.address, kafka::ConnectOptions{.diagnostics = &diagnostics},
                             [&](std::error_code error) {
                                 if (error) fail(node.address + ": " + error.message());
                                 done = true;
                             });
    while (!done)
        wait();
}

void Cluster::find_leaders(const Options& options) {
    auto first = std::make_unique<Node>();
    first->address = options.bootstrap.substr(0, options.bootstrap.find(','));
    connect(*first);
    MetadataRequest request;
    request.topics.emplace(1).front().name = options.topic;
    request.allow_auto_topic_creation = false;
    const auto answer = call(*first->conn, request);
    const auto found = std::find_if(answer.topics.begin(), answer.topics.end(),
                                    [&](const auto& each) { return each.name == options.topic; });
    if (found == answer.topics.end() || found->error_code != 0) {
        fail("the topic " + options.topic + " is not there");
    }
    if (std::ssize(found->partitions) < options.partitions) {
        fail("the topic has " + std::to_string(found->partitions.size()) + " partitions");
    }
    topic_id_ = found->topic_id;
    leaders_.resize(static_cast<std::size_t>(options.partitions));
    for (const auto& broker : answer.brokers) {
        auto node = std::make_unique<Node>();
        node->id = broker.node_id;
        node->address = broker.host + ":" + std::to_string(broker.port);
        bool leads = false;
        for (const auto& partition : found->partitions) {
            if (partition.leader_id != node->id) continue;
            if (partition.partition_index >= options.partitions) continue;
            leaders_[static_cast<std::size_t>(partition.partition_index)] = node.get();
            leads = true;
        }
        if (!leads) continue;
        // The connection that asked is one of them, more often than not.
        if (node->address == first->address && first->conn) {
            node->conn = std::move(first->conn);
            first->conn.reset();
        } else {
            connect(*node);
        }
        nodes_.push_back(std::move(node));
    }
    if (std::count(leaders_.begin(), leaders_.end(), nullptr) != 0) {
        fail("a partition has no leader");
    }
}

}  // namespace kafka_bench
