// SPDX-License-Identifier: Apache-2.0
// What the brokers of a cluster share: their addresses, the topics and what is stored in them.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/broker_errc.hpp>
#include <kafka/testing/broker.hpp>
#include <kafka/uuid.hpp>

#include "testing/group_offsets.hpp"
#include "testing/partition_log.hpp"
#include "testing/producer_state.hpp"
#include "testing/seeded_random.hpp"
#include "testing/topic_config.hpp"
#include "testing/transactions.hpp"

namespace kafka::testing {

using ConnectionId = std::uint64_t;

[[nodiscard]] constexpr std::int16_t code(broker_errc error) noexcept {
    return static_cast<std::int16_t>(error);
}

struct Node {
    std::int32_t id = 0;
    std::string host;
    std::uint16_t port = 0;
    std::optional<std::string> rack;
    bool alive = true;
    bool paused = false;
    bool hidden = false;
    std::uint16_t bound = 0;  // the port that is listened on; `port` is what clients are told

    /// Clients are told of it.
    [[nodiscard]] bool known() const noexcept { return alive && !hidden; }
};

struct Partition {
    std::int32_t index = 0;
    std::int32_t leader = 0;
    std::int32_t leader_epoch = 0;
    std::vector<std::int32_t> replicas;  // all of them are in sync, and share the log
    PartitionLog log;
    ProducerStates producers;
    /// Connections whose fetch waits for records of this partition.
    std::vector<ConnectionId> waiting;

    [[nodiscard]] bool has_replica(std::int32_t broker_id) const noexcept;
    /// Behind the last record that is no part of an open transaction, nor behind one.
    [[nodiscard]] std::int64_t last_stable_offset() const {
        return producers.first_unstable().value_or(log.end_offset());
    }
    [[nodiscard]] bool leads(std::int32_t broker_id) const noexcept { return leader == broker_id; }
};

struct Topic {
    std::string name;
    Uuid id;
    TopicConfig config;
    std::deque<Partition> partitions;

    [[nodiscard]] Partition* partition(std::int32_t index) noexcept {
        if (index < 0 || static_cast<std::size_t>(index) >= partitions.size()) return nullptr;
        return &partitions[static_cast<std::size_t>(index)];
    }
};

/// A topic to create. Absent numbers are -1, as in CreateTopics.
struct NewTopic {
    std::string name;
    std::int32_t partitions = -1;
    std::int16_t replication_factor = -1;
    std::map<std::int32_t, std::vector<std::int32_t>> assignments = {};
    std::vector<std::pair<std::string, std::optional<std::string>>> configs = {};
};

/// An error as responses carry it.
struct Refusal {
    broker_errc error = broker_errc::none;
    std::string message;

    explicit operator bool() const noexcept { return error != broker_errc::none; }
};

class Cluster {
public:
    explicit Cluster(const BrokerOptions& options);
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    [[nodiscard]] const BrokerOptions& options() const noexcept { return options_; }
    [[nodiscard]] const std::string& id() const noexcept { return id_; }
    [[nodiscard]] std::vector<Node>& nodes() noexcept { return nodes_; }
    [[nodiscard]] const Node* node(std::int32_t id) const noexcept;
    [[nodiscard]] Node* node(std::int32_t id) noexcept;
    /// The one that was chosen, or the first that is up; -1 if none is.
    [[nodiscard]] std::int32_t controller() const noexcept;
    void set_controller(std::int32_t id) noexcept { controller_ = id; }
    void set_id(std::string id) { id_ = std::move(id); }

    /// The broker that coordinates this group or transactional id; null if none is up.
    [[nodiscard]] const Node* coordinator(CoordinatorOf kind, std::string_view key) const;
    /// False if there is no such broker.
    [[nodiscard]] bool move_coordinator(CoordinatorOf kind, std::string_view key,
                                        std::int32_t broker_id);

    [[nodiscard]] Transactions& transactions() noexcept { return transactions_; }
    [[nodiscard]] const Transactions& transactions() const noexcept { return transactions_; }
    [[nodiscard]] GroupOffsets& offsets() noexcept { return offsets_; }

    /// Others lead what the broker led, where there is a copy; the rest has no leader.
    void take_leaders_from(std::int32_t broker_id);
    /// Partitions without a leader that it has a copy of.
    void give_leaders_to(std::int32_t broker_id);
    [[nodiscard]] SeededRandom& random() noexcept { return random_; }

    /// By name.
    [[nodiscard]] const std::map<std::string, std::unique_ptr<Topic>, std::less<>>& topics()
        const noexcept {
        return topics_;
    }
    [[nodiscard]] Topic* find(std::string_view name) const noexcept;
    [[nodiscard]] Topic* find(const Uuid& id) const noexcept;

    /// Refuses what Kafka's controller refuses; else `made` receives the topic. With
    /// `only_validate` that one is no part of the cluster.
    [[nodiscard]] Refusal create(const NewTopic& wanted, bool only_validate,
                                 std::unique_ptr<Topic>& validated, Topic** made);
    void remove(Topic& topic);
    /// The same name, partitions and configuration; another id, no records.
    void recreate(Topic& topic);
    /// Every partition gets another leader that is up, if there is one.
    void shuffle_leaders();
    [[nodiscard]] std::int64_t new_producer_id() noexcept { return next_producer_id_++; }
    /// False if there is no such broker. -1 takes the leader away.
    [[nodiscard]] bool move_leader(Partition& partition, std::int32_t broker_id);
    /// Partitions at the end; false if that would be no growth.
    [[nodiscard]] bool add_partitions(Topic& topic, std::int32_t count);

    /// Connections to look at again since something happened to what they wait for; the caller
    /// empties it.
    std::vector<ConnectionId> woken;
    void wake(Partition& partition);

private:
    [[nodiscard]] Refusal place(const NewTopic& wanted, Topic& topic);
    [[nodiscard]] Refusal place_by_hand(const NewTopic& wanted, Topic& topic);

    BrokerOptions options_;
    SeededRandom random_;
    std::string id_;
    std::vector<Node> nodes_;
    std::int32_t controller_ = -1;
    std::map<std::pair<CoordinatorOf, std::string>, std::int32_t> coordinators_;
    std::map<std::string, std::unique_ptr<Topic>, std::less<>> topics_;
    std::map<Uuid, Topic*> by_id_;
    std::size_t next_leader_ = 0;
    std::int64_t next_producer_id_ = 1000;
    Transactions transactions_{*this};
    GroupOffsets offsets_;
};

/// Topics in which Kafka keeps its own things.
[[nodiscard]] bool is_internal_topic(std::string_view name) noexcept;
/// What is wrong with a topic's name, or nothing.
[[nodiscard]] std::string topic_name_fault(std::string_view name);

}  // namespace kafka::testing
