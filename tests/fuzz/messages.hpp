// SPDX-License-Identifier: Apache-2.0
// Messages of all types, for the targets that choose one by their input.
#pragma once

#include <optional>

#include <kafka/protocol/registry.hpp>

#include "fuzz/script.hpp"

namespace kafka::fuzz {

/// A message type at one of its versions.
struct Choice {
    const protocol::MessageInfo* info;
    protocol::AnyMessage (*make)();
    int version;
};

/// Every (type, version) of one kind, or of all kinds.
const std::vector<Choice>& requests();
const std::vector<Choice>& responses();
const std::vector<Choice>& all_messages();

/// Two bytes of the script choose.
const Choice& choose(const std::vector<Choice>& from, Script& script);
/// A message with random content that can be encoded.
protocol::AnyMessage random_message(const Choice& choice, std::uint64_t seed);
/// The encoded message, which must be encodable.
Bytes encoded(const Choice& choice, const void* message);

/// Decodes bytes of any kind and does with the outcome what a caller might do: prints it, compares
/// it, encodes it. Checks that a failure is one of those that are documented, and says something.
/// Null where the bytes are no message.
protocol::AnyMessage take(const Choice& choice, Input bytes);

/// An input for a target that begins with choose(): a message of each of `from`.
std::vector<Bytes> seeds_of(const std::vector<Choice>& from);

}  // namespace kafka::fuzz
