// SPDX-License-Identifier: Apache-2.0
// For a benchmark whose subject does not do what it should: it ends, and so does the program,
// with 1.
#pragma once

#include <string>

#include <benchmark/benchmark.h>

namespace kafka::bench {

inline bool any_skipped = false;

inline void skip(benchmark::State& state, const std::string& why) {
    any_skipped = true;
    state.SkipWithError(why.c_str());
}

}  // namespace kafka::bench
