// SPDX-License-Identifier: Apache-2.0
// What the ways to produce have in common: what they can honour and say of themselves, threads, and
// clients in turns.
#pragma once

#include <algorithm>
#include <barrier>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include "driver.hpp"

namespace kafka_bench {

/// Ends the program (`refuse`) if there is no such codec or level.
void check_codec(const Options& options);
/// Ends the program (`refuse`) on what the ways over a Conn cannot do.
void check_producing(const Options& options);
void describe_producing(const Options& options, Run& run);

/// The part of thread `t` of `threads` in `count` things.
inline std::uint64_t share(std::uint64_t count, std::uint64_t t, std::uint64_t threads) {
    return count / threads * t + std::min(count % threads, t);
}

/// Threads that produce their shares at the same time, the warm-up first. `produce(t, from, until)`
/// returns when all is taken, `settle()` when all is acknowledged.
template <class Produce, class Settle>
void produce_by_threads(const Options& options, Run& run, Produce produce, Settle settle) {
    const std::uint64_t threads = options.threads;
    const auto part = [&](std::uint64_t t, std::uint64_t first, std::uint64_t count) {
        produce(t, first + share(count, t, threads), first + share(count, t + 1, threads));
    };
    if (threads == 1) {
        part(0, 0, options.warmup);
        settle();
        run.begin();
        part(0, options.warmup, options.messages);
        settle();
        return run.end();
    }
    std::barrier step(static_cast<std::ptrdiff_t>(threads) + 1);
    std::vector<std::thread> running;
    for (std::uint64_t t = 0; t < threads; ++t) {
        running.emplace_back([&, t] {
            part(t, 0, options.warmup);
            step.arrive_and_wait();  // all is taken
            step.arrive_and_wait();  // all is acknowledged, the clocks are read
            part(t, options.warmup, options.messages);
            step.arrive_and_wait();  // all is taken
            step.arrive_and_wait();  // all is acknowledged, threads and memory are counted
        });
    }
    step.arrive_and_wait();
    settle();
    run.begin();
    step.arrive_and_wait();
    step.arrive_and_wait();
    settle();
    run.end();
    step.arrive_and_wait();
    for (auto& thread : running)
        thread.join();
}

/// Records `from` to `until`, each client some in turn: `take(client, record, number, last)`, where
/// `last` is that of the turn.
template <class Take>
void produce_in_turns(const Corpus& corpus, std::uint64_t from, std::uint64_t until,
                      std::size_t clients, Take take) {
    auto cursor = corpus.cursor(from);
    for (std::uint64_t turn = 0; from < until; ++turn) {
        const auto after = std::min(until, from + records_a_turn);
        for (; from < after; ++from)
            take(turn % clients, cursor.next(), from, from + 1 == after);
    }
}

}  // namespace kafka_bench
