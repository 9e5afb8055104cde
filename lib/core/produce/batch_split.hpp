// SPDX-License-Identifier: Apache-2.0
// Cutting a batch that a broker will not take as it is.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <kafka/protocol/record_batch_builder.hpp>
#include <kafka/protocol/record_reader.hpp>
#include <kafka/result.hpp>

#include "core/produce/produce_batch.hpp"

namespace kafka::core {

/// The codecs come in as functions, as in the protocol.
struct SplitCodec {
    protocol::CompressFn compress = nullptr;
    protocol::DecompressFn decompress = nullptr;
    std::optional<int> level{};
};

/// The records of `entry`, cut in two halves of about the same size. Errors: those of reading and
/// compressing.
[[nodiscard]] Result<std::vector<BatchPart>> split_in_two(const ProduceEntry& entry,
                                                          const SplitCodec& codec);
/// The records of `entry` but for those at `without` (places in the entry, ascending and within).
[[nodiscard]] Result<BatchPart> leave_out(const ProduceEntry& entry,
                                          std::span<const std::int32_t> without,
                                          const SplitCodec& codec);
/// Which of its batch's records the places of an entry are: the whole, or its part's runs.
[[nodiscard]] std::vector<RecordRun> runs_of(const ProduceEntry& entry);

}  // namespace kafka::core
