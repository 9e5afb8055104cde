// SPDX-License-Identifier: Apache-2.0
// conn-encoded: the batches are there before the run, as for somebody who forwards them. What is
// left is the cost of requests and of the transport.
#include <algorithm>
#include <vector>

#include <kafka/codec.hpp>
#include <kafka/protocol/record_batch_builder.hpp>

#include "producing.hpp"
#include "sender.hpp"
#include "ways.hpp"

namespace kafka_bench {
namespace {

struct Encoded {
    kafka::Slice batch;
    std::uint64_t count;
};

/// Records `from` to `from + count` of the run.
std::vector<Encoded> encode(const Options& options, const Corpus& corpus, std::uint64_t from,
                            std::uint64_t count) {
    std::vector<Encoded> result;
    const auto codec = *kafka::compression_from_name(options.codec);
    kafka::protocol::RecordBatchBuilder builder{kafka::ByteBuffer(options.batch)};
    const auto seal = [&] {
        kafka::ByteBuffer out;
        const auto batch =
            builder.seal_into(out, {}, codec, kafka::codec::compress, options.codec_level);
        if (!batch) fail(batch.failure().message());
        result.push_back(
            {kafka::Slice::copy_of(*batch), static_cast<std::uint64_t>(builder.count())});
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
        if (builder.empty()) fail("a record is larger than batch=");
        seal();
        if (!builder.append(made, options.batch)) fail("a record is larger than batch=");
    }
    if (!builder.empty()) seal();
    return result;
}

}  // namespace

void conn_encoded(const Options& options, Run& run) {
    check_producing(options);
    if (options.mode != Mode::produce) refuse("conn-encoded has mode=produce only");
    if (options.idempotent)
        refuse("conn-encoded has no idempotence: its batches are sealed before");
    if (options.threads > 1 || options.clients > 1) {
        refuse("conn-encoded has one thread and one client");
    }
    describe_producing(options, run);
    const Corpus corpus(options.corpus);
    Cluster cluster(options);
    Sender sender(cluster, options);
    std::int32_t partition = 0;
    const auto send = [&](const kafka::Slice& batch) {
        sender.wait_until_ready(partition);
        sender.send(partition, batch);
        partition = (partition + 1) % cluster.partitions();
        cluster.poll();
    };
    for (const auto& each : encode(options, corpus, 0, options.warmup))
        send(each.batch);
    sender.drain();

    // One round through the corpus again and again, and what is left.
    const auto rounds = options.messages / corpus.count();
    const auto left = options.messages % corpus.count();
    const auto round = encode(options, corpus, options.warmup, rounds ? corpus.count() : 0);
    const auto rest = encode(options, corpus, options.warmup, left);
    run.begin();
    for (std::uint64_t i = 0; i < rounds; ++i)
        for (const auto& each : round)
            send(each.batch);
    for (const auto& each : rest)
        send(each.batch);
    sender.drain();
    run.end();
}

}  // namespace kafka_bench
