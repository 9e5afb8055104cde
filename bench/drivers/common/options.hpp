// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kafka_bench {

enum class Mode { produce, consume, latency, start };

/// The options of bench/drivers/README.md, checked.
struct Options {
    std::string way;
    Mode mode = Mode::produce;
    std::string bootstrap;
    std::string topic = "bench";
    std::int32_t partitions = 1;
    std::string corpus;  ///< empty: not given (only consumers do without)
    std::uint64_t messages = 1'000'000;
    std::uint64_t warmup = 10'000;
    std::int16_t acks = -1;  ///< -1: all
    std::string codec = "none";
    std::optional<int> codec_level;
    std::uint32_t batch = 1'000'000;                ///< bytes
    std::optional<std::uint32_t> linger_us = 5000;  ///< nothing: the client's default
    std::uint32_t in_flight = 5;
    bool idempotent = false;
    std::uint32_t threads = 1;
    std::uint32_t clients = 1;  ///< instances of the client that take turns
    bool tuned = true;          ///< false: `settings=defaults`
    std::uint32_t fetch = 1'048'576;
    double rate = 1000;
    std::string ca;  ///< empty: no TLS
};

/// Prints a sentence and ends the program with exit code 2: an option is bad, or this client or way
/// cannot honour it.
[[noreturn]] void refuse(const std::string& sentence);

/// Prints a sentence and ends the program at once with exit code 1: the run failed.
[[noreturn]] void fail(const std::string& sentence);

[[nodiscard]] std::string_view to_string(Mode mode);

/// Ends the program (`refuse`) on anything that is wrong in itself.
[[nodiscard]] Options parse_options(std::span<const char* const> arguments);

}  // namespace kafka_bench
