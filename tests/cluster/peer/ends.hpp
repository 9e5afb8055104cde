// SPDX-License-Identifier: Apache-2.0
// Ends: what a Writer told of the end of each record, in a file of small rows; see written.py.
#pragma once

#include <atomic>
#include <cstdint>
#include <fstream>
#include <map>
#include <string>

#include <kafka/writer_config.hpp>

#include "json_line.hpp"

namespace kafka::peer {

/// Hears on_records. A row has the key and the sequence (32 bits each), the partition and an
/// outcome (16 bits each; 0 acknowledged, 1 failed, 2 unknown), and the offset (64 bits), with the
/// least byte first.
class Ends {
public:
    explicit Ends(const std::string& path) : file_(path, std::ios::binary) {}

    [[nodiscard]] OnRecords hook() {
        return [this](const WrittenRecords& records) { take(records); };
    }
    /// How many ended. At any time.
    [[nodiscard]] std::uint64_t count() const { return count_; }

    /// When the Writer is closed: counts and errors; false if the rows are not in the file.
    [[nodiscard]] bool finish(JsonLine& line);

private:
    void take(const WrittenRecords& records);

    std::ofstream file_;
    std::string rows_;
    std::uint64_t acknowledged_ = 0, failed_ = 0, unknown_ = 0;
    std::map<std::string, std::uint64_t> errors_;
    std::atomic<std::uint64_t> count_{0};
};

}  // namespace kafka::peer
