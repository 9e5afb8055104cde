// SPDX-License-Identifier: Apache-2.0
// Numbers that follow from a seed (SplitMix64), so that a run can be repeated.
#pragma once

#include <cstdint>

#include <kafka/uuid.hpp>

namespace kafka::testing {

class SeededRandom {
public:
    explicit SeededRandom(std::uint64_t seed) noexcept : state_(seed) {}

    std::uint64_t next() noexcept {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    /// A random (version 4) id, as Kafka makes them.
    Uuid uuid() noexcept {
        Uuid id;
        for (std::size_t half = 0; half < 2; ++half) {
            auto bits = next();
            for (std::size_t i = 0; i < 8; ++i, bits >>= 8) {
                id.bytes[half * 8 + i] = static_cast<std::uint8_t>(bits);
            }
        }
        id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
        id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
        return id;
    }
    /// 1..2^31-1.
    std::int32_t positive() noexcept {
        for (;;) {
            const auto value = static_cast<std::int32_t>(next() & 0x7fffffff);
            if (value > 0) return value;
        }
    }

private:
    std::uint64_t state_;
};

}  // namespace kafka::testing
