// SPDX-License-Identifier: Apache-2.0
#include "appender.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>
#include <utility>

#include <kafka/balancer.hpp>
#include <kafka/codec.hpp>
#include <kafka/error.hpp>
#include <kafka/protocol/init_producer_id.hpp>

namespace kafka_bench {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
// A clock for each record would cost as much as all the rest.
constexpr std::uint32_t records_per_clock = 256;

// Keys go where Java's clients put them.
const kafka::Balancer as_java;

std::int64_t wall_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace

Appender::Appender(Cluster& cluster, const Options& options, std::uint32_t first)
    : cluster_(cluster),
      options_(options),
      pool_(options.batch),
      sender_(cluster, options),
      codec_(*kafka::compression_from_name(options.codec)),
      timestamp_ms_(wall_ms()),
      sticky_(first % static_cast<std::uint32_t>(options.partitions)),
      partitions_(static_cast<std::size_t>(options.partitions)) {
    for (std::size_t i = 0; i < partitions_.size(); ++i)
        partitions_[i].index = static_cast<std::int32_t>(i);
    if (options.idempotent) initialise_producer();
}

void Appender::initialise_producer() {
    kafka::protocol::InitProducerIdRequest request;
    request.transactional_id.reset();
    request.transaction_timeout_ms = 60'000;
    for (int tries = 1;; ++tries) {
        const auto answer = cluster_.call(*cluster_.nodes().front()->conn, request);
        const auto error = kafka::broker_error(answer.error_code);
        if (!error) {
            producer_id_ = answer.producer_id;
            producer_epoch_ = answer.producer_epoch;
            return;
        }
        // The controller of a cluster that has just come up may not give any yet.
        if (!kafka::is_retriable(error) || tries == 100) fail("no producer id: " + error.message());
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

Appender::Partition& Appender::choose(const CorpusRecord& record) {
    if (!record.key.data()) return partitions_[sticky_];
    if (partitions_.size() == 1) return partitions_.front();
    const auto index = kafka::key_partition(as_java, record.key, options_.partitions);
    return partitions_[static_cast<std::size_t>(index)];
}

void Appender::open(Partition& partition) {
    partition.builder = kafka::protocol::RecordBatchBuilder(pool_.take());
    partition.opened_ns = now_ns();
}

void Appender::append(const CorpusRecord& record, std::int64_t due_ns) {
    if (until_clock_-- == 0) {
        until_clock_ = records_per_clock;
        timestamp_ms_ = wall_ms();
        if (options_.mode == Mode::produce) send_due(now_ns());
    }
    const kafka::protocol::RecordHeaderView header{Corpus::header_key, record.header_value};
    kafka::protocol::RecordRef made{.value = record.value, .timestamp = timestamp_ms_};
    if (record.key.data()) made.key = record.key;
    if (record.header_value.data()) made.headers = {&header, 1};
    auto* partition = &choose(record);
    if (partition->builder.empty()) open(*partition);
    while (!partition->builder.append(made, options_.batch)) {
        if (partition->builder.empty()) {
            fail("a record of " + std::to_string(record.value.size()) +
                 " bytes is larger than batch=");
        }
        seal_and_send(*partition);
        partition = &choose(record);
        if (partition->builder.empty()) open(*partition);
    }
    if (options_.mode == Mode::latency) partition->due_ns.push_back(due_ns);
}

void Appender::seal_and_send(Partition& partition) {
    sender_.wait_until_ready(partition.index);
    const kafka::protocol::BatchFields fields{
        .producer_id = producer_id_,
        .producer_epoch = producer_epoch_,
        .base_sequence = producer_id_ < 0 ? -1 : partition.sequence,
    };
    // Sequence numbers wrap at 2^31 (KIP-98).
    partition.sequence =
        static_cast<std::int32_t>((static_cast<std::uint32_t>(partition.sequence) +
                                   static_cast<std::uint32_t>(partition.builder.count())) &
                                  0x7fffffffU);
    kafka::ByteBuffer sealed;
    if (codec_ == kafka::Compression::none) {
        partition.builder.seal(fields);
        sealed = std::move(partition.builder).take();
    } else {
        sealed = pool_.take();
        const auto batch = partition.builder.seal_into(
            sealed, fields, codec_, kafka::codec::compress, options_.codec_level);
        if (!batch) fail(batch.failure().message());
        partition.builder.clear();
    }
    sender_.send(partition.index, pool_.share(std::move(sealed)),
                 std::exchange(partition.due_ns, {}));
    // As Java's since KIP-480: records without keys stay with a partition for a batch.
    if (static_cast<std::size_t>(partition.index) == sticky_) {
        sticky_ = (sticky_ + 1) % partitions_.size();
    }
    cluster_.poll();
}

std::int64_t Appender::send_due(std::int64_t now) {
    std::int64_t next = never;
    for (auto& partition : partitions_) {
        if (partition.builder.empty()) continue;
        const auto due = partition.opened_ns + std::int64_t{*options_.linger_us} * 1000;
        if (due > now) {
            next = std::min(next, due);
        } else if (sender_.ready(partition.index)) {
            seal_and_send(partition);
        }
    }
    return next;
}

void Appender::flush() {
    for (auto& partition : partitions_)
        if (!partition.builder.empty()) seal_and_send(partition);
    sender_.drain();
}

}  // namespace kafka_bench
