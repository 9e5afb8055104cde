// SPDX-License-Identifier: Apache-2.0
// Where a keyed record goes: the same partition as with Java's clients.
#pragma once

#include <cstdint>
#include <span>

namespace kasio {

/// Java's Utils.murmur2 (seed 0x9747b28c).
[[nodiscard]] std::uint32_t murmur2(std::span<const std::uint8_t> data) noexcept;

/// The partition of a key among `count` (at least 1), as Java's default partitioner has it.
[[nodiscard]] std::int32_t partition_of(std::span<const std::uint8_t> key,
                                        std::int32_t count) noexcept;

}  // namespace kasio
