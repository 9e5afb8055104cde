// SPDX-License-Identifier: Apache-2.0
// pace-loop, pace-sleep: no client at all. What it costs to wake up for each record by itself, in an
// event loop as writer-try does and asleep as the driver of librdkafka does. The latency is that of
// waking up.
#include <chrono>
#include <system_error>

#include "pace.hpp"
#include "ways.hpp"

namespace kafka_bench {
namespace {

void check(const Options& options) {
    if (options.mode != Mode::latency || options.threads > 1 || options.clients > 1)
        refuse(options.way + " has mode=latency only, with one thread");
}

}  // namespace

void pace_loop(const Options& options, Run& run) {
    check(options);
    asio::io_context context(1);
    // As long as a Writer waits for answers.
    asio::steady_timer far(context, std::chrono::hours(1));
    far.async_wait([](std::error_code) {});
    run.begin();
    const Pacer pacer(now_ns(), options.rate);
    keep_pace(context, pacer, options.messages, [&](std::uint64_t i, bool) {
        run.latency().record(now_ns() - pacer.due_ns(i));
    });
    run.end();
}

void pace_sleep(const Options& options, Run& run) {
    check(options);
    run.begin();
    const Pacer pacer(now_ns(), options.rate);
    for (std::uint64_t i = 0; i < options.messages; ++i) {
        pacer.wait(i);
        run.latency().record(now_ns() - pacer.due_ns(i));
    }
    run.end();
}

}  // namespace kafka_bench
