// SPDX-License-Identifier: Apache-2.0
// Batches that are there before a run, for the ways that are not about making them.
#pragma once

#include <cstdint>
#include <vector>

#include <kafka/compression.hpp>
#include <kafka/slice.hpp>

#include "driver.hpp"

namespace kafka_bench {

/// Full batches of the records `from` to `from + count` of the run.
std::vector<kafka::Slice> make_batches(const Options& options, const Corpus& corpus,
                                       kafka::Compression codec, std::uint64_t from,
                                       std::uint64_t count);

/// Those of the measured part: one round through the corpus, which is used again and again, and
/// what is left.
class MeasuredBatches {
public:
    MeasuredBatches(const Options& options, const Corpus& corpus, kafka::Compression codec)
        : rounds_(options.messages / corpus.count()),
          round_(make_batches(options, corpus, codec, options.warmup,
                              rounds_ > 0 ? corpus.count() : 0)),
          rest_(make_batches(options, corpus, codec, options.warmup,
                             options.messages % corpus.count())) {}

    template <class Use>
    void for_each(Use use) const {
        for (std::uint64_t i = 0; i < rounds_; ++i)
            for (const auto& batch : round_)
                use(batch);
        for (const auto& batch : rest_)
            use(batch);
    }

private:
    std::uint64_t rounds_;
    std::vector<kafka::Slice> round_, rest_;
};

}  // namespace kafka_bench
