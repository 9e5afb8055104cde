// SPDX-License-Identifier: Apache-2.0
// codec-alone: no client at all. What compressing the records of full batches costs by itself, in
// the same process and with the same records as the ways it is compared with.
#include <utility>
#include <vector>

#include <kafka/codec.hpp>
#include <kafka/protocol/record_batch.hpp>
#include <kafka/protocol/record_batch_builder.hpp>

#include "producing.hpp"
#include "ways.hpp"

namespace kafka_bench {
namespace {

/// A batch without compression, whose records are what a codec would get.
struct Plain {
    kafka::Slice batch;
    std::uint64_t count;
};

std::vector<Plain> batches(const Options& options, const Corpus& corpus, std::uint64_t from,
                           std::uint64_t count) {
    std::vector<Plain> result;
    kafka::protocol::RecordBatchBuilder builder{kafka::ByteBuffer(options.batch)};
    const auto seal = [&] {
        const auto records = static_cast<std::uint64_t>(builder.count());
        result.push_back({kafka::Slice::copy_of(builder.seal({})), records});
        builder.clear();
    };
    auto cursor = corpus.cursor(from);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto record = cursor.next();
        const kafka::protocol::RecordRef made{.value = record.value,
                                              .timestamp = 1'700'000'000'000};
        if (builder.append(made, options.batch)) continue;
        if (builder.empty()) fail("a record is larger than batch=");
        seal();
        if (!builder.append(made, options.batch)) fail("a record is larger than batch=");
    }
    if (!builder.empty()) seal();
    return result;
}

}  // namespace

void codec_alone(const Options& options, Run& run) {
    check_producing(options);
    if (options.mode != Mode::produce || options.threads > 1 || options.clients > 1) {
        refuse("codec-alone has mode=produce only, with one thread");
    }
    const auto codec = *kafka::compression_from_name(options.codec);
    if (codec == kafka::Compression::none) refuse("codec-alone needs a codec");
    run.setting("codec", options.codec);
    if (options.codec_level) run.setting("codec_level", *options.codec_level);
    run.setting("batch", options.batch);
    const Corpus corpus(options.corpus);
    if (corpus.keyed()) refuse("codec-alone takes no keys and headers");
    kafka::ByteBuffer out(options.batch);
    const auto compress = [&](const std::vector<Plain>& plain) {
        for (const auto& each : plain) {
            out.clear();
            const auto records = each.batch.bytes().subspan(kafka::protocol::batch_layout::records);
            const auto failure = kafka::codec::compress(codec, records, out, options.codec_level);
            if (failure) fail(failure.message());
        }
    };
    compress(batches(options, corpus, 0, options.warmup));
    const auto rounds = options.messages / corpus.count();
    const auto left = options.messages % corpus.count();
    const auto round = batches(options, corpus, options.warmup, rounds ? corpus.count() : 0);
    const auto rest = batches(options, corpus, options.warmup, left);
    run.begin();
    for (std::uint64_t i = 0; i < rounds; ++i)
        compress(round);
    compress(rest);
    run.end();
}

}  // namespace kafka_bench
