// SPDX-License-Identifier: Apache-2.0
// conn-encoded: the batches are there before the run, as for somebody who forwards them. What is
// left is the cost of requests and of the transport.
#include "batches.hpp"
#include "producing.hpp"
#include "sender.hpp"
#include "ways.hpp"

namespace kafka_bench {

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
    const auto codec = *kafka::compression_from_name(options.codec);
    for (const auto& batch : make_batches(options, corpus, codec, 0, options.warmup))
        send(batch);
    sender.drain();
    const MeasuredBatches batches(options, corpus, codec);
    run.begin();
    batches.for_each(send);
    sender.drain();
    run.end();
}

}  // namespace kafka_bench
