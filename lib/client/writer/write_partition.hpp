// SPDX-License-Identifier: Apache-2.0
// WritePartition, WriteTopic, WriteBroker: where records go, as the threads that write see it and
// as the strand does.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <kafka/client_metadata.hpp>
#include <kafka/result.hpp>

#include "base/ring.hpp"
#include "client/writer/compress_job.hpp"
#include "client/writer/small_lock.hpp"
#include "client/writer/write_batch.hpp"
#include "core/balancer/topic_balancer.hpp"
#include "core/produce/produce_core.hpp"
#include "io/cluster_driver.hpp"

namespace kafka::client {

struct WriteTopic;

/// A broker and this writer's connection to it. Lives as long as the writer.
struct WriteBroker {
    explicit WriteBroker(std::int32_t n) : id(n) {}

    const std::int32_t id;
    // The strand's, for all to read.
    std::atomic<unsigned> in_flight{0};
    std::atomic<std::int64_t> last_send{0};  ///< nanoseconds of the steady clock

    // The strand's.
    struct Out {
        core::ProduceCore::RequestId request;
        core::Time sent;
    };
    io::Cluster::Lease lease;
    unsigned generation = 0;  ///< of the connection
    bool late = false;        ///< closed because a request was not answered in time
    Ring<Out> out;            ///< oldest first
    // While it is looked at.
    std::size_t waiting = 0;  ///< records in open batches
    bool urgent = false;
    bool due = false;
};

/// On cache lines of its own.
struct alignas(64) WritePartition {
    WritePartition(WriteTopic& of, std::int32_t n) : topic(of), number(n) {}

    WriteTopic& topic;
    const std::int32_t number;

    SmallLock lock;
    // Under the lock.
    bool listed = false;   ///< the strand knows, or will when it takes what is handed over
    bool stalled = false;  ///< the strand can take nothing now, and will look again by itself
    std::size_t next_capacity = 0;
    std::unique_ptr<WriteBatch> open;
    Ring<std::unique_ptr<WriteBatch>> sealed;
    // Written under the lock, read by all.
    std::atomic<std::uint32_t> open_count{0};
    std::atomic<std::uint32_t> sealed_count{0};
    std::atomic<bool> urgent{false};  ///< somebody waits for what is open

    /// At how many open records somebody looked last whether they are due.
    std::atomic<std::uint32_t> looked{0};
    std::atomic<WriteBroker*> leader{nullptr};  ///< the strand's, for all to read
    // The strand's.
    std::atomic<std::uint32_t> in_core{0};  ///< batches that did not end; others may read it
    Ring<std::shared_ptr<CompressJob>> compressing;  ///< oldest first
    bool listed_here = true;                         ///< as `listed` was left
    WritePartition* next = nullptr;
};

struct WriteTopic {
    using Table = std::vector<WritePartition*>;

    WriteTopic(std::string n, const Balancer& by, core::TopicBalancerSettings settings)
        : name(std::move(n)), balancer(by, settings) {}

    [[nodiscard]] WritePartition& partition(std::int32_t number) const noexcept {
        return *(*table.load(std::memory_order_acquire))[static_cast<std::size_t>(number)];
    }

    const std::string name;
    core::TopicBalancer balancer;
    std::atomic<const Table*> table{nullptr};  ///< grows: partitions stay where they are
    std::atomic<bool> known{false};            ///< or asked for

    // The strand's.
    core::TopicIndex index = 0;
    std::shared_ptr<Compressor> compressor;  ///< of its own codec; null: the writer's
    bool asked_configs = false;
    std::vector<std::unique_ptr<WritePartition>> partitions;
    std::vector<std::unique_ptr<Table>> tables;  ///< old ones may still be read
    std::shared_ptr<const TopicMetadata> seen;
    bool asking = false;
    bool core_asks = false;  ///< it waits for an answer
    unsigned failures = 0;
    core::Time ask_at = core::never;
    bool measured = false;  ///< the balancer is told of the queues now and then
    Failure last;           ///< why there is no metadata
};

}  // namespace kafka::client
