// SPDX-License-Identifier: Apache-2.0
// CRC-32 as in zlib and Ethernet: the checksum of message formats 0 and 1.
#pragma once

#include <cstdint>
#include <span>

namespace kafka::protocol {

/// Eight bytes a step from tables. Old message sets are rare: not worth an instruction set.
[[nodiscard]] std::uint32_t crc32_ieee(std::span<const std::uint8_t> bytes) noexcept;

}  // namespace kafka::protocol
