// SPDX-License-Identifier: Apache-2.0
// Big-endian integers and unsigned varints, the primitives under every message.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace kafka::protocol {

template <std::unsigned_integral T>
constexpr T byte_swapped(T v) noexcept {
    if constexpr (sizeof(T) == 1)
        return v;
    else if constexpr (sizeof(T) == 2)
        return __builtin_bswap16(v);
    else if constexpr (sizeof(T) == 4)
        return __builtin_bswap32(v);
    else
        return __builtin_bswap64(v);
}
template <class T>
requires std::is_integral_v<T> T load_big(const std::uint8_t* at)
noexcept {
    std::make_unsigned_t<T> v;
    std::memcpy(&v, at, sizeof v);
    if constexpr (std::endian::native == std::endian::little) v = byte_swapped(v);
    return static_cast<T>(v);
}
template <class T>
requires std::is_integral_v<T>
void store_big(std::uint8_t* at, T value) noexcept {
    auto v = static_cast<std::make_unsigned_t<T>>(value);
    if constexpr (std::endian::native == std::endian::little) v = byte_swapped(v);
    std::memcpy(at, &v, sizeof v);
}

/// The most bytes that an unsigned 32-bit varint takes.
constexpr std::size_t max_uvarint_size = 5;
/// Writes an unsigned varint to `at` (room for max_uvarint_size) and returns its size.
inline std::size_t store_uvarint(std::uint8_t* at, std::uint32_t value) noexcept {
    std::size_t n = 0;
    while (value >= 0x80) {
        at[n++] = static_cast<std::uint8_t>(value | 0x80);
        value >>= 7;
    }
    at[n++] = static_cast<std::uint8_t>(value);
    return n;
}

}  // namespace kafka::protocol
