// SPDX-License-Identifier: Apache-2.0
#include "log.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <kafka/codec.hpp>
#include <kafka/protocol/record_batch_builder.hpp>

namespace yardstick {
namespace {

using kafka::protocol::RecordBatchBuilder;
using kafka::protocol::RecordHeaderView;
using kafka::protocol::RecordRef;

kafka::Slice sealed(RecordBatchBuilder& builder, const Options& options) {
    kafka::ByteBuffer out;
    const auto batch = builder.seal_into(out, {.leader_epoch = 0}, options.codec,
                                         kafka::codec::compress, options.codec_level);
    if (!batch) {
        std::fprintf(stderr, "yardstick: the log: %s\n", batch.failure().message().c_str());
        std::exit(2);
    }
    // Exactly as large as it is: there are many.
    return kafka::Slice::copy_of(*batch);
}

}  // namespace

Log::Log(const kafka_bench::Corpus& corpus, const Options& options) {
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    RecordBatchBuilder builder{kafka::ByteBuffer(options.log_batch)};
    const auto seal = [&] {
        batches_.push_back({records_, builder.count(), sealed(builder, options)});
        records_ += builder.count();
        builder.clear();
    };
    auto cursor = corpus.cursor(0);
    for (std::uint32_t i = 0; i < corpus.count(); ++i) {
        const auto from = cursor.next();
        const RecordHeaderView header{kafka_bench::Corpus::header_key, from.header_value};
        RecordRef record{.value = from.value, .timestamp = now};
        if (from.key.data()) record.key = from.key;
        if (from.header_value.data()) record.headers = std::span(&header, 1);
        if (builder.append(record, options.log_batch)) continue;
        if (!builder.empty()) seal();
        // A record larger than a batch may be gets one of its own.
        (void)builder.append(record);
    }
    if (!builder.empty()) seal();
    if (options.log_rounds) end_ = records_ * options.log_rounds;
}

Log::Cursor Log::find(std::int64_t offset) const {
    Cursor cursor;
    cursor.log_ = this;
    cursor.round_ = offset / records_ * records_;
    const auto after = std::upper_bound(
        batches_.begin(), batches_.end(), offset - cursor.round_,
        [](std::int64_t wanted, const Batch& batch) { return wanted < batch.first; });
    cursor.at_ = static_cast<std::size_t>(after - batches_.begin()) - 1;
    return cursor;
}

}  // namespace yardstick
