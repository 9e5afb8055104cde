// SPDX-License-Identifier: Apache-2.0
// What a partition remembers of idempotent producers (KIP-98): each one's epoch and its last
// batches, to find repeated and missing ones.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>

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

    /// May that batch of a producer with an id be appended now?
    [[nodiscard]] Verdict check(const protocol::RecordBatchView& batch) const;
    /// It was appended at `base_offset`.
    void appended(const protocol::RecordBatchView& batch, std::int64_t base_offset,
                  std::int64_t timestamp);

private:
    struct Producer {
        std::int16_t epoch = -1;
        std::size_t count = 0;
        std::array<Stored, window> last;  // oldest first
    };
    std::unordered_map<std::int64_t, Producer> producers_;
};

}  // namespace kafka::testing
