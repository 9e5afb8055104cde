// SPDX-License-Identifier: Apache-2.0
// The executor that sockets and timers of the library use, and the types built on it.
#pragma once

#include <chrono>
#include <typeinfo>

#include <asio/any_io_executor.hpp>
#include <asio/basic_waitable_timer.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/strand.hpp>

namespace kafka::io {

/// A concrete type, not any_io_executor: that one keeps a strand of itself on the heap, and makes
/// a new one for each operation.
using Strand = asio::strand<asio::any_io_executor>;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Strand>;
using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Strand>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Strand>;

/// A strand of `executor`, which need not be serial; itself if it is a strand already.
inline Strand strand_of(const asio::any_io_executor& executor) {
    // target<T>() alone does not look at the type in Asio 1.22.
    if (executor.target_type() == typeid(Strand)) return *executor.target<Strand>();
    return asio::make_strand(executor);
}

}  // namespace kafka::io
