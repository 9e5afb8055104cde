// SPDX-License-Identifier: Apache-2.0
// Delivers record batches to a topic's partitions: in order, each once, or with an error.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <asio/awaitable.hpp>

#include <kafka/protocol/produce.hpp>
#include <kafka/slice.hpp>

#include "cluster.hpp"
#include "exit_status.hpp"
#include "runtime.hpp"

namespace kasio {

/// A sealed batch on its way to one partition.
struct Batch {
    std::int32_t partition = 0;
    kafka::Slice bytes;
    std::int32_t base_sequence = -1;
    std::uint64_t record_bytes = 0;      ///< keys, values and headers, uncompressed
    std::vector<std::uint64_t> numbers;  ///< of its records in the input, from 1

    [[nodiscard]] std::int32_t count() const noexcept {
        return static_cast<std::int32_t>(numbers.size());
    }
};

/// Who produces (KIP-98): what idempotent batches carry.
struct ProducerId {
    std::int64_t id = -1;
    std::int16_t epoch = -1;
};

struct ProducerOptions {
    /// -1: all in-sync replicas, which also means that batches carry a producer id and sequence
    /// numbers, so that a batch that is sent again is stored once; 1: the leader; 0: no answer.
    std::int16_t acks = -1;
    /// Bytes of batches that wait or are on their way; submit() waits when there are more.
    std::size_t memory = std::size_t{32} << 20;
};

/// One batch per partition is on its way at a time: this keeps the order, also when a batch must
/// be sent again to another leader. Made and used by the program's thread; the delivery happens on
/// the loop.
class Producer {
public:
    struct Counters {
        std::uint64_t records = 0;  ///< acknowledged
        std::uint64_t bytes = 0;    ///< of these: Batch::record_bytes
        std::uint64_t wire_bytes = 0;
        /// Sent again after an unknown outcome without sequence numbers (acks 0 and 1 only).
        std::uint64_t maybe_twice = 0;
    };

    /// `cluster` watches the topic and knows it.
    Producer(Runtime& runtime, Cluster& cluster, std::string topic, ProducerOptions options);
    /// Drops what is not delivered.
    ~Producer();
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;

    /// Gets the producer id.
    [[nodiscard]] Problem start();
    [[nodiscard]] ProducerId id() const noexcept { return id_; }

    /// Hands a batch over, waiting for room. False: delivery has failed, see problem().
    [[nodiscard]] bool submit(Batch batch);
    /// Waits until all batches are delivered. False: delivery has failed.
    [[nodiscard]] bool drain();
    [[nodiscard]] Problem problem() const;
    [[nodiscard]] Counters counters() const;
    /// Bytes of records delivered to each partition.
    [[nodiscard]] std::vector<std::uint64_t> bytes_by_partition() const;

private:
    struct Partition {
        std::deque<Batch> queue;
        bool running = false;
    };

    asio::awaitable<kafka::Failure> initialise();
    asio::awaitable<kafka::Failure> initialise_once();
    void enqueue(Batch batch);
    asio::awaitable<void> run(std::int32_t index);
    asio::awaitable<void> deliver(Batch& batch, std::deque<Batch>& queue);
    asio::awaitable<kafka::Failure> send(const Batch& batch);
    void split(std::deque<Batch>& queue);
    void done(const Batch& batch);
    void stop_with(const Batch& batch, const kafka::Failure& failure);

    Runtime& runtime_;
    Cluster& cluster_;
    const std::string topic_;
    const ProducerOptions options_;
    ProducerId id_;
    std::vector<Partition> partitions_;  // used on the loop only
    bool stopping_ = false;              // the same
    int running_ = 0;                    // the same
    Event stopped_;

    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::size_t outstanding_ = 0;
    Counters counters_;
    std::vector<std::uint64_t> bytes_by_partition_;
    Problem problem_;
};

}  // namespace kasio
