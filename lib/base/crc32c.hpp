// SPDX-License-Identifier: Apache-2.0
// CRC-32C (Castagnoli), the checksum of record batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <kafka/export.hpp>

namespace kafka {

/// The checksum of `bytes`. With `seed`, continues one: crc32c(b, crc32c(a)) == crc32c(a + b).
/// Uses the fastest variant that this processor has, found once.
[[nodiscard]] KAFKA_API std::uint32_t crc32c(std::span<const std::uint8_t> bytes,
                                             std::uint32_t seed = 0) noexcept;

/// One way to compute it. The list is there for tests and benchmarks.
struct Crc32cVariant {
    const char* name;
    bool supported;  ///< on this processor
    std::uint32_t (*compute)(std::span<const std::uint8_t> bytes, std::uint32_t seed) noexcept;
};
[[nodiscard]] std::span<const Crc32cVariant> crc32c_variants() noexcept;

}  // namespace kafka
