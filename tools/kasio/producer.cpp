// SPDX-License-Identifier: Apache-2.0
#include "producer.hpp"

#include <chrono>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>

#include <kafka/codec.hpp>
#include <kafka/protocol/init_producer_id.hpp>
#include <kafka/protocol/record_batch_builder.hpp>
#include <kafka/protocol/record_reader.hpp>

namespace kasio {

using kafka::broker_errc;
using kafka::Failure;
using kafka::protocol::InitProducerIdRequest;
using kafka::protocol::ProduceRequest;

namespace {

constexpr milliseconds look_around{100};  // how often waiting threads look for a signal

bool outcome_unknown(const std::error_code& error) noexcept {
    return error.category() != kafka::broker_category() ||
           error == broker_errc::request_timed_out ||
           error == broker_errc::not_enough_replicas_after_append;
}

std::string lines_of(const Batch& batch) {
    if (batch.numbers.empty()) return "no records";
    if (batch.count() == 1) return "record " + std::to_string(batch.numbers.front());
    return std::to_string(batch.count()) + " records from number " +
           std::to_string(batch.numbers.front()) + " on";
}

}  // namespace

Producer::Producer(Runtime& runtime, Cluster& cluster, std::string topic, ProducerOptions options)
    : runtime_(runtime),
      cluster_(cluster),
      topic_(std::move(topic)),
      options_(options),
      stopped_(runtime.context()) {}

Producer::~Producer() {
    const auto finish = [](Producer& self) -> asio::awaitable<bool> {
        self.stopping_ = true;
        if (self.running_ > 0) self.cluster_.close();
        while (self.running_ > 0)
            co_await self.stopped_.wait();
        co_return true;
    };
    runtime_.run(finish(*this));
}

Problem Producer::start() {
    const auto failure = runtime_.run(initialise());
    if (failure) return problem_of(failure, "a producer id cannot be had");
    return {};
}

asio::awaitable<Failure> Producer::initialise() {
    partitions_.resize(static_cast<std::size_t>(cluster_.partition_count()));
    bytes_by_partition_.resize(partitions_.size());
    if (options_.acks != -1) co_return Failure();
    Retries retries(cluster_.options().patience);
    while (true) {
        auto failure = co_await initialise_once();
        if (!failure || !kafka::is_retriable(failure.code)) co_return failure;
        const bool again = co_await retries.next();
        if (!again) co_return failure;
    }
}

asio::awaitable<Failure> Producer::initialise_once() {
    auto conn = co_await cluster_.any();
    if (!conn) co_return conn.take_failure();
    InitProducerIdRequest request;
    request.transactional_id = std::nullopt;
    request.transaction_timeout_ms = 60'000;
    auto response = co_await cluster_.call(*conn, std::move(request));
    if (!response) co_return response.take_failure();
    if (response->error_code != 0) co_return Failure(kafka::broker_error(response->error_code));
    id_ = {response->producer_id, response->producer_epoch};
    co_return Failure();
}

bool Producer::submit(Batch batch) {
    std::unique_lock lock(mutex_);
    // One batch is let in whatever its size; after a signal, which ends the input, all are.
    while (outstanding_ > 0 && outstanding_ + batch.bytes.size() > options_.memory && !problem_ &&
           runtime_.interrupted() == Exit::ok) {
        changed_.wait_for(lock, look_around);
    }
    if (problem_) return false;
    outstanding_ += batch.bytes.size();
    lock.unlock();
    asio::post(runtime_.context(),
               [this, moved = std::move(batch)]() mutable { enqueue(std::move(moved)); });
    return true;
}

bool Producer::drain() {
    std::unique_lock lock(mutex_);
    // A signal ends this by the time that Runtime grants: what was read is to be delivered.
    changed_.wait(lock, [this] { return outstanding_ == 0 || problem_; });
    return !problem_;
}

Problem Producer::problem() const {
    const std::lock_guard lock(mutex_);
    return problem_;
}

Producer::Counters Producer::counters() const {
    const std::lock_guard lock(mutex_);
    return counters_;
}

std::vector<std::uint64_t> Producer::bytes_by_partition() const {
    const std::lock_guard lock(mutex_);
    return bytes_by_partition_;
}

void Producer::enqueue(Batch batch) {
    if (stopping_) return;
    const auto index = batch.partition;
    auto& partition = partitions_[static_cast<std::size_t>(index)];
    partition.queue.push_back(std::move(batch));
    if (partition.running) return;
    partition.running = true;
    ++running_;
    asio::co_spawn(runtime_.context(), run(index), asio::detached);
}

asio::awaitable<void> Producer::run(std::int32_t index) {
    auto& partition = partitions_[static_cast<std::size_t>(index)];
    while (!partition.queue.empty() && !stopping_) {
        co_await deliver(partition.queue.front(), partition.queue);
    }
    partition.running = false;
    --running_;
    if (running_ == 0) stopped_.notify();
}

// Delivers the first batch of the queue and takes it off, or cuts it in two, or stops everything.
asio::awaitable<void> Producer::deliver(Batch& batch, std::deque<Batch>& queue) {
    Retries retries(cluster_.options().patience);
    while (!stopping_) {
        auto failure = co_await send(batch);
        if (stopping_) co_return;
        if (!failure) {
            done(batch);
            queue.pop_front();
            co_return;
        }
        const bool too_large = failure.code == broker_errc::message_too_large ||
                               failure.code == broker_errc::record_list_too_large;
        if (too_large && batch.count() > 1) {
            split(queue);
            co_return;
        }
        if (!kafka::is_retriable(failure.code)) {
            stop_with(batch, failure);
            co_return;
        }
        if (options_.acks != -1 && outcome_unknown(failure.code)) {
            const std::lock_guard lock(mutex_);
            counters_.maybe_twice += static_cast<std::uint64_t>(batch.count());
        }
        const bool again = co_await retries.next();
        if (stopping_) co_return;
        if (!again) {
            stop_with(batch, failure);
            co_return;
        }
        // A leader that cannot be reached may have been replaced. If no broker can be reached
        // now, the next attempt finds out as well.
        const auto ignored = co_await cluster_.refresh();
        static_cast<void>(ignored);
    }
}

asio::awaitable<Failure> Producer::send(const Batch& batch) {
    const auto leader = cluster_.leader_of(batch.partition);
    if (leader < 0) co_return Failure(broker_errc::leader_not_available);
    const auto of_broker = "broker " + cluster_.broker_name(leader);
    auto conn = co_await cluster_.broker(leader);
    if (!conn) {
        auto failure = conn.take_failure();
        failure.detail = of_broker + (failure.detail.empty() ? "" : ", ") + failure.detail;
        co_return failure;
    }
    ProduceRequest request;
    request.acks = options_.acks;
    request.timeout_ms = static_cast<std::int32_t>(cluster_.options().conn.request_timeout.count());
    ProduceRequest::TopicProduceData topic;
    topic.name = topic_;
    if (const auto* known = cluster_.topic()) topic.topic_id = known->topic_id;
    ProduceRequest::PartitionProduceData data;
    data.index = batch.partition;
    data.records = batch.bytes;
    topic.partition_data.push_back(std::move(data));
    request.topic_data.push_back(std::move(topic));
    auto response = co_await cluster_.call(*conn, std::move(request));
    if (!response) co_return response.take_failure();
    if (options_.acks == 0) co_return Failure();
    for (const auto& each : response->responses) {
        for (const auto& partition : each.partition_responses) {
            if (partition.index != batch.partition) continue;
            const auto error = kafka::broker_error(partition.error_code);
            // The batch is in the log already: the answer to an earlier attempt got lost.
            if (!error || error == broker_errc::duplicate_sequence_number) co_return Failure();
            std::string detail = of_broker;
            if (partition.error_message) detail += ", " + *partition.error_message;
            co_return Failure(error, std::move(detail));
        }
    }
    co_return Failure(kafka::errc::malformed_message,
                      of_broker + " did not answer for the partition");
}

// The topic takes smaller batches only: two halves, with the sequence numbers they had.
void Producer::split(std::deque<Batch>& queue) {
    const Batch whole = std::move(queue.front());
    queue.pop_front();
    kafka::protocol::ReadOptions options;
    options.check_crcs = false;
    options.decompress = kafka::codec::decompress;
    kafka::protocol::RecordReader reader(whole.bytes, options);
    std::vector<Batch> halves;
    std::size_t used = 0;
    kafka::protocol::RecordBatchBuilder builder;
    const auto codec = static_cast<kafka::Compression>(
        whole.bytes.data()[kafka::protocol::batch_layout::attributes + 1] & 7);
    const auto close_half = [&](std::size_t until) {
        Batch half;
        half.partition = whole.partition;
        half.numbers.assign(whole.numbers.begin() + static_cast<std::ptrdiff_t>(used),
                            whole.numbers.begin() + static_cast<std::ptrdiff_t>(until));
        half.record_bytes = whole.record_bytes * half.numbers.size() / whole.numbers.size();
        kafka::protocol::BatchFields fields;
        fields.producer_id = id_.id;
        fields.producer_epoch = id_.epoch;
        if (whole.base_sequence >= 0) {
            half.base_sequence = static_cast<std::int32_t>(
                (static_cast<std::uint32_t>(whole.base_sequence) + used) & 0x7fffffffU);
            fields.base_sequence = half.base_sequence;
        }
        kafka::ByteBuffer out;
        auto sealed = builder.seal_into(out, fields, codec, kafka::codec::compress);
        if (!sealed) return false;
        half.bytes = std::move(out).release();
        halves.push_back(std::move(half));
        builder.clear();
        used = until;
        return true;
    };
    std::size_t index = 0;
    bool good = true;
    while (const auto* record = reader.next()) {
        good = good && builder.append(*record);
        ++index;
        if (index == whole.numbers.size() / 2 || index == whole.numbers.size()) {
            good = good && close_half(index);
        }
    }
    if (!good || reader.failure() || used != whole.numbers.size()) {
        stop_with(whole,
                  Failure(kafka::errc::malformed_records, "a batch could not be cut in two"));
        return;
    }
    std::size_t size = 0;
    for (auto half = halves.rbegin(); half != halves.rend(); ++half) {
        size += half->bytes.size();
        queue.push_front(std::move(*half));
    }
    const std::lock_guard lock(mutex_);
    outstanding_ = outstanding_ - whole.bytes.size() + size;
}

void Producer::done(const Batch& batch) {
    const std::lock_guard lock(mutex_);
    outstanding_ -= batch.bytes.size();
    counters_.records += static_cast<std::uint64_t>(batch.count());
    counters_.bytes += batch.record_bytes;
    counters_.wire_bytes += batch.bytes.size();
    bytes_by_partition_[static_cast<std::size_t>(batch.partition)] += batch.record_bytes;
    changed_.notify_all();
}

// The sentence names topic, partition, records, cause and (in the detail) the broker.
void Producer::stop_with(const Batch& batch, const Failure& failure) {
    stopping_ = true;
    std::string context = "topic " + topic_ + " partition " + std::to_string(batch.partition) +
                          ": " + lines_of(batch);
    if (batch.count() == 1) context += " (" + std::to_string(batch.record_bytes) + " bytes)";
    auto problem = problem_of(failure, context + " could not be delivered");
    const std::lock_guard lock(mutex_);
    if (!problem_) problem_ = std::move(problem);
    changed_.notify_all();
}

}  // namespace kasio
