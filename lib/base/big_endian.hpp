// SPDX-License-Identifier: Apache-2.0
// Big-endian integers at addresses of any alignment: the protocol's numbers.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace kafka {

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
/// Reads sizeof(T) bytes.
template <std::integral T>
[[nodiscard]] T load_big(const std::uint8_t* at) noexcept {
    std::make_unsigned_t<T> v;
    std::memcpy(&v, at, sizeof v);
    if constexpr (std::endian::native == std::endian::little) v = byte_swapped(v);
    return static_cast<T>(v);
}
/// Writes sizeof(T) bytes.
template <std::integral T>
void store_big(std::uint8_t* at, T value) noexcept {
    auto v = static_cast<std::make_unsigned_t<T>>(value);
    if constexpr (std::endian::native == std::endian::little) v = byte_swapped(v);
    std::memcpy(at, &v, sizeof v);
}

}  // namespace kafka
