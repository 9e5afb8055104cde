// SPDX-License-Identifier: Apache-2.0
// Numbered records: their keys, values, headers and times follow from two numbers, so that whoever
// reads them can tell whether they are whole. tests/cluster/written.py computes the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <kafka/protocol/record.hpp>
#include <kafka/writer_config.hpp>

namespace kafka::peer {

/// The record of one key with one place in that key's sequence.
struct Numbers {
    std::uint32_t key;
    std::uint32_t sequence;

    [[nodiscard]] std::uint64_t cookie() const { return std::uint64_t{sequence} << 32U | key; }
    static Numbers of(std::uint64_t cookie) {
        return {static_cast<std::uint32_t>(cookie), static_cast<std::uint32_t>(cookie >> 32U)};
    }
};

/// Makes them, one at a time, without a new allocation for each. Not thread-safe.
class Numbered {
public:
    /// With at most `filler` bytes behind the numbers, of the topic that the writer has.
    Numbered(std::uint32_t filler, std::int64_t time);

    /// Valid until the next call.
    [[nodiscard]] const Record& make(Numbers numbers);

private:
    const std::uint32_t filler_;
    const std::int64_t time_;
    std::string text_;
    std::string key_, value_, note_;
    protocol::RecordHeaderView header_;
    Record record_;
};

}  // namespace kafka::peer
