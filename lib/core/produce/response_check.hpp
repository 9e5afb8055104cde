// SPDX-License-Identifier: Apache-2.0
// Which row of a Produce response is about which batch of its request, for answers of any kind.
#pragma once

#include <cstdint>
#include <span>

#include <kafka/protocol/produce.hpp>

#include "core/produce/produce_batch.hpp"

namespace kafka::core {

/// What was odd in an answer.
struct OddRows {
    std::uint32_t strangers = 0;  ///< about partitions that were not asked for
    std::uint32_t repeated = 0;   ///< about partitions of which there was a row already

    [[nodiscard]] bool any() const noexcept { return strangers > 0 || repeated > 0; }
};

/// Sets `answer` of each entry to its row, or leaves it null; `answer_twice` where two rows say
/// different things, of which none is to be believed. `entries` are in the order of the request's
/// partitions. Linear when the answer has the request's order, n log n otherwise.
OddRows match_rows(const protocol::ProduceRequest& request, std::span<ProduceEntry* const> entries,
                   const protocol::ProduceResponse& response);

}  // namespace kafka::core
