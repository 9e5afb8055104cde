// SPDX-License-Identifier: Apache-2.0
// Inputs that are the same at every run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace kafka::bench {

/// The size of a batch: the default of the producer's design, and well inside a second-level cache.
inline constexpr std::size_t batch_size = 256 * 1024;

/// The time stamp of all records, in milliseconds since 1970: what it is does not matter.
inline constexpr std::int64_t some_time = 1'700'000'000'000;

inline std::vector<std::uint8_t> random_bytes(std::size_t size) {
    std::minstd_rand random(1);
    std::vector<std::uint8_t> bytes(size);
    for (auto& byte : bytes)
        byte = static_cast<std::uint8_t>(random() >> 8);
    return bytes;
}

/// Lines like those of a web service's log: what codecs meet in practice.
inline std::string log_lines(std::size_t size) {
    static constexpr const char* words[] = {"order",   "accepted", "payment", "refused", "timeout",
                                            "session", "expired",  "retry",   "shipped", "stock"};
    std::minstd_rand random(1);
    std::string text;
    while (text.size() < size) {
        text += R"({"ts":")" + std::to_string(some_time + static_cast<long>(random() % 86'400'000));
        text += R"(","level":"info","service":"shop-)" + std::to_string(random() % 12);
        text += R"(","user":)" + std::to_string(random() % 1'000'000) + R"(,"message":")";
        for (auto left = random() % 8 + 1; left > 0; --left)
            text += std::string(words[random() % 10]) + ' ';
        text += R"("})"
                "\n";
    }
    text.resize(size);
    return text;
}

}  // namespace kafka::bench
