// SPDX-License-Identifier: Apache-2.0
// What a broker's word on a batch means for it.
#pragma once

#include <cstdint>

#include <kafka/protocol/produce.hpp>

namespace kafka::core {

enum class ProduceVerdict : std::uint8_t {
    stored,     ///< an acknowledgement
    duplicate,  ///< stored before, nobody says where
    again,      ///< another try may succeed
    elsewhere,  ///< the same, after a look at the metadata
    too_large,  ///< in smaller pieces
    records,    ///< some of its records are refused by themselves
    sequence,   ///< the broker expects other sequence numbers or another epoch (KIP-360)
    refused,    ///< no try will succeed
    fatal,      ///< and none of another batch of this producer
};

struct ProduceJudgement {
    ProduceVerdict verdict;
    /// The records may be in the log all the same, or get there later.
    bool maybe_stored;
};

[[nodiscard]] ProduceJudgement judge(
    const protocol::ProduceResponse::PartitionProduceResponse& row) noexcept;

}  // namespace kafka::core
