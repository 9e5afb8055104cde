// SPDX-License-Identifier: Apache-2.0
#include "batches.hpp"

#include <kafka/codec.hpp>
#include <kafka/protocol/record_batch_builder.hpp>

namespace kafka_bench {

std::vector<kafka::Slice> make_batches(const Options& options, const Corpus& corpus,
                                       kafka::Compression codec, std::uint64_t from,
                                       std::uint64_t count) {
    std::vector<kafka::Slice> result;
    kafka::protocol::RecordBatchBuilder builder{kafka::ByteBuffer(options.batch)};
    const auto seal = [&] {
        kafka::ByteBuffer out;
        const auto batch =
            builder.seal_into(out, {}, codec, kafka::codec::compress, options.codec_level);
        if (!batch) fail(batch.failure().message());
        result.push_back(kafka::Slice::copy_of(*batch));
        builder.clear();
    };
    auto cursor = corpus.cursor(from);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto record = cursor.next();
        const kafka::protocol::RecordHeaderView header{Corpus::header_key, record.header_value};
        kafka::protocol::RecordRef made{.value = record.value, .timestamp = 1'700'000'000'000};
        if (record.key.data()) made.key = record.key;
        if (record.header_value.data()) made.headers = {&header, 1};
        if (builder.append(made, options.batch)) continue;
        if (!builder.empty()) seal();
        if (!builder.append(made, options.batch)) fail("a record is larger than batch=");
    }
    if (!builder.empty()) seal();
    return result;
}

}  // namespace kafka_bench
