// SPDX-License-Identifier: Apache-2.0
// Decoding in tests: from a block of exactly the input's size, with the memory it took.
#pragma once

#include <string>

#include <kafka/protocol/message.hpp>

#include "allocation_counter.hpp"
#include "protocol/bytes.hpp"

namespace kafka::test {

struct Decoding {
    Failure failure;
    std::size_t peak = 0;  ///< bytes of memory at once, the failure's words among them
};

/// What a message may take of memory, whatever its bytes are (DecodeLimits::max_memory).
[[nodiscard]] constexpr std::size_t memory_bound(std::size_t input) {
    return 16 * input + (std::size_t{1} << 20);
}
/// The words of a failure, and not more.
constexpr std::size_t words = 2048;

template <protocol::Message M>
[[nodiscard]] Decoding decode_counted(M& message, int version, const Slice& in,
                                      const protocol::DecodeLimits& limits = {}) {
    Decoding decoding;
    AllocationScope scope;
    decoding.failure = protocol::decode(message, version, in, limits);
    decoding.peak = scope.peak();
    return decoding;
}
template <protocol::Message M>
[[nodiscard]] Decoding decode_counted(int version, std::span<const std::uint8_t> bytes,
                                      const protocol::DecodeLimits& limits = {}) {
    M message;
    return decode_counted(message, version, ExactBytes::of(bytes), limits);
}

}  // namespace kafka::test
