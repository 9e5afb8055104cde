// SPDX-License-Identifier: Apache-2.0
// From a key to a partition: which hash, which keys count as none, and how a hash is cut down.
#pragma once

#include <cstdint>

#include <kafka/balancer.hpp>

#include "base/key_hashes.hpp"

namespace kafka::core {

struct KeyRule {
    enum class Hash : std::uint8_t { murmur2, none, crc32, fnv1a, fnv1a_reference };

    Hash hash = Hash::none;
    bool hashes_empty = false;  ///< an empty key is a key
    bool hashes_null = false;   ///< and null is an empty one

    /// Whether the key decides.
    [[nodiscard]] bool applies(const protocol::BytesView& key) const noexcept {
        if (hash == Hash::none) return false;
        return !key.empty() || (key.null() ? hashes_null : hashes_empty);
    }
    /// Only if it applies; `count` is at least 1.
    [[nodiscard]] std::int32_t partition(const protocol::BytesView& key,
                                         std::int32_t count) const noexcept {
        if (count == 1) return 0;
        const auto n = static_cast<std::uint32_t>(count);
        if (hash == Hash::murmur2) [[likely]]
            return static_cast<std::int32_t>((murmur2(key.bytes()) & 0x7fffffffU) % n);
        return by_rare_hash(key, count);
    }

private:
    [[nodiscard]] std::int32_t by_rare_hash(const protocol::BytesView& key,
                                            std::int32_t count) const noexcept;
};

[[nodiscard]] KeyRule key_rule(const Balancer& balancer) noexcept;

}  // namespace kafka::core
