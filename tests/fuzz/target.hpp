// SPDX-License-Identifier: Apache-2.0
// A fuzz target: a function that takes any bytes, and inputs to begin with. One program can hold
// several (replay.cpp); libFuzzer takes one at a time (libfuzzer.cpp).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace kafka::fuzz {

using Input = std::span<const std::uint8_t>;
using Bytes = std::vector<std::uint8_t>;

struct Target {
    const char* name;
    /// Whatever the input is, it returns; a broken promise ends the program by check().
    void (*run)(Input input);
    /// Inputs that reach what matters: made by code, so that they follow the protocol by
    /// themselves.
    std::vector<Bytes> (*seeds)();
};

/// The targets of this program.
inline std::vector<Target>& targets() {
    static std::vector<Target> all;
    return all;
}

struct Registration {
    explicit Registration(const Target& target) { targets().push_back(target); }
};

/// Ends the program with `what` when a promise is broken: for a fuzzer that is a crash.
void check(bool kept, const char* what);

/// Writes each seed into a file of its own in `folder`. False when one cannot be written.
bool write_seeds(const Target& target, const char* folder);

}  // namespace kafka::fuzz
