// SPDX-License-Identifier: Apache-2.0
#include "producer.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <kafka/client_metadata.hpp>
#include <kafka/error.hpp>

namespace kasio {

namespace {

constexpr std::chrono::milliseconds look_around{100};

// A cookie is the size of a record and the end of its number; what is missing there follows from
// the newest number, since fewer records than that are on their way.
constexpr unsigned size_bits = 30;
constexpr std::uint64_t size_mask = (std::uint64_t{1} << size_bits) - 1;
constexpr std::uint64_t number_mask = (std::uint64_t{1} << (64 - size_bits)) - 1;

std::uint64_t cookie_of(std::uint64_t number, std::uint64_t size) noexcept {
    return ((number & number_mask) << size_bits) | std::min(size, size_mask);
}
std::uint64_t size_in(std::uint64_t cookie) noexcept {
    return cookie & size_mask;
}
std::uint64_t number_in(std::uint64_t cookie, std::uint64_t newest) noexcept {
    return newest - ((newest - (cookie >> size_bits)) & number_mask);
}

std::size_t bytes_of(const kafka::protocol::RecordRef& record) noexcept {
    std::size_t sum = record.key.size() + record.value.size();
    for (const auto& header : record.headers)
        sum += header.key.size() + header.value.size();
    return sum;
}

}  // namespace

// Shared with the loop, which may come back to it once more after the end.
struct Producer::State {
    explicit State(const Runtime& of) : runtime(of) {}

    const Runtime& runtime;
    std::atomic<std::uint64_t> newest{0};
    std::atomic<bool> failed{false};
    std::function<void()> on_failure;  // ends waiting; guarded by the mutex

    mutable std::mutex mutex;
    std::condition_variable changed;
    std::uint64_t ended = 0;
    Counters counters;
    std::vector<std::uint64_t> bytes_by_partition;
    DeliveryFailures failures;
    Exit signal = Exit::ok;  // one that came before any failure

    void take(const kafka::WrittenRecords& records) {
        const auto known = newest.load(std::memory_order_acquire);
        const std::lock_guard lock(mutex);
        ended += records.cookies.size();
        if (records.error) {
            for (const auto cookie : records.cookies)
                failures.add(records.partition, number_in(cookie, known), size_in(cookie),
                             records.error, records.detail);
            fail();
        } else {
            std::uint64_t bytes = 0;
            for (const auto cookie : records.cookies)
                bytes += size_in(cookie);
            counters.records += records.cookies.size();
            counters.bytes += bytes;
            const auto index = static_cast<std::size_t>(std::max(records.partition, 0));
            if (bytes_by_partition.size() <= index) bytes_by_partition.resize(index + 1);
            bytes_by_partition[index] += bytes;
        }
        changed.notify_all();
    }
    void fail() {
        if (failed.exchange(true)) return;
        signal = runtime.interrupted();
        if (on_failure) on_failure();
    }
};

Producer::Producer(Runtime& runtime, kafka::ClientConfig client, kafka::WriterConfig writer)
    : runtime_(runtime), topic_(writer.topic), state_(std::make_shared<State>(runtime)) {
    writer.on_records = [state = state_](const kafka::WrittenRecords& records) {
        state->take(records);
    };
    session_ = std::make_unique<WriterSession>(runtime, std::move(client), std::move(writer));
    const std::lock_guard lock(state_->mutex);
    state_->on_failure = [this] {
        session_->stop();
        runtime_.wake();
    };
}

Producer::~Producer() {
    const std::lock_guard lock(state_->mutex);
    state_->on_failure = nullptr;
}

void Producer::on_wait(std::function<void()> what) {
    on_wait_ = what;
    session_->on_wait(std::move(what));
}

bool Producer::add(const kafka::protocol::RecordRef& record, std::uint64_t number,
                   std::optional<std::int32_t> partition) {
    if (state_->failed) return false;
    const auto size = bytes_of(record);
    state_->newest.store(number, std::memory_order_release);
    kafka::Record own;
    own.partition = partition.value_or(-1);
    own.key = record.key;
    own.value = record.value;
    own.headers = record.headers;
    own.timestamp = record.timestamp;
    const auto error = session_->write(own, cookie_of(number, size));
    if (!error) {
        ++taken_;
        return size <= usual_limit || await_all();
    }
    // After a failure nothing more is taken, which is no failure of its own.
    if (state_->failed && error == kafka::errc::connection_closed) return false;
    std::string detail;
    if (error == kafka::broker_errc::message_too_large) {
        const auto& config = session_->writer().config();
        detail = "it does not fit into max.request.size (" +
                 std::to_string(config.max_request_size) + ") or buffer.memory (" +
                 std::to_string(config.buffer_memory) + ")";
    }
    const std::lock_guard lock(state_->mutex);
    state_->failures.add(own.partition, number, size, error, detail);
    state_->fail();
    return false;
}

// True: all that was handed over is delivered.
bool Producer::await_all() {
    std::unique_lock lock(state_->mutex);
    while (state_->ended < taken_ && !state_->failed && runtime_.interrupted() == Exit::ok) {
        state_->changed.wait_for(lock, look_around);
        if (!on_wait_) continue;
        lock.unlock();
        on_wait_();
        lock.lock();
    }
    return !state_->failed && runtime_.interrupted() == Exit::ok;
}

bool Producer::finish() {
    session_->close();
    const std::lock_guard lock(state_->mutex);
    if (!state_->failed) state_->signal = runtime_.interrupted();
    return !state_->failed && state_->signal == Exit::ok;
}

Problem Producer::problem() const {
    const std::lock_guard lock(state_->mutex);
    if (state_->signal != Exit::ok) return {state_->signal, ""};
    if (state_->failures.empty()) return {};
    const auto& group = state_->failures.groups().front();
    return problem_of(group, topic_, broker_of(group));
}

std::vector<std::string> Producer::complaints(const DeliveryFailures::Place& place) const {
    const std::lock_guard lock(state_->mutex);
    std::vector<std::string> sentences;
    for (const auto& group : state_->failures.groups())
        sentences.push_back(problem_of(group, topic_, broker_of(group), place).sentence);
    if (const auto further = state_->failures.further(); further > 0)
        sentences.push_back("and " + std::to_string(further) +
                            " further records could not be delivered");
    return sentences;
}

// Whose word it is: "broker 2 (localhost:9092)".
std::string Producer::broker_of(const DeliveryFailures::Group& group) const {
    if (group.error.category() != kafka::broker_category() || group.partition < 0) return {};
    const auto metadata = session_->client().metadata();
    const auto* partition = metadata->partition(topic_, group.partition);
    const auto* broker = partition ? metadata->broker(partition->leader) : nullptr;
    if (!broker) return "a broker";
    return "broker " + std::to_string(broker->id) + " (" + broker->host + ":" +
           std::to_string(broker->port) + ")";
}

Producer::Counters Producer::counters() const {
    const auto stats = session_->writer().stats();
    const std::lock_guard lock(state_->mutex);
    auto counters = state_->counters;
    counters.batch_bytes = stats.batch_bytes;
    counters.repeated = stats.retries;
    return counters;
}

std::vector<std::uint64_t> Producer::bytes_by_partition() const {
    const std::lock_guard lock(state_->mutex);
    return state_->bytes_by_partition;
}

}  // namespace kasio
