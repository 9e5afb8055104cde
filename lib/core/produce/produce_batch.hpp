// SPDX-License-Identifier: Apache-2.0
// ProduceBatch: sealed records on their way to a partition, and what becomes of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/record_batch_builder.hpp>
#include <kafka/result.hpp>
#include <kafka/slice.hpp>

#include "core/produce/linked_list.hpp"
#include "core/time.hpp"

namespace kafka::core {

/// A topic as the produce core knows it: the number that ProduceCore::add_topic() gave.
using TopicIndex = std::uint32_t;

/// What became of records that lie side by side.
struct ProduceOutcome {
    enum class Kind : std::uint8_t {
        success,  ///< acknowledged; with acks=0: handed to the system
        failed,   ///< certainly not stored
        unknown,  ///< sent, and whether they are stored was never learnt
    };
    Kind kind = Kind::success;
    std::int64_t base_offset = -1;  ///< of the first of them; -1: not known
    std::int64_t append_time = -1;  ///< milliseconds since 1970; -1: the records' own times count
    Failure failure{};
};

class ProduceBatch;

/// Which records of a batch.
struct RecordRun {
    std::int32_t first = 0;
    std::int32_t count = 0;
};

/// What a batch was cut into: records of its own, out of the batch's.
struct BatchPart {
    ByteBuffer bytes;             // in wire form, header included
    std::vector<RecordRun> runs;  // ascending
    std::int32_t count = 0;       // of all runs
};

/// One element of a partition's queue: a batch or a part of one.
struct ProduceEntry {
    ProduceBatch* batch = nullptr;
    std::unique_ptr<BatchPart> part;  // null: all of the batch
    std::int32_t count = 0;
    std::size_t size = 0;

    // Its place in the producer's order (KIP-98); base_sequence -1: none was given yet.
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;
    std::int32_t base_sequence = -1;

    std::span<std::uint8_t> wire{};  // the sealed bytes; empty while the header is not made
    bool flying = false;             // in a request
    bool maybe_stored = false;       // an earlier attempt, or this one, may have been written
    bool over = false;               // its owner was told; it only waits for its request's end
    unsigned attempts = 0;
    /// Its row, while a response is looked at.
    const protocol::ProduceResponse::PartitionProduceResponse* answer = nullptr;
    bool answer_twice = false;
    Failure last{};  // of the last attempt

    [[nodiscard]] bool numbered() const noexcept { return base_sequence >= 0; }
};

/// To be derived from by whoever owns records: what it carries comes back with it. Made and pooled
/// by the owner; between submit() and Release it belongs to the core.
class ProduceBatch {
public:
    ProduceBatch() = default;
    ProduceBatch(const ProduceBatch&) = delete;
    ProduceBatch& operator=(const ProduceBatch&) = delete;
    virtual ~ProduceBatch() = default;

    TopicIndex topic = 0;
    std::int32_t partition = 0;
    /// The records, not sealed: the core seals when their producer's numbers are known, so that
    /// the checksum is computed once.
    protocol::RecordBatchBuilder records;
    /// A whole batch in wire form instead (compressed, or made elsewhere), from `encoded_at` to the
    /// end. Not used while empty.
    ByteBuffer encoded;
    std::size_t encoded_at = 0;
    /// Bytes that lie elsewhere, and belong behind the first `outside_at` of the batch. Null: none.
    Slice outside;
    std::size_t outside_at = 0;
    /// When the delivery is given up: counted from the first record's coming.
    Time deadline = never;

    [[nodiscard]] std::int32_t count() const noexcept;
    [[nodiscard]] std::size_t size() const noexcept;
    /// To be used anew: all is as after construction, and the memory is kept.
    void reset() noexcept;

private:
    friend class ProduceCore;
    friend struct ProducePartition;

    ProduceEntry whole_;
    std::uint64_t serial_ = 0;
    std::int32_t unreported_ = 0;  // records
    unsigned entries_ = 0;         // in the queue
    Link<ProduceBatch> by_serial_;
    std::size_t by_deadline_ = 0;
};

/// The sealed bytes, those outside included: for protocol::encode(), as long as the entry has them.
[[nodiscard]] Slice wire_of(const ProduceEntry& entry);
/// The same in one piece, copied if something lies outside.
[[nodiscard]] Slice flat_wire_of(const ProduceEntry& entry);

/// Makes the header say what the entry's numbers are, and the checksum; sets `wire`. Not while the
/// entry is in a request.
void seal(ProduceEntry& entry, bool transactional);

}  // namespace kafka::core
