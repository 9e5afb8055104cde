// SPDX-License-Identifier: Apache-2.0
// codec-alone: no client at all. What compressing the records of full batches costs by itself, in
// the same process and with the same records as the ways it is compared with.
#include <kafka/codec.hpp>
#include <kafka/protocol/record_batch.hpp>

#include "batches.hpp"
#include "producing.hpp"
#include "ways.hpp"

namespace kafka_bench {

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
    kafka::ByteBuffer out(options.batch);
    const auto compress = [&](const kafka::Slice& plain) {
        out.clear();
        const auto records = plain.bytes().subspan(kafka::protocol::batch_layout::records);
        const auto failure = kafka::codec::compress(codec, records, out, options.codec_level);
        if (failure) fail(failure.message());
    };
    constexpr auto none = kafka::Compression::none;
    for (const auto& plain : make_batches(options, corpus, none, 0, options.warmup))
        compress(plain);
    const MeasuredBatches batches(options, corpus, none);
    run.begin();
    batches.for_each(compress);
    run.end();
}

}  // namespace kafka_bench
