// SPDX-License-Identifier: Apache-2.0
// Fixed-width numbers of the record formats: big-endian, at addresses of any alignment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kafka::protocol {

/// Compilers make one load and one byte swap of it.
template <class Int>
[[nodiscard]] inline Int load_be(const std::uint8_t* from) noexcept {
    using U = std::make_unsigned_t<Int>;
    U sum = 0;
    for (std::size_t i = 0; i < sizeof(Int); ++i) {
        sum = static_cast<U>(
            sum | static_cast<U>(static_cast<U>(from[i]) << (8 * (sizeof(Int) - 1 - i))));
    }
    return static_cast<Int>(sum);
}

template <class Int>
inline void store_be(std::uint8_t* to, Int value) noexcept {
    using U = std::make_unsigned_t<Int>;
    const auto bits = static_cast<U>(value);
    for (std::size_t i = 0; i < sizeof(Int); ++i) {
        to[i] = static_cast<std::uint8_t>(bits >> (8 * (sizeof(Int) - 1 - i)));
    }
}

}  // namespace kafka::protocol
