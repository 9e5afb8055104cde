// SPDX-License-Identifier: Apache-2.0
// The log that consumers read: batches made of the corpus once, repeated for ever or as often as
// was asked for, the same in every partition.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <kafka/slice.hpp>

#include "../drivers/common/corpus.hpp"
#include "options.hpp"

namespace yardstick {

class Log {
public:
    /// What stands for the end of a log that has none.
    static constexpr std::int64_t never = 1'000'000'000'000;

    /// Ends the program with exit code 2 when a batch cannot be made.
    Log(const kafka_bench::Corpus& corpus, const Options& options);

    struct Batch {
        std::int64_t first;  // offset within one round of the log
        std::int64_t count;
        kafka::Slice bytes;
    };

    /// Walks over batches, from the one that holds an offset.
    class Cursor {
    public:
        [[nodiscard]] const Batch& batch() const { return log_->batches_[at_]; }
        [[nodiscard]] std::int64_t base_offset() const { return round_ + batch().first; }
        void advance() {
            if (++at_ < log_->batches_.size()) return;
            at_ = 0;
            round_ += log_->records_;
        }

    private:
        friend class Log;
        const Log* log_ = nullptr;
        std::size_t at_ = 0;
        std::int64_t round_ = 0;  // offset at which this round begins
    };
    [[nodiscard]] Cursor find(std::int64_t offset) const;
    /// The offset behind the last record.
    [[nodiscard]] std::int64_t end() const { return end_; }

private:
    std::vector<Batch> batches_;
    std::int64_t records_ = 0;  // of one round
    std::int64_t end_ = never;
};

}  // namespace yardstick
