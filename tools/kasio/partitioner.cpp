// SPDX-License-Identifier: Apache-2.0
#include "partitioner.hpp"

#include <cstddef>

namespace kasio {

std::uint32_t murmur2(std::span<const std::uint8_t> data) noexcept {
    constexpr std::uint32_t m = 0x5bd1e995;
    std::uint32_t h = 0x9747b28cU ^ static_cast<std::uint32_t>(data.size());
    std::size_t at = 0;
    for (; at + 4 <= data.size(); at += 4) {
        std::uint32_t k = std::uint32_t{data[at]} | std::uint32_t{data[at + 1]} << 8 |
                          std::uint32_t{data[at + 2]} << 16 | std::uint32_t{data[at + 3]} << 24;
        k *= m;
        k ^= k >> 24;
        h = (h * m) ^ (k * m);
    }
    // The one to three bytes that are left, the last of them highest.
    std::uint32_t tail = 0;
    for (auto end = data.size(); end > at; --end)
        tail = tail << 8 | data[end - 1];
    if (at < data.size()) h = (h ^ tail) * m;
    h ^= h >> 13;
    h *= m;
    return h ^ h >> 15;
}

std::int32_t partition_of(std::span<const std::uint8_t> key, std::int32_t count) noexcept {
    return static_cast<std::int32_t>(murmur2(key) & 0x7fffffffU) % count;
}

}  // namespace kasio
