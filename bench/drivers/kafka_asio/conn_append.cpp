// SPDX-License-Identifier: Apache-2.0
// conn-append: what a producer over kafka::Conn does, each record encoded as it is handed over.
#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include <asio/steady_timer.hpp>

#include "appender.hpp"
#include "producing.hpp"
#include "ways.hpp"

namespace kafka_bench {
namespace {

struct Producer {
    Producer(const Options& options, std::uint32_t number,
             std::shared_ptr<asio::io_context> context = std::make_shared<asio::io_context>(1))
        : cluster(options, std::move(context)), appender(cluster, options, number) {}

    Cluster cluster;
    Appender appender;

    /// Records `from` to `until` of the run, acknowledged.
    void produce(const Corpus& corpus, std::uint64_t from, std::uint64_t until) {
        auto cursor = corpus.cursor(from);
        for (auto i = from; i < until; ++i)
            appender.append(cursor.next());
        appender.flush();
    }
};

/// Several producers on one event loop: what more connections cost.
void produce_with_clients(const Options& options, const Corpus& corpus, Run& run) {
    const auto context = std::make_shared<asio::io_context>(1);
    std::vector<std::unique_ptr<Producer>> producers;
    for (std::uint32_t i = 0; i < options.clients; ++i)
        producers.push_back(std::make_unique<Producer>(options, i, context));
    const auto produce = [&](std::uint64_t from, std::uint64_t until) {
        produce_in_turns(corpus, from, until, producers.size(),
                         [&](std::size_t client, const CorpusRecord& record, std::uint64_t, bool) {
                             producers[client]->appender.append(record);
                         });
        for (auto& each : producers)
            each->appender.flush();
    };
    produce(0, options.warmup);
    run.begin();
    produce(options.warmup, options.warmup + options.messages);
    run.end();
}

void produce(const Options& options, const Corpus& corpus, Run& run) {
    if (options.clients > 1) return produce_with_clients(options, corpus, run);
    std::vector<std::unique_ptr<Producer>> producers;
    for (std::uint32_t t = 0; t < options.threads; ++t)
        producers.push_back(std::make_unique<Producer>(options, t));
    produce_by_threads(
        options, run,
        [&](std::uint64_t t, std::uint64_t from, std::uint64_t until) {
            producers[t]->produce(corpus, from, until);
        },
        [] {});
}

/// Sleeps in the event loop, so that acknowledgements are seen meanwhile.
void sleep_until(asio::steady_timer& timer, Cluster& cluster, std::int64_t when_ns) {
    bool over = false;
    timer.expires_at(Clock::time_point(std::chrono::nanoseconds(when_ns)));
    timer.async_wait([&over](std::error_code) { over = true; });
    while (!over)
        cluster.wait();
}

void paced(Producer& producer, const Corpus& corpus, const Options& options, std::uint64_t from,
           std::uint64_t count) {
    asio::steady_timer timer(producer.cluster.context());
    auto cursor = corpus.cursor(from);
    const Pacer pacer(now_ns(), options.rate);
    for (std::uint64_t i = 0; i < count;) {
        auto now = now_ns();
        for (; i < count && pacer.due_ns(i) <= now; ++i)
            producer.appender.append(cursor.next(), pacer.due_ns(i));
        const auto look_again = producer.appender.send_due(now);
        producer.cluster.poll();
        if (i == count) break;
        now = now_ns();
        const auto wake = std::min(pacer.due_ns(i), look_again);
        if (wake > now) {
            sleep_until(timer, producer.cluster, std::max(wake, now + Pacer::shortest_sleep_ns));
        }
    }
    producer.appender.flush();
}

}  // namespace

void conn_append(const Options& options, Run& run) {
    check_producing(options);
    if (options.threads > 1 && options.mode != Mode::produce) {
        refuse("conn-append has several threads in mode=produce only");
    }
    describe_producing(options, run);
    if (options.mode == Mode::start) {
        run.begin();
        const Corpus corpus(options.corpus);
        Producer(options, 0).produce(corpus, 0, 1);
        return run.end();
    }
    const Corpus corpus(options.corpus);
    if (options.mode == Mode::produce) return produce(options, corpus, run);
    Producer producer(options, 0);
    // At the same pace, so that nothing but the number of records differs.
    paced(producer, corpus, options, 0, options.warmup);
    producer.appender.sender().latency = Histogram();
    run.begin();
    paced(producer, corpus, options, options.warmup, options.messages);
    run.end();
    run.latency() = producer.appender.sender().latency;
}

}  // namespace kafka_bench
