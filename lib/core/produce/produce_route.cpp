// SPDX-License-Identifier: Apache-2.0
// ProduceCore: where partitions are led, which connections there are, and what waits for which
// time.
#include <algorithm>
#include <unordered_set>
#include <utility>

#include <kafka/error.hpp>

#include "core/produce/produce_state.hpp"

namespace kafka::core {
namespace {

/// More are kept only while they are in use.
constexpr std::size_t most_idle_brokers = 1000;

}  // namespace

// Puts it among its leader's ready ones if something waits. To be called after whatever may let a
// batch of it go; whether one can go is looked at when a request is built.
void ProduceCore::list(ProducePartition& partition, Time now) {
    if (partition.waiting() == 0 || partition.listed) return;
    if (!partition.leader || partition.doubted) {
        if (topics_[partition.topic]->ask_at == never) want_metadata(partition.topic);
        return;
    }
    if (partition.not_before > now) return sleep(partition);
    partition.listed = true;
    partition.leader->ready.push_back(&partition);
    dirty_ = true;
}

void ProduceCore::list_all(Time now) {
    for (auto& topic : topics_)
        for (auto& partition : topic->partitions)
            if (partition) list(*partition, now);
}

void ProduceCore::sleep(ProducePartition& partition) {
    wake_at(partition.not_before);
    if (std::exchange(partition.asleep, true)) return;
    sleeping_.push_back(&partition);
}

// Once for all that failed together.
void ProduceCore::pause(ProducePartition& partition, Time now) {
    if (partition.not_before > now) return;
    const auto delay = limits_.retry.delay(++partition.failures, random_.fraction());
    partition.not_before = now + std::chrono::ceil<milliseconds>(delay);
}

void ProduceCore::want_metadata(TopicIndex index) {
    auto& topic = *topics_[index];
    topic.ask_at = never;
    if (std::exchange(topic.asked, true)) return;
    actions_.push_back(WantMetadata{index});
}

void ProduceCore::ask_again_later(Topic& topic, Time now) {
    const auto delay = limits_.retry.delay(++topic.failures, random_.fraction());
    topic.ask_at = now + std::chrono::ceil<milliseconds>(delay);
    wake_at(topic.ask_at);
}

void ProduceCore::forget_idle_brokers() {
    std::unordered_set<const ProduceBroker*> leaders;
    for (const auto& topic : topics_)
        for (const auto& partition : topic->partitions)
            if (partition) leaders.insert(partition->leader);
    std::erase_if(brokers_, [&](const auto& broker) {
        return !broker->connected && broker->in_flight == 0 && broker->ready.empty() &&
               !leaders.contains(broker.get());
    });
}

ProduceBroker& ProduceCore::broker_of(std::int32_t id) {
    const auto at = std::find_if(brokers_.begin(), brokers_.end(),
                                 [&](const auto& broker) { return broker->id == id; });
    if (at != brokers_.end()) return **at;
    // BI-51: hints may name any number of brokers that there are not.
    if (brokers_.size() >= most_idle_brokers) forget_idle_brokers();
    brokers_.push_back(std::make_unique<ProduceBroker>(id));
    return *brokers_.back();
}

void ProduceCore::move(ProducePartition& partition, std::int32_t leader, std::int32_t epoch,
                       Time now) {
    auto* to = leader < 0 ? nullptr : &broker_of(leader);
    if (partition.listed && partition.leader != to) {
        partition.leader->ready.erase_if([&](const auto* one) { return one == &partition; });
        partition.listed = false;
    }
    partition.leader_epoch = epoch;
    partition.leader = to;
    partition.doubted = false;
    list(partition, now);
}

void ProduceCore::on_leaders(TopicIndex index, const TopicMetadata& metadata, Time now) {
    now_ = now;
    if (index >= topics_.size()) return;
    auto& topic = *topics_[index];
    const auto error = broker_error(metadata.error);
    if (error && !is_retriable(error))
        return on_no_metadata(index, {error, "topic '" + topic.name + "'"}, now);
    const bool created_anew =
        !(topic.id == Uuid{}) && !(metadata.id == Uuid{}) && !(topic.id == metadata.id);
    topic.id = metadata.id;
    for (std::size_t i = 0; !error && i < metadata.partitions.size(); ++i)
        static_cast<void>(partition_of(index, static_cast<std::int32_t>(i)));
    bool lacks = false;
    topic.asked = true;  // nobody asks again before all of it was looked at
    for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
        if (!topic.partitions[i]) continue;
        auto& partition = *topic.partitions[i];
        if (created_anew) {
            // Another log, which does not know this producer.
            partition.leader_epoch = -1;
            partition.sequences.doubt();
        }
        const auto* news = i < metadata.partitions.size() ? &metadata.partitions[i] : nullptr;
        // A hint of a later epoch may have come in between. What is left out of an answer is not
        // forgotten: its numbers go on.
        const bool older = news && news->leader_epoch >= 0 &&
                           news->leader_epoch < partition.leader_epoch && partition.leader;
        if (!error && !older) {
            // Whatever a pause is for, a new leader may do better (KIP-951).
            if (news && news->leader >= 0 && partition.leader_epoch >= 0 &&
                news->leader_epoch > partition.leader_epoch)
                partition.not_before = {};
            move(partition, news ? news->leader : -1,
                 news ? news->leader_epoch : partition.leader_epoch, now);
        }
        lacks |= partition.waiting() > 0 && (!partition.leader || partition.doubted);
    }
    topic.asked = false;
    if (lacks) {
        ask_again_later(topic, now);
    } else {
        topic.failures = 0;
        topic.ask_at = never;
    }
}

void ProduceCore::on_no_metadata(TopicIndex index, const Failure& failure, Time now) {
    now_ = now;
    if (index >= topics_.size()) return;
    auto& topic = *topics_[index];
    topic.asked = false;
    if (is_retriable(failure.code)) return ask_again_later(topic, now);
    for (auto& one : topic.partitions)
        if (one) end_waiting(*one, failure);
}

void ProduceCore::on_connected(std::int32_t id, Time now) {
    now_ = now;
    auto& broker = broker_of(id);
    broker.connected = true;
    broker.asked = false;
    dirty_ = true;
}

void ProduceCore::on_disconnected(std::int32_t id, const Failure& failure, Time now) {
    now_ = now;
    auto& broker = broker_of(id);
    broker.connected = false;
    broker.asked = false;
    // The first time at once: an idle connection may have been closed.
    const auto delay = limits_.retry.delay(broker.failures++, random_.fraction());
    broker.not_before = now + std::chrono::ceil<milliseconds>(delay);
    dirty_ = true;
    // Others may lead by now. One that refuses us will refuse the next connection as well.
    const bool hopeless =
        failure.code && !is_retriable(failure.code) && failure.code != errc::connection_closed;
    for (TopicIndex i = 0; i < topics_.size(); ++i) {
        for (auto& one : topics_[i]->partitions) {
            if (!one || one->leader != &broker || one->waiting() == 0) continue;
            want_metadata(i);
            if (hopeless)
                end_waiting(*one, failure);
            else if (failure.code)  // those behind it will learn the reason from their own
                (*std::find_if(one->queue.begin(), one->queue.end(), [](const auto* entry) {
                    return !entry->flying;
                }))->last = failure;
        }
    }
}

void ProduceCore::on_producer_id(ProducerId producer, Time now) {
    now_ = now;
    producer_asked_ = false;
    if (!producer.known()) {
        return on_no_producer_id({errc::malformed_message, "a producer id below 0"}, now);
    }
    producer_failures_ = 0;
    producer_ = producer;
    list_all(now);
}

void ProduceCore::on_no_producer_id(const Failure& failure, Time now) {
    now_ = now;
    producer_asked_ = false;
    if (!is_retriable(failure.code) && failure.code != errc::malformed_message) return die(failure);
    const auto delay = limits_.retry.delay(++producer_failures_, random_.fraction());
    producer_retry_ = now + std::chrono::ceil<milliseconds>(delay);
    wake_at(producer_retry_);
}

void ProduceCore::on_gate(Time now) {
    now_ = now;
    list_all(now);
}

}  // namespace kafka::core
