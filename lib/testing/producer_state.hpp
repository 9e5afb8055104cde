// SPDX-License-Identifier: Apache-2.0
// What a partition remembers of idempotent producers (KIP-98): each one's epoch, its last batches,
// to find repeated and missing ones, and its transaction.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <kafka/broker_errc.hpp>
#include <kafka/protocol/record_batch.hpp>

namespace kafka::testing {

class ProducerStates {
public:
    /// Batches of a producer that are recognised when they come again.
    static constexpr std::size_t window = 5;

    struct Stored {
        std::int32_t first_sequence = -1;
        std::int32_t last_sequence = -1;
        std::int64_t base_offset = -1;
        std::int64_t timestamp = -1;
    };
    struct Verdict {
        broker_errc error = broker_errc::none;
        std::string message;
        const Stored* duplicate = nullptr;  // stored already: answer with that, append nothing
    };

    /// A transaction that was aborted and left records. They are in the order of their markers.
    struct Aborted {
        std::int64_t producer_id = -1;
        std::int64_t first_offset = -1;
        std::int64_t last_offset = -1;    // of the marker
        std::int64_t stable_offset = -1;  // the last stable one when the marker was written
    };

    /// May that batch of a producer with an id be appended now? `begins` are transactions that
    /// bump the epoch (KIP-890): a first batch of theirs has the sequence number 0.
    [[nodiscard]] Verdict check(const protocol::RecordBatchView& batch, bool begins = false) const;
    /// It was appended at `base_offset`.
    void appended(const protocol::RecordBatchView& batch, std::int64_t base_offset,
                  std::int64_t timestamp);

    /// A transaction of that producer has records here and no marker.
    [[nodiscard]] bool in_transaction(std::int64_t producer_id, std::int16_t epoch) const;
    /// May that marker be written? With `bumped`, transactions have an epoch each, so that a late
    /// marker is recognised.
    [[nodiscard]] bool takes_marker(std::int64_t producer_id, std::int16_t epoch,
                                    bool bumped) const;
    /// It was written, at `offset`.
    void ended(std::int64_t producer_id, std::int16_t epoch, bool commit, std::int64_t offset);
    /// The first record of the oldest open transaction, if there is one.
    [[nodiscard]] std::optional<std::int64_t> first_unstable() const;
    /// Transactions that have records in [from, before).
    [[nodiscard]] std::vector<Aborted> aborted(std::int64_t from, std::int64_t before) const;

private:
    struct Producer {
        std::int16_t epoch = -1;
        std::size_t count = 0;
        std::array<Stored, window> last;      // oldest first
        std::int64_t transaction_begin = -1;  // -1: none is open

        void take_epoch(std::int16_t wanted) noexcept {
            if (epoch != wanted) count = 0;
            epoch = wanted;
        }
    };
    std::unordered_map<std::int64_t, Producer> producers_;
    std::set<std::int64_t> open_;  // where open transactions begin
    std::vector<Aborted> aborted_;
};

}  // namespace kafka::testing
