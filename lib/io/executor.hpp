// SPDX-License-Identifier: Apache-2.0
// The executor that sockets and timers of the library use, and the types built on it.
#pragma once

#include <chrono>
#include <typeinfo>

#include <asio/any_io_executor.hpp>
#include <asio/basic_waitable_timer.hpp>
#include <asio/ip/tcp.hpp>

#include "io/strand.hpp"

namespace kafka::io {

/// Of Strand::inner(): whoever starts an operation on one sees to it that its end enters the
/// strand. The others do so by themselves, for more.
using Socket = asio::ip::tcp::socket;
using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Strand>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Strand>;

/// A strand of `executor`, which need not be serial; itself if it is a strand already.
inline Strand strand_of(const asio::any_io_executor& executor) {
    // target<T>() alone does not look at the type in Asio 1.22.
    if (executor.target_type() == typeid(Strand)) return *executor.target<Strand>();
    return Strand(executor);
}

}  // namespace kafka::io
