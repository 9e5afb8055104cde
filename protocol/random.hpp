// SPDX-License-Identifier: Apache-2.0
// Messages filled with seeded random values, for tests and fuzzing.
#pragma once

#include <cstdint>

#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct RandomOptions {
    std::uint64_t seed = 0;
    /// Elements of an array: 0 to this many.
    std::size_t most_elements = 3;
    /// Adds unknown tagged fields in flexible versions now and then.
    bool unknown_tags = false;
};

/// Fills the fields that exist in `version`; the others keep their defaults, so that the message
/// can be encoded. Equal options give equal messages. `message` must be fresh.
void randomize(const MessageInfo& info, void* message, int version, const RandomOptions& options);

template <Message M>
[[nodiscard]] M random_message(int version, const RandomOptions& options) {
    M message;
    randomize(M::info, &message, version, options);
    return message;
}

}  // namespace kafka::protocol
