// SPDX-License-Identifier: Apache-2.0
// Every response at every version: two bytes choose, the rest is decoded.
#include "fuzz/messages.hpp"

namespace kafka::fuzz {
namespace {

void run(Input input) {
    Script script(input);
    const auto& choice = choose(responses(), script);
    take(choice, script.rest());
}

const Registration registration({"response", run, [] { return seeds_of(responses()); }});

}  // namespace
}  // namespace kafka::fuzz
