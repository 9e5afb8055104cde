// SPDX-License-Identifier: Apache-2.0
// The rows of producers, and what several of them decide together.
#include "client/property_table.hpp"

namespace kafka::properties {
namespace {

using enum PropertyScope;
using Draft = WriterDraft;

constexpr std::int64_t most_memory = std::int64_t{1} << 40;

std::size_t size_of(const Value& value) noexcept {
    return static_cast<std::size_t>(value.number);
}
// Those of all codecs; check_writer_config() looks at a level together with its codec.
int level_of(const Value& value) noexcept {
    return static_cast<int>(value.number);
}
constexpr Kind level = number(-131'072, 22);

// Java's, by the names of classes, and librdkafka's. Null is how Java says its default.
constexpr std::string_view java_round_robin =
    "org.apache.kafka.clients.producer.RoundRobinPartitioner";
constexpr std::string_view java_sticky =
    "org.apache.kafka.clients.producer.UniformStickyPartitioner";
constexpr Kind partitioners = one_of(
    "murmur2_random murmur2 consistent_random consistent fnv1a_random random null "
    "org.apache.kafka.clients.producer.RoundRobinPartitioner "
    "org.apache.kafka.clients.producer.UniformStickyPartitioner "
    "org.apache.kafka.clients.producer.internals.DefaultPartitioner");

constexpr Row rows[] = {
    {"acks request.required.acks", producer, one_of("all -1 1 0"), "who must have a record",
     nullptr,
     [](Draft& d, const Value& v) {
         d.config.acks = v.text == "1"   ? RequiredAcks::leader
                         : v.text == "0" ? RequiredAcks::none
                                         : RequiredAcks::all;
     }},
    {"batch.size", producer, number(0), "bytes of a batch", nullptr,
     [](Draft& d, const Value& v) { d.config.batch_size = size_of(v); }},
    {"batch.num.messages", producer, number(1), "records of a batch", nullptr,
     [](Draft& d, const Value& v) { d.config.batch_records = size_of(v); }},
    {"buffer.memory", producer, number(0, most_memory), "bytes for records that wait", nullptr,
     [](Draft& d, const Value& v) { d.config.buffer_memory = size_of(v); }},
    {"queue.buffering.max.kbytes", producer, number(1), "the same in KiB", nullptr,
     [](Draft& d, const Value& v) { d.config.buffer_memory = size_of(v) * 1024; }},
    {"queue.buffering.max.messages", producer, number(0), "records that may wait; 0: any number",
     nullptr, [](Draft& d, const Value& v) { d.config.buffer_records = size_of(v); }},
    {"compression.type compression.codec", producer, one_of("none gzip snappy lz4 zstd"),
     "how batches are compressed", nullptr,
     [](Draft& d, const Value& v) {
         d.config.compression = compression_from_name(v.text).value_or(Compression::none);
     }},
    {"compression.level", producer, level, "how hard, whatever the codec; -1: its preset", nullptr,
     [](Draft& d, const Value& v) { d.level = level_of(v); }},
    {"compression.gzip.level", producer, level, "how hard gzip compresses; -1: its preset", nullptr,
     [](Draft& d, const Value& v) { d.levels[0] = level_of(v); }},
    {"compression.lz4.level", producer, level, "how hard lz4 compresses", nullptr,
     [](Draft& d, const Value& v) { d.levels[1] = level_of(v); }},
    {"compression.zstd.level", producer, level, "how hard zstd compresses", nullptr,
     [](Draft& d, const Value& v) { d.levels[2] = level_of(v); }},
    {"delivery.timeout.ms message.timeout.ms", producer, millis(1), "for one record with all tries",
     nullptr, [](Draft& d, const Value& v) { d.config.delivery_timeout = v.time; }},
    {"enable.idempotence", producer, boolean, "store records once that are sent again", nullptr,
     [](Draft& d, const Value& v) { d.idempotence = v.flag; }},
    {"linger.ms queue.buffering.max.ms", producer, millis(), "how long a batch may wait for more",
     nullptr, [](Draft& d, const Value& v) { d.config.linger = v.time; }},
    {"max.block.ms", producer, millis(), "how long sending may wait for room and metadata", nullptr,
     [](Draft& d, const Value& v) { d.config.max_block = v.time; }},
    {"max.in.flight.requests.per.connection max.in.flight", producer, number(1), "requests at once",
     nullptr,
     [](Draft& d, const Value& v) {
         d.config.max_in_flight_requests_per_connection = static_cast<unsigned>(v.number);
     }},
    {"max.request.size message.max.bytes", producer, number(0),
     "bytes of a request, and of a record", nullptr,
     [](Draft& d, const Value& v) { d.config.max_request_size = size_of(v); }},
    {"partitioner.class partitioner", producer, partitioners, "how partitions are chosen", nullptr,
     [](Draft& d, const Value& v) { d.partitioner = v.text; }},
    {"partitioner.adaptive.partitioning.enable", producer, boolean, "spare slow brokers", nullptr,
     [](Draft& d, const Value& v) { d.adaptive = v.flag; }},
    {"partitioner.ignore.keys", producer, boolean, "choose partitions without regard to keys",
     nullptr, [](Draft& d, const Value& v) { d.ignore_keys = v.flag; }},
    {"partitioner.rack.aware", producer, boolean, "prefer partitions led in the client's rack",
     nullptr, [](Draft& d, const Value& v) { d.rack_aware = v.flag; }},
    {"retries message.send.max.retries", producer, number(0), "how often a batch is sent again",
     nullptr, [](Draft& d, const Value& v) { d.config.retries = static_cast<unsigned>(v.number); }},
    {"transaction.timeout.ms", producer, millis(1), "a transaction that takes longer is aborted",
     nullptr, [](Draft& d, const Value& v) { d.config.transaction_timeout = v.time; }},
    {"transactional.id", producer, text, "names a producer of transactions", nullptr,
     [](Draft& d, const Value& v) { d.config.transactional_id = v.text; }},

    {"queue.buffering.backpressure.threshold", producer, text, "requests that wait"},
    {"delivery.report.only.error", producer, text, "tell failures only"},
    {"enable.gapless.guarantee", producer, text, "stop where a record was lost"},
    {"message.copy.max.bytes", producer, text, "larger records are not copied"},
    {"partitioner.availability.timeout.ms", producer, text, "pass over brokers that do not answer"},
    {"sticky.partitioning.linger.ms", producer, text, "how long a partition is stuck to"},
    {"transaction.two.phase.commit.enable", producer, text, "transactions that do not time out"},
};

UniformStickyBalancer uniform(const WriterDraft& draft) {
    UniformStickyBalancer balancer;
    balancer.adaptive = draft.adaptive.value_or(balancer.adaptive);
    balancer.rack_aware = draft.rack_aware.value_or(balancer.rack_aware);
    return balancer;
}

Balancer balancer_of(const WriterDraft& draft) {
    const auto name = draft.partitioner;
    if (name == java_round_robin) return RoundRobinBalancer{};
    if (name == java_sticky || draft.ignore_keys) return uniform(draft);
    if (name == "murmur2") return Murmur2Balancer{.consistent = true, .unkeyed = uniform(draft)};
    if (name == "consistent") return Crc32Balancer{.consistent = true, .unkeyed = uniform(draft)};
    if (name == "consistent_random")
        return Crc32Balancer{.consistent = false, .unkeyed = uniform(draft)};
    if (name == "fnv1a_random") return HashBalancer{.unkeyed = uniform(draft)};
    if (name == "random") return RandomBalancer{};
    return Murmur2Balancer{.consistent = false, .unkeyed = uniform(draft)};
}

}  // namespace

void finish_writer(WriterDraft& draft) {
    auto& config = draft.config;
    if (draft.idempotence) {
        config.enable_idempotence = *draft.idempotence;
    } else if (config.acks != RequiredAcks::all ||
               config.max_in_flight_requests_per_connection > 5) {
        config.enable_idempotence = false;
    }
    if (!draft.partitioner.empty() || draft.ignore_keys || draft.adaptive || draft.rack_aware)
        config.balancer = balancer_of(draft);
    const auto of_codec = [&draft](Compression codec) -> std::optional<int> {
        switch (codec) {
            case Compression::gzip:
                return draft.levels[0];
            case Compression::lz4:
                return draft.levels[1];
            case Compression::zstd:
                return draft.levels[2];
            default:
                return std::nullopt;
        }
    };
    if (const auto own = of_codec(config.compression))
        config.compression_level = own;
    else if (draft.level)
        config.compression_level = *draft.level == -1 ? std::nullopt : draft.level;
    const bool has_levels =
        config.compression != Compression::none && config.compression != Compression::snappy;
    if (!has_levels) config.compression_level.reset();
}

std::span<const Row> writer_rows() noexcept {
    return rows;
}

}  // namespace kafka::properties
