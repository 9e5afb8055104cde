// SPDX-License-Identifier: Apache-2.0
// Reads what was produced, record by record, and compares it with the corpus: no client can win by
// leaving something out.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include <kafka/protocol/record_reader.hpp>
#include <kafka/slice.hpp>

#include "../drivers/common/corpus.hpp"

namespace yardstick {

class Verifier {
public:
    explicit Verifier(const kafka_bench::Corpus& corpus);

    /// Takes one batch, header included. False, with a sentence, when it cannot be read as it says
    /// (its records count as bad then). Thread-safe.
    bool take(const kafka::Slice& batch, std::string& why);

    struct Summary {
        std::uint64_t records = 0, missing = 0, repeated = 0, bad = 0;
    };
    /// How often each record came, against how often it must have come if as many records as came
    /// were produced in the corpus's order.
    [[nodiscard]] Summary summary() const;

private:
    [[nodiscard]] bool matches(const kafka::protocol::RecordView& record);

    std::vector<kafka_bench::CorpusRecord> expected_;
    std::vector<std::atomic<std::uint32_t>> seen_;  // by sequence number
    std::atomic<std::uint64_t> bad_{0};
};

}  // namespace yardstick
