// SPDX-License-Identifier: Apache-2.0
// Metadata: what is known of the cluster, what is wanted, and when to ask for it. No I/O.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <kafka/client_metadata.hpp>
#include <kafka/error.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/result.hpp>

#include "base/backoff.hpp"
#include "core/time.hpp"

namespace kafka::core {

/// A host and a port that can be connected to: BI-41.
[[nodiscard]] bool usable_address(std::string_view host, std::int32_t port) noexcept;

/// Those of `after` that are new or not what they were.
[[nodiscard]] std::vector<std::shared_ptr<const TopicMetadata>> changed_topics(
    const ClusterMetadata& before, const ClusterMetadata& after);

/// Only topics in use are asked for. Older knowledge never replaces newer: leader epochs decide
/// within a topic id; another topic id is another topic (deleted and created again). Not
/// thread-safe.
class Metadata {
public:
    struct Limits {
        milliseconds max_age{300'000};
        milliseconds max_idle{300'000};
        Backoff retry{};
        bool auto_create = false;
        bool refuse_other_cluster = true;
    };
    /// What became of an answer.
    struct Outcome {
        bool changed = false;
        bool other_cluster = false;         ///< another cluster's id: refused, or everything is new
        Failure failure = {};               ///< nothing was taken over
        std::vector<std::string> odd = {};  ///< what was left out of it, and why
    };
    /// What is known of one topic in use.
    struct Topic {
        std::shared_ptr<const TopicMetadata> data;  ///< null: never answered
        Time answered{};                            ///< when it last was
        Time used{};
        bool asked = false;     ///< in a request that was answered
        bool demanded = false;  ///< to be asked for again
        unsigned holds = 0;
    };

    explicit Metadata(Limits limits);

    // What is known.
    [[nodiscard]] const Topic* topic(std::string_view name) const;
    [[nodiscard]] const Topic* topic(const Uuid& id) const;
    [[nodiscard]] const BrokerMetadata* broker(std::int32_t id) const noexcept;
    [[nodiscard]] const std::vector<BrokerMetadata>& brokers() const noexcept { return brokers_; }
    [[nodiscard]] std::int32_t controller() const noexcept { return controller_; }
    [[nodiscard]] const std::optional<std::string>& cluster_id() const noexcept {
        return cluster_id_;
    }
    [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
    /// Made anew after a change only, and out of the one before.
    [[nodiscard]] std::shared_ptr<const ClusterMetadata> snapshot();

    // What is wanted.
    void want(std::string_view topic, Time now);
    void want(const Uuid& id, Time now);
    /// The topic stays wanted until as many calls of release().
    void hold(std::string_view topic, Time now);
    void release(std::string_view topic, Time now);
    /// When `id` was last answered for with "unknown"; never: not yet.
    [[nodiscard]] std::optional<Time> unknown_id(const Uuid& id) const;

    // When to ask.
    /// Something shows that it is out of date: refresh soon.
    void stale() noexcept { stale_ = true; }
    /// The same, without the pauses that keep refreshes apart.
    void demand() noexcept { stale_ = demanded_ = true; }
    /// For the sake of this topic, which is wanted: alone, if nothing is known of it.
    void demand(std::string_view topic, Time now);
    [[nodiscard]] bool is_stale() const noexcept { return stale_; }
    /// Something is to be asked.
    [[nodiscard]] bool is_lacking() const noexcept { return stale_ || fresh_wanted_; }
    /// A broker said that it does not speak for the controller. Until then the one that was named
    /// first is kept: with KRaft any broker will do, and each answer names another.
    void doubt_controller() noexcept { controller_doubted_ = true; }
    /// When the next refresh should begin; never while one is under way.
    [[nodiscard]] Time due() const noexcept;
    /// Begins a refresh: what to ask. Never for all topics.
    [[nodiscard]] protocol::MetadataRequest ask(Time now);
    [[nodiscard]] bool asking() const noexcept { return asking_; }
    /// Ends it. `version`: of the answer.
    Outcome update(const protocol::MetadataRequest& asked, protocol::MetadataResponse answer,
                   int version, Time now, double random);
    void failed(Time now, double random);

    // What comes from elsewhere.
    /// KIP-951: another broker names the new leader. False: it says nothing new or nothing usable.
    bool apply_hint(std::string_view topic, const Uuid& id, std::int32_t partition,
                    std::int32_t leader, std::int32_t epoch,
                    const std::vector<BrokerMetadata>& endpoints);
    /// A broker that something other than metadata told of. False: the address is not usable.
    bool learn(BrokerMetadata broker);
    /// Start again: brokers and the cluster's id are forgotten; topics stay, for their epochs. A
    /// refresh that is under way goes on.
    void forget_brokers();

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>()(text);
        }
        std::size_t operator()(const Uuid& id) const noexcept {
            return std::hash<std::string_view>()(
                {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
        }
    };
    struct WantedId {
        Time used{};
        std::optional<Time> unknown{};
        bool asked = false;
    };

    Topic& wanted(std::string_view topic, Time now);
    void take_topic(protocol::MetadataResponse::Topic& answer, const std::string& name,
                    bool reliable_epochs, Time now, Outcome& outcome);
    void replace(Topic& topic, TopicMetadata data);
    void note_change(const std::string& topic);
    void list_topics(ClusterMetadata& state) const;
    void drop_idle(Time now);

    const Limits limits_;
    std::vector<BrokerMetadata> brokers_;  // ascending by id
    std::int32_t controller_ = -1;
    bool controller_doubted_ = false;
    std::optional<std::string> cluster_id_;
    std::unordered_map<std::string, Topic, Hash, std::equal_to<>> topics_;
    std::unordered_map<Uuid, std::string, Hash> names_;
    std::unordered_map<Uuid, WantedId, Hash> ids_;  // whose names are not known yet
    std::uint64_t version_ = 0;
    std::shared_ptr<const ClusterMetadata> snapshot_;
    std::vector<std::string> changed_;  // topics, since snapshot_ was made; not all of too many

    bool asking_ = false;
    bool asking_all_ = false;  // all that is wanted
    bool stale_ = false;
    bool demanded_ = false;
    bool fresh_wanted_ = false;  // something wanted was never asked for, or is demanded
    Time last_full_ = never;     // never: not yet
    Time not_before_{};
    unsigned failures_ = 0;  // in a row
    unsigned quiet_ = 0;     // refreshes in a row that brought nothing new
};

}  // namespace kafka::core
