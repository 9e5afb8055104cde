// SPDX-License-Identifier: Apache-2.0
// An input read as decisions: what comes first chooses, what is left are bytes for a decoder.
#pragma once

#include <algorithm>
#include <concepts>

#include "fuzz/target.hpp"

namespace kafka::fuzz {

class Script {
public:
    explicit Script(Input input) : left_(input) {}

    [[nodiscard]] bool empty() const noexcept { return left_.empty(); }
    /// 0 when there is nothing left.
    std::uint8_t byte() {
        if (left_.empty()) return 0;
        const auto value = left_.front();
        left_ = left_.subspan(1);
        return value;
    }
    /// Big-endian, as many bytes as the type has.
    template <std::integral T>
    T number() {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i)
            value = value << 8 | byte();
        return static_cast<T>(value);
    }
    /// At most `count` bytes.
    Input bytes(std::size_t count) {
        const auto taken = left_.first(std::min(count, left_.size()));
        left_ = left_.subspan(taken.size());
        return taken;
    }
    Input rest() { return bytes(left_.size()); }

private:
    Input left_;
};

/// Writes what number() reads.
template <std::integral T>
void put(Bytes& to, T value) {
    for (auto shift = static_cast<int>(8 * sizeof(T)); shift > 0; shift -= 8)
        to.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (shift - 8)));
}
inline void put(Bytes& to, Input bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace kafka::fuzz
