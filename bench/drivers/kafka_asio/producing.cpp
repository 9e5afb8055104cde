// SPDX-License-Identifier: Apache-2.0
#include "producing.hpp"

#include <kafka/codec.hpp>

namespace kafka_bench {

void check_codec(const Options& options) {
    const auto codec = kafka::compression_from_name(options.codec);
    if (!codec || !kafka::codec::available(*codec)) refuse(options.codec + " is not compiled in");
    const auto range = kafka::codec::level_range(*codec);
    if (options.codec_level &&
        (*options.codec_level < range.lowest || *options.codec_level > range.highest)) {
        refuse(options.codec + " has levels from " + std::to_string(range.lowest) + " to " +
               std::to_string(range.highest));
    }
}

void check_producing(const Options& options) {
    if (options.mode == Mode::consume) refuse(options.way + " does not consume");
    if (!options.tuned || !options.linger_us) {
        refuse(
            "a Conn has no batches, and so no defaults for them: settings=tuned and a linger_us");
    }
    check_codec(options);
    if (options.idempotent && (options.acks != -1 || options.in_flight > 5)) {
        refuse("idempotence needs acks=all and at most 5 requests in flight");
    }
}

void describe_producing(const Options& options, Run& run) {
    run.setting("acks", options.acks);
    run.setting("codec", options.codec);
    if (options.codec_level) run.setting("codec_level", *options.codec_level);
    run.setting("batch", options.batch);
    run.setting("linger_us", *options.linger_us);
    run.setting("in_flight", options.in_flight);
    if (!options.ca.empty()) run.setting("ConnConfig::tls.ca_file", options.ca);
}

}  // namespace kafka_bench
