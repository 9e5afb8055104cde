// SPDX-License-Identifier: Apache-2.0
// ProduceCore: requests, one a broker, with a batch each of many partitions.
#include <algorithm>
#include <limits>
#include <utility>

#include "core/produce/produce_state.hpp"

namespace kafka::core {
namespace {

constexpr std::uint64_t slot_bits = 20;
/// What a partition adds to a request beside its batch, and a topic; generous.
constexpr std::size_t partition_overhead = 12;
constexpr std::size_t request_overhead = 512;

}  // namespace

void ProduceCore::pump() {
    dirty_ = false;
    for (auto& one : brokers_) {
        auto& broker = *one;
        while (!broker.ready.empty()) {
            if (!broker.connected) {
                if (broker.asked) break;
                if (broker.not_before > now_) {
                    wake_at(broker.not_before);
                    break;
                }
                broker.asked = true;
                actions_.push_back(WantConnection{broker.id});
                break;
            }
            if (broker.in_flight >= limits_.max_in_flight) break;
            if (broker.muted_until > now_) {
                wake_at(broker.muted_until);
                break;
            }
            if (!send_one(broker)) break;
        }
    }
}

bool ProduceCore::send_one(ProduceBroker& broker) {
    Request* request = nullptr;
    std::size_t total = request_overhead;
    for (auto left = broker.ready.size(); left > 0; --left) {
        auto& partition = *broker.ready.front();
        if (partition.leader != &broker || partition.doubted) {
            broker.ready.pop_front();
            partition.listed = false;
            list(partition, now_);
            continue;
        }
        auto* entry = next_entry(partition);
        if (!entry) {  // it is listed again when that changes
            broker.ready.pop_front();
            partition.listed = false;
            if (partition.not_before > now_) list(partition, now_);
            continue;
        }
        const auto size = entry->size + partition_overhead;
        // It keeps its place in front, for the next request.
        if (request && size > limits_.max_request_size - std::min(limits_.max_request_size, total))
            break;
        broker.ready.pop_front();
        partition.listed = false;
        if (!request) request = &new_request();
        total += size;
        if (entry->wire.empty()) seal(*entry, limits_.transactional_id.has_value());
        entry->flying = true;
        if (entry->attempts++ > 0) ++counters_.retries;
        ++partition.flying;
        partition.flying_to = &broker;
        request->entries.push_back(entry);
    }
    if (!request) return false;
    request->broker = &broker;
    ++broker.in_flight;
    ++counters_.requests;
    counters_.sent_bytes += total - request_overhead;
    // Behind those that had no turn.
    for (const auto* entry : request->entries)
        list(partition_of(*entry), now_);
    write(*request);
    const auto version = gate_ ? gate_->newest_version() : std::numeric_limits<std::int16_t>::max();
    const bool ids = std::all_of(
        request->entries.begin(), request->entries.end(),
        [&](const ProduceEntry* entry) { return !(topics_[entry->batch->topic]->id == Uuid{}); });
    actions_.push_back(SendProduce{request->id, broker.id, &request->message,
                                   ids ? version : std::min<std::int16_t>(version, 12)});
    return true;
}

// The entry of that partition that may be sent now; it has its numbers then.
ProduceEntry* ProduceCore::next_entry(ProducePartition& partition) {
    if (partition.waiting() == 0 || partition.drains || partition.not_before > now_) return nullptr;
    // All of a partition that fly do so on one connection, in their order.
    if (partition.flying > 0 && partition.flying_to != partition.leader) return nullptr;
    const auto& sequences = partition.sequences;
    const bool careful = limits_.idempotent && (!sequences.proven() || partition.failures > 0);
    if (partition.flying >= (careful ? 1 : limits_.max_in_flight)) return nullptr;
    auto& entry = *partition.queue[partition.flying];
    if (gate_ && !gate_->may_send(partition.topic, partition.number)) return nullptr;
    if (limits_.idempotent && !number(partition, entry)) return nullptr;
    return &entry;
}

bool ProduceCore::number(ProducePartition& partition, ProduceEntry& entry) {
    if (entry.numbered()) return true;
    auto& sequences = partition.sequences;
    if (sequences.needs_epoch() && (partition.flying > 0 || !begin_epoch(partition))) return false;
    const auto producer = current_producer();
    if (!producer.known()) {
        want_producer_id();
        return false;
    }
    if (producer != sequences.producer()) {
        if (partition.flying > 0) return false;  // the old epoch ends first
        sequences.begin(producer);
    }
    entry.producer_id = producer.id;
    entry.producer_epoch = producer.epoch;
    entry.base_sequence = sequences.take(entry.count);
    return true;
}

// Makes the producer's epoch another than the partition's. A producer without transactions counts
// its epochs itself (KIP-360); other partitions follow when nothing of theirs is left in the old
// one.
bool ProduceCore::begin_epoch(ProducePartition& partition) {
    if (gate_) return gate_->producer() != partition.sequences.producer();
    if (producer_ != partition.sequences.producer()) return true;
    ++counters_.epochs;
    if (producer_.epoch == std::numeric_limits<std::int16_t>::max())
        producer_ = {};
    else
        ++producer_.epoch;
    return true;
}

void ProduceCore::want_producer_id() {
    if (gate_ || producer_asked_ || producer_retry_ > now_) return;
    producer_asked_ = true;
    actions_.push_back(WantProducerId{});
}

// The message's vectors and strings keep their memory from one use to the next.
void ProduceCore::write(Request& request) {
    auto& message = request.message;
    auto& entries = request.entries;
    const auto by_place = [](const ProduceEntry* a, const ProduceEntry* b) {
        return a->batch->topic < b->batch->topic;
    };
    if (!std::is_sorted(entries.begin(), entries.end(), by_place))
        std::stable_sort(entries.begin(), entries.end(), by_place);
    message.transactional_id = limits_.transactional_id;
    message.acks = limits_.acks;
    message.timeout_ms = static_cast<std::int32_t>(limits_.request_timeout.count());
    std::size_t topics = 0;
    for (std::size_t i = 0; i < entries.size();) {
        const auto index = entries[i]->batch->topic;
        std::size_t end = i;
        while (end < entries.size() && entries[end]->batch->topic == index)
            ++end;
        if (topics == message.topic_data.size()) message.topic_data.emplace_back();
        auto& row = message.topic_data[topics++];
        row.name = topics_[index]->name;
        row.topic_id = topics_[index]->id;
        row.partition_data.resize(end - i);
        for (auto& one : row.partition_data) {
            const auto& entry = *entries[i++];
            one.index = entry.batch->partition;
            one.records = wire_of(entry);
        }
    }
    message.topic_data.resize(topics);
}

ProduceCore::Request& ProduceCore::new_request() {
    if (free_requests_.empty()) {
        requests_.push_back(std::make_unique<Request>());
        requests_.back()->id = requests_.size() - 1;
        free_requests_.reserve(requests_.capacity());
        free_requests_.push_back(requests_.back().get());
    }
    auto& request = *free_requests_.back();
    free_requests_.pop_back();
    request.id += std::uint64_t{1} << slot_bits;
    request.used = true;
    request.entries.clear();
    ++requests_out_;
    return request;
}

ProduceCore::Request* ProduceCore::find(RequestId id) noexcept {
    const auto slot = id & ((std::uint64_t{1} << slot_bits) - 1);
    if (slot >= requests_.size()) return nullptr;
    auto* request = requests_[slot].get();
    return request->used && request->id == id ? request : nullptr;
}

void ProduceCore::drop(Request& request) noexcept {
    request.used = false;
    // They may own what lies outside of batches.
    for (auto& topic : request.message.topic_data)
        for (auto& one : topic.partition_data)
            one.records = {};
    --requests_out_;
    free_requests_.push_back(&request);
}

}  // namespace kafka::core
