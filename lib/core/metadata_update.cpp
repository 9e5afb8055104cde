// SPDX-License-Identifier: Apache-2.0
// Metadata::update: takes over what is to be believed of an answer, and leaves out the rest.
#include <algorithm>
#include <set>
#include <utility>

#include "base/escape.hpp"
#include "core/metadata.hpp"

namespace kafka::core {
namespace {

using protocol::MetadataResponse;

// Partition numbers are 0 to n-1. An answer that skips some is read, but must not make us reserve
// memory for a number that it made up.
constexpr std::size_t most_missing_partitions = 1024;
// RFC 1035, and a final dot.
constexpr std::size_t longest_host = 254;

// Whoever asks after this long begins with short pauses again.
constexpr milliseconds quiet_after{10'000};

constexpr auto unknown_topic = static_cast<std::int16_t>(broker_errc::unknown_topic_or_partition);
constexpr auto no_leader = static_cast<std::int16_t>(broker_errc::leader_not_available);

std::string quoted(std::string_view text) {
    return '\'' + escaped(text, 80) + '\'';
}

std::vector<BrokerMetadata> usable_brokers(std::vector<MetadataResponse::Broker>& answer,
                                           std::vector<std::string>& odd) {
    std::vector<BrokerMetadata> brokers;
    for (auto& broker : answer) {
        const auto what = "broker " + std::to_string(broker.node_id);
        if (broker.node_id < 0)
            odd.push_back(what + ": its id is negative");
        else if (!usable_address(broker.host, broker.port))
            odd.push_back(what + ": its address is " + quoted(broker.host) + " and port " +
                          std::to_string(broker.port));
        else
            brokers.push_back({broker.node_id, std::move(broker.host),
                               static_cast<std::uint16_t>(broker.port), std::move(broker.rack)});
    }
    std::stable_sort(brokers.begin(), brokers.end(),
                     [](const auto& a, const auto& b) { return a.id < b.id; });
    const auto repeated = std::unique(brokers.begin(), brokers.end(),
                                      [](const auto& a, const auto& b) { return a.id == b.id; });
    if (repeated != brokers.end()) odd.emplace_back("a broker's id stands twice");
    brokers.erase(repeated, brokers.end());
    return brokers;
}

}  // namespace

bool usable_address(std::string_view host, std::int32_t port) noexcept {
    if (port < 1 || port > 65535 || host.empty() || host.size() > longest_host) return false;
    return std::all_of(host.begin(), host.end(), [](char c) { return c > ' ' && c != 0x7f; });
}

void Metadata::take_topic(MetadataResponse::Topic& answer, const std::string& name,
                          bool reliable_epochs, Time now, Outcome& outcome) {
    // Found by its id: its name is new, and yet nothing that must be asked for.
    const bool fresh = fresh_wanted_;
    const auto at = topics_.find(name);
    auto& topic = at == topics_.end() ? wanted(name, now) : at->second;
    fresh_wanted_ = fresh;
    topic.answered = now;
    topic.asked = true;
    const auto* known = topic.data.get();
    auto error = answer.error_code;
    if (error == 0 && answer.partitions.empty()) {
        outcome.odd.push_back("topic " + quoted(name) + ": it has no partitions");
        error = unknown_topic;
    }
    if (error != 0) {
        // What was known stays: a broker may not have heard of the topic, or forgotten it for a
        // while. Whoever uses it looks at the error first.
        TopicMetadata data = known ? *known : TopicMetadata{.name = name};
        data.error = error;
        return replace(topic, std::move(data));
    }

    TopicMetadata data{.name = name, .id = answer.topic_id, .internal = answer.is_internal};
    if (const auto other = names_.find(data.id); other != names_.end() && other->second != name) {
        outcome.odd.push_back("topic " + quoted(name) + ": its id is that of " +
                              quoted(other->second));
        data.id = {};
    }
    // A topic id that changed means another topic, which begins with its own epochs.
    const bool same = known && (data.id == known->id || data.id.is_zero() || known->id.is_zero());
    std::size_t size = 0;
    for (const auto& partition : answer.partitions)
        if (partition.partition_index >= 0 &&
            static_cast<std::size_t>(partition.partition_index) <
                answer.partitions.size() + most_missing_partitions)
            size = std::max(size, static_cast<std::size_t>(partition.partition_index) + 1);
    // The partitions of a topic never become fewer.
    if (same && !data.id.is_zero()) size = std::max(size, known->partitions.size());
    data.partitions.resize(size);
    std::vector<bool> named(size);
    for (auto& partition : answer.partitions) {
        const auto index = static_cast<std::size_t>(partition.partition_index);
        if (partition.partition_index < 0 || index >= size || named[index]) {
            outcome.odd.push_back(
                "topic " + quoted(name) + ": partition " +
                std::to_string(partition.partition_index) +
                (partition.partition_index >= 0 && index < size ? " stands twice" : " cannot be"));
            continue;
        }
        named[index] = true;
        auto& to = data.partitions[index];
        to.error = partition.error_code;
        to.leader = std::max(partition.leader_id, -1);
        to.leader_epoch = reliable_epochs ? std::max(partition.leader_epoch, -1) : -1;
        to.replicas = std::move(partition.replica_nodes);
        to.in_sync = std::move(partition.isr_nodes);
        to.offline = std::move(partition.offline_replicas);
    }
    for (std::size_t i = 0; i < size; ++i) {
        auto& to = data.partitions[i];
        const bool had = same && i < known->partitions.size();
        if (!named[i]) {
            to.error = no_leader;
            if (had) to = known->partitions[i];
        } else if (had && to.leader_epoch >= 0 &&
                   to.leader_epoch < known->partitions[i].leader_epoch) {
            to = known->partitions[i];  // an answer from the past
        }
    }
    replace(topic, std::move(data));
}

Metadata::Outcome Metadata::update(const protocol::MetadataRequest& asked,
                                   protocol::MetadataResponse answer, int version, Time now,
                                   double random) {
    Outcome outcome;
    const auto refuse = [&](std::error_code code, std::string why) {
        failed(now, random);
        outcome.failure = {code, std::move(why)};
        return std::move(outcome);
    };
    if (answer.error_code != 0)
        return refuse(broker_error(answer.error_code), "the broker's answer to Metadata");
    outcome.other_cluster = cluster_id_ && answer.cluster_id && *cluster_id_ != *answer.cluster_id;
    if (outcome.other_cluster && limits_.refuse_other_cluster)
        return refuse(broker_error(static_cast<std::int16_t>(broker_errc::inconsistent_cluster_id)),
                      "the broker is of cluster " + quoted(*answer.cluster_id) + ", not of " +
                          quoted(*cluster_id_));
    auto brokers = usable_brokers(answer.brokers, outcome.odd);
    if (brokers.empty()) return refuse(errc::malformed_message, "the metadata names no broker");

    const auto before = version_;
    if (outcome.other_cluster) {  // its topics are others, whatever their names
        cluster_id_.reset();
        for (auto& [name, topic] : topics_) {
            note_change(name);
            topic.data.reset();
        }
        names_.clear();
    }
    if (!cluster_id_ && answer.cluster_id) {
        cluster_id_ = std::move(answer.cluster_id);
        ++version_;
    }
    if (brokers != brokers_) {
        brokers_ = std::move(brokers);
        ++version_;
    }
    if (std::exchange(controller_doubted_, false) || !broker(controller_)) {
        const auto controller = broker(answer.controller_id) ? answer.controller_id : -1;
        if (std::exchange(controller_, controller) != controller) ++version_;
    }

    std::set<std::string_view> names, answered;
    std::set<Uuid> ids;
    for (const auto& topic : *asked.topics) {
        if (topic.name)
            names.insert(*topic.name);
        else
            ids.insert(topic.topic_id);
    }
    const bool reliable_epochs = version >= 9;  // before, brokers may give old ones
    for (auto& topic : answer.topics) {
        const bool by_id = ids.count(topic.topic_id) > 0;
        if (by_id && (!topic.name || topic.name->empty() || topic.error_code != 0)) {
            if (auto at = ids_.find(topic.topic_id); at != ids_.end()) {
                at->second.asked = true;
                at->second.unknown = now;
            }
            ids.erase(topic.topic_id);
            continue;
        }
        const auto name = topic.name ? names.find(*topic.name) : names.end();
        if (name == names.end() && !by_id) {
            outcome.odd.push_back("topic " + quoted(topic.name.value_or("")) +
                                  ": it was not asked for");
            continue;
        }
        if (!answered.insert(*topic.name).second) {
            outcome.odd.push_back("topic " + quoted(*topic.name) + " stands twice");
            continue;
        }
        ids.erase(topic.topic_id);
        take_topic(topic, std::string(*topic.name), reliable_epochs, now, outcome);
    }
    // What was left out is as good as unknown for now, and asked for again.
    bool missing = !ids.empty();
    for (const auto name : names) {
        if (answered.count(name) > 0 || topics_.find(name) == topics_.end()) continue;
        outcome.odd.push_back("topic " + quoted(name) + ": it was asked for and left out");
        MetadataResponse::Topic nothing;
        nothing.error_code = unknown_topic;
        take_topic(nothing, std::string(name), reliable_epochs, now, outcome);
        missing = true;
    }

    asking_ = false;
    outcome.changed = version_ != before;
    if (asking_all_) last_full_ = now;
    stale_ |= missing;
    failures_ = 0;
    // Refreshes that follow each other and bring nothing new become slower.
    const bool pressed = now < after(not_before_, quiet_after);
    quiet_ = outcome.changed && !missing ? 1 : (pressed ? quiet_ + 1 : 1);
    not_before_ = now + limits_.retry.delay(quiet_, random);
    return outcome;
}

}  // namespace kafka::core
