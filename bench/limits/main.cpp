// SPDX-License-Identifier: Apache-2.0
// bench-limits: what this machine could do at best, to hold a client's figures against. A table on
// standard error, one JSON object on standard output.
#include <cstdio>
#include <string_view>
#include <utility>

#include "figure.hpp"

int main(int argc, char** argv) {
    if (argc > 1) {
        std::fprintf(stderr, "bench-limits: %s: there are no options\n", argv[1]);
        return 2;
    }
    const auto control = limits::congestion_control();
    std::string json = "{\"congestion_control\": \"" + control + "\"";
    std::fprintf(stderr, "%-52s %s\n", "congestion control", control.c_str());
    for (const auto& part : {limits::memory(), limits::loopback()}) {
        for (const auto& figure : part) {
            char number[32];
            std::snprintf(number, sizeof number, "%.3f", figure.value);
            std::fprintf(stderr, "%-52s %10s %s\n", figure.name.c_str(), number,
                         figure.unit.c_str());
            json += ", \"" + figure.name + "\": {\"value\": " + number + ", \"unit\": \"" +
                    figure.unit + "\"}";
        }
    }
    std::printf("%s}\n", json.c_str());
    return 0;
}
