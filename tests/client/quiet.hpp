// SPDX-License-Identifier: Apache-2.0
// How busy a loop is in which nothing can be done.
#pragma once

#include <chrono>
#include <cstddef>

#include <asio/io_context.hpp>

namespace kafka::testing {

/// Handlers that run in 300 ms, once what can be done at once is done.
inline std::size_t handlers_of(asio::io_context& io) {
    using namespace std::chrono_literals;
    io.restart();
    io.run_for(50ms);
    io.restart();
    return io.run_for(300ms);
}
/// So many may be somebody else's.
constexpr std::size_t few_handlers = 5;

}  // namespace kafka::testing
