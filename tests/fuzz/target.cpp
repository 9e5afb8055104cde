// SPDX-License-Identifier: Apache-2.0
#include "fuzz/target.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace kafka::fuzz {

void check(bool kept, const char* what) {
    if (kept) return;
    std::fprintf(stderr, "broken promise: %s\n", what);
    std::abort();
}

bool write_seeds(const Target& target, const char* folder) {
    std::size_t number = 0;
    for (const auto& seed : target.seeds()) {
        const auto path = std::string(folder) + "/seed-" + std::to_string(number++);
        auto* file = std::fopen(path.c_str(), "wb");
        if (!file) return false;
        const auto written = std::fwrite(seed.data(), 1, seed.size(), file);
        if (std::fclose(file) != 0 || written != seed.size()) return false;
    }
    return true;
}

}  // namespace kafka::fuzz
