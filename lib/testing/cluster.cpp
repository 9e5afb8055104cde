// SPDX-License-Identifier: Apache-2.0
#include "testing/cluster.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace kafka::testing {
namespace {

constexpr std::size_t longest_topic_name = 249;
// Kafka's ReplicationControlManager: more at once is a mistake.
constexpr std::int32_t most_partitions = 10'000;

// Metrics cannot tell "a.b" from "a_b", so Kafka allows only one of the two.
std::string without_dots(std::string name) {
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
}

Refusal bad_assignment(std::string message) {
    return {broker_errc::invalid_replica_assignment, std::move(message)};
}

}  // namespace

std::string topic_name_fault(std::string_view name) {
    const auto fault = [&](const std::string& why) { return "Topic name is invalid: " + why; };
    if (name.empty()) return fault("the empty string is not allowed");
    if (name == "." || name == "..") return fault("'.' or '..' is not allowed");
    if (name.size() > longest_topic_name) {
        return fault("the length of '" + std::string(name) +
                     "' is longer than the max allowed length 249");
    }
    const bool legal = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    });
    if (legal) return {};
    return fault("'" + std::string(name) +
                 "' contains one or more characters other than ASCII alphanumerics, '.', '_' and "
                 "'-'");
}

bool is_internal_topic(std::string_view name) noexcept {
    return name == "__consumer_offsets" || name == "__transaction_state" ||
           name == "__share_group_state";
}

bool Partition::has_replica(std::int32_t broker_id) const noexcept {
    return std::find(replicas.begin(), replicas.end(), broker_id) != replicas.end();
}

Cluster::Cluster(const BrokerOptions& options) : options_(options), random_(options.seed) {
    id_ = options.cluster_id.empty() ? to_string(random_.uuid()) : options.cluster_id;
    for (int i = 0; i < std::max(options.brokers, 1); ++i) {
        const auto at = static_cast<std::size_t>(i);
        Node node{.id = i + 1, .host = options.host, .port = 0, .rack = std::nullopt};
        if (at < options.ports.size()) node.port = options.ports[at];
        if (at < options.racks.size() && !options.racks[at].empty()) node.rack = options.racks[at];
        nodes_.push_back(std::move(node));
    }
}

const Node* Cluster::node(std::int32_t id) const noexcept {
    const auto at =
        std::find_if(nodes_.begin(), nodes_.end(), [&](const Node& node) { return node.id == id; });
    return at == nodes_.end() ? nullptr : &*at;
}

Node* Cluster::node(std::int32_t id) noexcept {
    return const_cast<Node*>(std::as_const(*this).node(id));
}

std::int32_t Cluster::controller() const noexcept {
    if (const auto* chosen = node(controller_); chosen && chosen->alive) return controller_;
    for (const auto& one : nodes_) {
        if (one.alive) return one.id;
    }
    return -1;
}

const Node* Cluster::coordinator(CoordinatorOf kind, std::string_view key) const {
    const auto moved = coordinators_.find({kind, std::string(key)});
    if (moved != coordinators_.end()) {
        const auto* chosen = node(moved->second);
        if (chosen && chosen->alive) return chosen;
    }
    // FNV-1a: any even spread will do, Kafka's depends on a topic that is not here.
    std::uint32_t hash = 2166136261U;
    for (const char c : key)
        hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619U;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const auto& one = nodes_[(hash + i) % nodes_.size()];
        if (one.alive) return &one;
    }
    return nullptr;
}

bool Cluster::move_coordinator(CoordinatorOf kind, std::string_view key, std::int32_t broker_id) {
    if (!node(broker_id)) return false;
    coordinators_.insert_or_assign({kind, std::string(key)}, broker_id);
    return true;
}

void Cluster::take_leaders_from(std::int32_t broker_id) {
    for (auto& [name, topic] : topics_) {
        for (auto& partition : topic->partitions) {
            if (!partition.leads(broker_id)) continue;
            std::int32_t next = -1;
            for (const auto replica : partition.replicas) {
                const auto* one = node(replica);
                if (one && one->alive && replica != broker_id) {
                    next = replica;
                    break;
                }
            }
            static_cast<void>(move_leader(partition, next));
        }
    }
}

void Cluster::give_leaders_to(std::int32_t broker_id) {
    for (auto& [name, topic] : topics_) {
        for (auto& partition : topic->partitions) {
            if (partition.leader == -1 && partition.has_replica(broker_id)) {
                static_cast<void>(move_leader(partition, broker_id));
            }
        }
    }
}

bool Cluster::add_partitions(Topic& topic, std::int32_t count) {
    if (count <= static_cast<std::int32_t>(topic.partitions.size()) || count > most_partitions) {
        return false;
    }
    const auto copies = topic.partitions.front().replicas.size();
    while (static_cast<std::int32_t>(topic.partitions.size()) < count) {
        auto& partition = topic.partitions.emplace_back();
        partition.index = static_cast<std::int32_t>(topic.partitions.size()) - 1;
        for (std::size_t copy = 0; copy < copies; ++copy) {
            partition.replicas.push_back(nodes_[(next_leader_ + copy) % nodes_.size()].id);
        }
        ++next_leader_;
        partition.leader = partition.replicas.front();
        partition.log.start_epoch(partition.leader_epoch);
    }
    return true;
}

Topic* Cluster::find(std::string_view name) const noexcept {
    const auto at = topics_.find(name);
    return at == topics_.end() ? nullptr : at->second.get();
}

Topic* Cluster::find(const Uuid& id) const noexcept {
    const auto at = by_id_.find(id);
    return at == by_id_.end() ? nullptr : at->second;
}

Refusal Cluster::create(const NewTopic& wanted, bool only_validate,
                        std::unique_ptr<Topic>& validated, Topic** made) {
    if (auto fault = topic_name_fault(wanted.name); !fault.empty()) {
        return {broker_errc::invalid_topic_exception, std::move(fault)};
    }
    if (wanted.name == "__cluster_metadata") {
        return {broker_errc::invalid_request,
                "Creation of internal topic __cluster_metadata is prohibited."};
    }
    if (find(wanted.name)) {
        return {broker_errc::topic_already_exists, "Topic '" + wanted.name + "' already exists."};
    }
    if (wanted.name.find_first_of("._") != std::string::npos) {
        const auto plain = without_dots(wanted.name);
        for (const auto& [name, topic] : topics_) {
            if (without_dots(name) != plain) continue;
            return {broker_errc::invalid_topic_exception,
                    "Topic '" + wanted.name + "' collides with existing topic: " + name};
        }
    }
    auto topic = std::make_unique<Topic>(
        Topic{wanted.name, random_.uuid(), TopicConfig(options_.message_max_bytes), {}});
    for (const auto& [name, value] : wanted.configs) {
        if (!value) {
            return {broker_errc::invalid_config,
                    "Null value not supported for topic configs: " + name};
        }
        if (auto fault = topic->config.set(name, *value); !fault.empty()) {
            return {broker_errc::invalid_config, std::move(fault)};
        }
    }
    if (auto fault = topic->config.conflict(); !fault.empty()) {
        return {broker_errc::invalid_config, std::move(fault)};
    }
    const auto before = next_leader_;
    auto refusal =
        wanted.assignments.empty() ? place(wanted, *topic) : place_by_hand(wanted, *topic);
    if (refusal || only_validate) next_leader_ = before;
    if (refusal) return refusal;
    for (auto& partition : topic->partitions) {
        partition.leader = partition.replicas.front();
        partition.log.start_epoch(partition.leader_epoch);
    }
    if (made) *made = topic.get();
    if (only_validate) {
        validated = std::move(topic);
    } else {
        by_id_.emplace(topic->id, topic.get());
        auto name = topic->name;
        topics_.emplace(std::move(name), std::move(topic));
    }
    return {};
}

Refusal Cluster::place(const NewTopic& wanted, Topic& topic) {
    auto copies = wanted.replication_factor;
    auto partitions = wanted.partitions;
    if (copies == 0 || copies < -1) {
        return {broker_errc::invalid_replication_factor,
                "Replication factor must be larger than 0, or -1 to use the default value."};
    }
    if (partitions == 0 || partitions < -1) {
        return {broker_errc::invalid_partitions,
                "Number of partitions was set to an invalid non-positive value."};
    }
    if (copies == -1) copies = options_.default_replication_factor;
    if (partitions == -1) partitions = options_.default_partitions;
    if (partitions > most_partitions) {
        return {broker_errc::policy_violation,
                "Excessively large number of partitions per request."};
    }
    if (copies > static_cast<std::int32_t>(nodes_.size())) {
        return {broker_errc::invalid_replication_factor,
                "Unable to replicate the partition " + std::to_string(copies) +
                    " time(s): The target replication factor of " + std::to_string(copies) +
                    " cannot be reached because only " + std::to_string(nodes_.size()) +
                    " broker(s) are registered."};
    }
    for (std::int32_t i = 0; i < partitions; ++i, ++next_leader_) {
        auto& partition = topic.partitions.emplace_back();
        partition.index = i;
        for (std::size_t copy = 0; copy < static_cast<std::size_t>(copies); ++copy) {
            partition.replicas.push_back(nodes_[(next_leader_ + copy) % nodes_.size()].id);
        }
    }
    return {};
}

Refusal Cluster::place_by_hand(const NewTopic& wanted, Topic& topic) {
    if (wanted.replication_factor != -1) {
        return {broker_errc::invalid_request,
                "A manual partition assignment was specified, but replication factor was not set "
                "to -1."};
    }
    if (wanted.partitions != -1) {
        return {broker_errc::invalid_request,
                "A manual partition assignment was specified, but numPartitions was not set to "
                "-1."};
    }
    const auto copies = wanted.assignments.begin()->second.size();
    for (const auto& [index, brokers] : wanted.assignments) {
        if (brokers.empty()) {
            return bad_assignment(
                "The manual partition assignment includes an empty replica list.");
        }
        const std::set<std::int32_t> distinct(brokers.begin(), brokers.end());
        if (distinct.size() != brokers.size()) {
            return bad_assignment("The manual partition assignment includes a broker twice.");
        }
        for (const auto broker : brokers) {
            if (node(broker)) continue;
            return bad_assignment("The manual partition assignment includes broker " +
                                  std::to_string(broker) + ", but no such broker is registered.");
        }
        if (brokers.size() != copies) {
            return bad_assignment(
                "The manual partition assignment includes a partition with " +
                std::to_string(brokers.size()) +
                " replica(s), but this is not consistent with previous partitions.");
        }
        if (index != static_cast<std::int32_t>(topic.partitions.size())) {
            return bad_assignment("Partitions should be a consecutive 0-based integer sequence.");
        }
        auto& partition = topic.partitions.emplace_back();
        partition.index = index;
        partition.replicas = brokers;
    }
    return {};
}

void Cluster::remove(Topic& topic) {
    for (auto& partition : topic.partitions)
        wake(partition);
    offsets_.forget(topic.name);
    by_id_.erase(topic.id);
    topics_.erase(topics_.find(topic.name));
}

void Cluster::recreate(Topic& topic) {
    auto fresh = std::make_unique<Topic>(Topic{topic.name, random_.uuid(), topic.config, {}});
    for (const auto& old : topic.partitions) {
        auto& partition = fresh->partitions.emplace_back();
        partition.index = old.index;
        partition.replicas = old.replicas;
        partition.leader = old.leader;
        partition.log.start_epoch(partition.leader_epoch);
    }
    remove(topic);
    by_id_.emplace(fresh->id, fresh.get());
    auto name = fresh->name;
    topics_.emplace(std::move(name), std::move(fresh));
}

void Cluster::shuffle_leaders() {
    for (auto& [name, topic] : topics_) {
        for (auto& partition : topic->partitions) {
            std::vector<std::int32_t> others;
            for (const auto& one : nodes_) {
                if (one.alive && one.id != partition.leader) others.push_back(one.id);
            }
            if (others.empty()) continue;
            static_cast<void>(move_leader(partition, others[random_.next() % others.size()]));
        }
    }
}

bool Cluster::move_leader(Partition& partition, std::int32_t broker_id) {
    if (broker_id != -1 && !node(broker_id)) return false;
    if (broker_id != -1 && !partition.has_replica(broker_id)) {
        std::replace(partition.replicas.begin(), partition.replicas.end(), partition.leader,
                     broker_id);
    }
    partition.leader = broker_id;
    ++partition.leader_epoch;
    // Nothing is written in an epoch without a leader.
    if (broker_id != -1) partition.log.start_epoch(partition.leader_epoch);
    wake(partition);
    return true;
}

void Cluster::wake(Partition& partition) {
    woken.insert(woken.end(), partition.waiting.begin(), partition.waiting.end());
}

}  // namespace kafka::testing
