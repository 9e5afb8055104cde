// SPDX-License-Identifier: Apache-2.0
// What the yardstick was told (see README.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <kafka/compression.hpp>

namespace yardstick {

struct Options {
    int brokers = 1;
    std::int32_t partitions = 1;
    bool newest = true;  // profile=new
    bool verify = false;
    std::string corpus;
    kafka::Compression codec = kafka::Compression::none;
    std::optional<int> codec_level;
    std::size_t log_batch = 65536;  // bytes
    std::int64_t log_rounds = 0;    // of the corpus; 0: the log has no end
    std::int64_t delay_us = 0;
    std::string certificate, key;

    [[nodiscard]] bool tls() const { return !certificate.empty(); }
};

/// Prints what is wrong and ends the program with exit code 2.
[[nodiscard]] Options parse_options(int argc, char** argv);

}  // namespace yardstick
