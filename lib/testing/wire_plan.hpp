// SPDX-License-Identifier: Apache-2.0
// The bytes of an answer on their way out, when rules change them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <kafka/slice.hpp>
#include <kafka/testing/rule.hpp>

namespace kafka::testing {

/// Something to do with a connection, in order behind everything before it.
struct WireStep {
    enum class Kind : std::uint8_t {
        send,
        close,       // when all before it is sent
        reset,       // the same
        half_close,  // FIN; reads on
        nothing,     // a pause
    };
    Kind kind = Kind::send;
    Slice bytes;
    std::chrono::milliseconds delay{};    // after the step before it; max(): never
    bool alone = false;                   // a write of its own
    std::size_t gather = 0;               // with so many answers behind it in one write...
    std::chrono::milliseconds at_most{};  // ...but after this time in any case
};

/// What becomes of an answer (its length included) under the given actions, which are those of
/// bytes. What is random in it also depends on `salt`, which differs from answer to answer.
[[nodiscard]] std::vector<WireStep> plan_wire(const Slice& answer, std::uint64_t salt,
                                              std::span<const detail::RuleAction* const> actions);
[[nodiscard]] bool is_about_bytes(detail::ActionKind kind) noexcept;

}  // namespace kafka::testing
