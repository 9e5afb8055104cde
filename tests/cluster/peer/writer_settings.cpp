// SPDX-License-Identifier: Apache-2.0
#include "writer_settings.hpp"

#include <stdexcept>

namespace kafka::peer {

WriterConfig writer_config(const Settings& settings) {
    WriterConfig config;
    config.topic = settings.text("topic");
    config.acks = settings.text("acks", "all") == "all" ? RequiredAcks::all : RequiredAcks::leader;
    config.enable_idempotence = settings.text("enable.idempotence", "true") == "true";
    config.batch_size =
        static_cast<std::size_t>(settings.number("batch.size", std::int64_t{256} * 1024));
    config.buffer_memory =
        static_cast<std::size_t>(settings.number("buffer.memory", std::int64_t{32} << 20));
    config.delivery_timeout = settings.time("delivery.timeout.ms", 120'000);
    config.request_timeout = settings.time("request.timeout.ms", 30'000);
    const auto codec = compression_from_name(settings.text("compression.type", "none"));
    if (!codec) throw std::invalid_argument("compression.type is none that there is");
    config.compression = *codec;
    return config;
}

JsonLine describe(const WriterStats& stats) {
    JsonLine line;
    line.add("accepted", stats.accepted).add("acknowledged", stats.acknowledged);
    line.add("failed", stats.failed).add("unknown", stats.unknown);
    line.add("batches", stats.batches).add("batch_bytes", stats.batch_bytes);
    line.add("requests", stats.requests);
    line.add("retries", stats.retries).add("splits", stats.splits);
    line.add("expired", stats.expired).add("epochs", stats.epochs);
    line.add("failed_callbacks", stats.failed_callbacks);
    line.add("buffered", stats.buffered_bytes).add("in_flight", stats.in_flight);
    line.add("longest", stats.delivery_time.max / 1000);
    line.add("batch", static_cast<std::int64_t>(stats.batch_records.mean()));
    return line;
}

}  // namespace kafka::peer
