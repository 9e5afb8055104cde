// SPDX-License-Identifier: Apache-2.0
#include "core/metadata.hpp"

#include <algorithm>
#include <utility>

namespace kafka {

const BrokerMetadata* ClusterMetadata::broker(std::int32_t id) const noexcept {
    const auto at = std::lower_bound(
        brokers.begin(), brokers.end(), id,
        [](const BrokerMetadata& broker, std::int32_t wanted) { return broker.id < wanted; });
    return at != brokers.end() && at->id == id ? &*at : nullptr;
}

const TopicMetadata* ClusterMetadata::topic(std::string_view name) const noexcept {
    const auto at = std::lower_bound(
        topics.begin(), topics.end(), name,
        [](const auto& topic, std::string_view wanted) { return topic->name < wanted; });
    return at != topics.end() && (*at)->name == name ? at->get() : nullptr;
}

const TopicMetadata* ClusterMetadata::topic(const Uuid& id) const noexcept {
    for (const auto& topic : topics)
        if (topic->id == id) return topic.get();
    return nullptr;
}

const PartitionMetadata* ClusterMetadata::partition(std::string_view name,
                                                    std::int32_t number) const noexcept {
    const auto* found = topic(name);
    if (!found || number < 0 || static_cast<std::size_t>(number) >= found->partitions.size())
        return nullptr;
    return &found->partitions[static_cast<std::size_t>(number)];
}

namespace core {
namespace {

/// More than so many topics are listed anew.
constexpr std::size_t most_changed = 64;

}  // namespace

// Both are in the order of their names.
std::vector<std::shared_ptr<const TopicMetadata>> changed_topics(const ClusterMetadata& before,
                                                                 const ClusterMetadata& after) {
    std::vector<std::shared_ptr<const TopicMetadata>> changed;
    auto old = before.topics.begin();
    for (const auto& topic : after.topics) {
        while (old != before.topics.end() && (*old)->name < topic->name)
            ++old;
        if (old == before.topics.end() || *old != topic) changed.push_back(topic);
    }
    return changed;
}

Metadata::Metadata(Limits limits) : limits_(limits) {}

// What is known.

const Metadata::Topic* Metadata::topic(std::string_view name) const {
    const auto at = topics_.find(name);
    return at == topics_.end() ? nullptr : &at->second;
}

const Metadata::Topic* Metadata::topic(const Uuid& id) const {
    const auto at = names_.find(id);
    return at == names_.end() ? nullptr : topic(at->second);
}

const BrokerMetadata* Metadata::broker(std::int32_t id) const noexcept {
    const auto at = std::lower_bound(
        brokers_.begin(), brokers_.end(), id,
        [](const BrokerMetadata& broker, std::int32_t wanted) { return broker.id < wanted; });
    return at != brokers_.end() && at->id == id ? &*at : nullptr;
}

std::shared_ptr<const ClusterMetadata> Metadata::snapshot() {
    if (snapshot_ && snapshot_->version == version_) return snapshot_;
    auto state = std::make_shared<ClusterMetadata>();
    state->version = version_;
    state->cluster_id = cluster_id_;
    state->controller = controller_;
    state->brokers = brokers_;
    list_topics(*state);
    changed_.clear();
    snapshot_ = std::move(state);
    return snapshot_;
}

// To sort thousands costs more than all that a few new ones bring.
void Metadata::list_topics(ClusterMetadata& state) const {
    auto& topics = state.topics;
    const auto by_name = [](const auto& a, const auto& b) { return a->name < b->name; };
    if (!snapshot_ || changed_.size() > most_changed) {
        for (const auto& [name, topic] : topics_)
            if (topic.data) topics.push_back(topic.data);
        return std::sort(topics.begin(), topics.end(), by_name);
    }
    topics.reserve(snapshot_->topics.size() + changed_.size());
    topics = snapshot_->topics;
    for (const auto& name : changed_) {
        const auto at = std::lower_bound(
            topics.begin(), topics.end(), name,
            [](const auto& one, std::string_view wanted) { return one->name < wanted; });
        const bool there = at != topics.end() && (*at)->name == name;
        const auto* now = topic(name);
        if (!now || !now->data) {
            if (there) topics.erase(at);
        } else if (there) {
            *at = now->data;
        } else {
            topics.insert(at, now->data);
        }
    }
}

// What is wanted.

Metadata::Topic& Metadata::wanted(std::string_view name, Time now) {
    auto at = topics_.find(name);
    if (at == topics_.end()) {
        at = topics_.try_emplace(std::string(name)).first;
        fresh_wanted_ = true;
    }
    at->second.used = now;
    return at->second;
}

void Metadata::want(std::string_view topic, Time now) {
    (void)wanted(topic, now);
}

// What has changed for a topic may have changed for others; what is new has not.
void Metadata::demand(std::string_view name, Time now) {
    auto& topic = wanted(name, now);
    if (topic.data && topic.data->error == 0) return demand();
    topic.demanded = true;
    fresh_wanted_ = true;
}

void Metadata::want(const Uuid& id, Time now) {
    if (const auto at = names_.find(id); at != names_.end()) return want(at->second, now);
    const auto [at, fresh] = ids_.try_emplace(id);
    at->second.used = now;
    fresh_wanted_ |= fresh;
}

void Metadata::hold(std::string_view topic, Time now) {
    ++wanted(topic, now).holds;
}

void Metadata::release(std::string_view topic, Time now) {
    const auto at = topics_.find(topic);
    if (at == topics_.end() || at->second.holds == 0) return;
    --at->second.holds;
    at->second.used = now;
}

std::optional<Time> Metadata::unknown_id(const Uuid& id) const {
    const auto at = ids_.find(id);
    return at == ids_.end() ? std::nullopt : at->second.unknown;
}

void Metadata::drop_idle(Time now) {
    const auto idle = [&](Time used) { return after(used, limits_.max_idle) <= now; };
    std::erase_if(topics_, [&](const auto& entry) {
        if (entry.second.holds > 0 || !idle(entry.second.used)) return false;
        if (entry.second.data) {
            names_.erase(entry.second.data->id);
            note_change(entry.first);
        }
        return true;
    });
    std::erase_if(ids_, [&](const auto& entry) { return idle(entry.second.used); });
}

// When to ask.

Time Metadata::due() const noexcept {
    if (asking_) return never;
    // What was never asked for does not wait out the pause between refreshes, but that after
    // failures.
    if ((fresh_wanted_ || demanded_) && failures_ == 0) return Time{};
    if (stale_ || fresh_wanted_) return not_before_;
    if (last_full_ == never) return never;
    return std::max(after(last_full_, limits_.max_age), not_before_);
}

protocol::MetadataRequest Metadata::ask(Time now) {
    drop_idle(now);
    protocol::MetadataRequest request;
    request.allow_auto_topic_creation = limits_.auto_create;
    asking_ = true;
    // For new topics alone the others need not be asked for again.
    asking_all_ = stale_ || last_full_ == never || after(last_full_, limits_.max_age) <= now;
    for (auto& [name, topic] : topics_) {
        if (!asking_all_ && topic.asked && !topic.demanded) continue;
        topic.asked = topic.demanded = false;
        request.topics->push_back({.name = name});
    }
    for (const auto& [id, wanted] : ids_)
        if (asking_all_ || !wanted.asked)
            request.topics->push_back({.topic_id = id, .name = std::nullopt});
    // What comes up while the answer is on its way is asked for after it.
    stale_ = demanded_ = fresh_wanted_ = false;
    return request;
}

void Metadata::failed(Time now, double random) {
    asking_ = false;
    stale_ |= asking_all_;
    fresh_wanted_ = true;
    ++failures_;
    not_before_ = now + limits_.retry.delay(failures_, random);
}

// What comes from elsewhere.

bool Metadata::learn(BrokerMetadata broker) {
    if (broker.id < 0 || !usable_address(broker.host, broker.port)) return false;
    const auto at = std::lower_bound(
        brokers_.begin(), brokers_.end(), broker.id,
        [](const BrokerMetadata& other, std::int32_t id) { return other.id < id; });
    if (at == brokers_.end() || at->id != broker.id) {
        brokers_.insert(at, std::move(broker));
    } else {
        if (!broker.rack) broker.rack = at->rack;
        if (*at == broker) return true;
        *at = std::move(broker);
    }
    ++version_;
    return true;
}

bool Metadata::apply_hint(std::string_view name, const Uuid& id, std::int32_t partition,
                          std::int32_t leader, std::int32_t epoch,
                          const std::vector<BrokerMetadata>& endpoints) {
    if (leader < 0 || epoch < 0 || partition < 0) return false;
    if (name.empty()) {
        const auto found = names_.find(id);
        if (found == names_.end()) return false;
        name = found->second;
    }
    const auto at = topics_.find(name);
    if (at == topics_.end() || !at->second.data) return false;
    const auto& known = *at->second.data;
    const auto index = static_cast<std::size_t>(partition);
    if (index >= known.partitions.size() || known.partitions[index].leader_epoch >= epoch ||
        (!id.is_zero() && !known.id.is_zero() && id != known.id))
        return false;
    const auto endpoint = std::find_if(endpoints.begin(), endpoints.end(),
                                       [leader](const auto& b) { return b.id == leader; });
    if (endpoint != endpoints.end() ? !learn(*endpoint) : !broker(leader)) return false;
    auto data = known;
    data.partitions[index].leader = leader;
    data.partitions[index].leader_epoch = epoch;
    data.partitions[index].error = 0;
    replace(at->second, std::move(data));
    return true;
}

void Metadata::replace(Topic& topic, TopicMetadata data) {
    if (topic.data && *topic.data == data) return;
    if (topic.data && topic.data->id != data.id) names_.erase(topic.data->id);
    if (!data.id.is_zero()) {
        names_[data.id] = data.name;
        ids_.erase(data.id);
    }
    note_change(data.name);
    topic.data = std::make_shared<const TopicMetadata>(std::move(data));
}

void Metadata::note_change(const std::string& topic) {
    ++version_;
    if (changed_.size() <= most_changed) changed_.push_back(topic);
}

void Metadata::forget_brokers() {
    brokers_.clear();
    controller_ = -1;
    cluster_id_.reset();
    stale_ = true;
    ++version_;
}

}  // namespace core
}  // namespace kafka
