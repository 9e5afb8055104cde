// SPDX-License-Identifier: Apache-2.0
// Records when they are due, and the event loop between them.
#pragma once

#include <chrono>
#include <cstdint>
#include <system_error>

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include "driver.hpp"

namespace kafka_bench {

/// `write(i, more)` for each record as it is due; `more`: the next one is due as well. Sleeps in the
/// event loop, so that acknowledgements are seen meanwhile.
template <class Write>
void keep_pace(asio::io_context& context, const Pacer& pacer, std::uint64_t count, Write write) {
    asio::steady_timer timer(context);
    for (std::uint64_t i = 0; i < count;) {
        const auto now = now_ns();
        for (; i < count && pacer.due_ns(i) <= now; ++i)
            write(i, i + 1 < count && pacer.due_ns(i + 1) <= now);
        context.restart();
        context.poll();
        if (i == count) return;
        const auto left = pacer.sleep_ns(i, now_ns());
        if (left <= 0) continue;
        bool over = false;
        timer.expires_after(std::chrono::nanoseconds(left));
        timer.async_wait([&over](std::error_code) { over = true; });
        while (!over) {
            context.restart();
            context.run_one();
        }
    }
}

}  // namespace kafka_bench
