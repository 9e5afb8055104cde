// SPDX-License-Identifier: Apache-2.0
// Every request at every version: two bytes choose, the rest is decoded.
#include "fuzz/messages.hpp"

namespace kafka::fuzz {
namespace {

void run(Input input) {
    Script script(input);
    const auto& choice = choose(requests(), script);
    take(choice, script.rest());
}

const Registration registration({"request", run, [] { return seeds_of(requests()); }});

}  // namespace
}  // namespace kafka::fuzz
