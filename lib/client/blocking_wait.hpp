// SPDX-License-Identifier: Apache-2.0
// The way of every blocking call: start the operation, wait for it, throw what went wrong.
#pragma once

#include <system_error>
#include <utility>

#include <kafka/blocking/error.hpp>
#include <kafka/blocking/runtime.hpp>
#include <kafka/error.hpp>

#include "client/blocking_runtime.hpp"

namespace kafka::blocking {

/// Waiting on the runtime's thread for the runtime's thread would be for ever. Throws Error.
inline void check_thread(const Runtime& runtime) {
    if (runtime.on_own_thread())
        throw Error(errc::blocking_misuse, {{}, {}, "on the thread of its own runtime"});
}

/// Throws for an operation that failed.
inline void check(const std::error_code& ec, Diagnostics& diagnostics, Diagnostics* wanted) {
    if (!ec) return;
    if (wanted) *wanted = diagnostics;
    throw Error(ec, std::move(diagnostics));
}

/// `start(options, handler)` with options whose diagnostics are this call's; the result goes to
/// `out`. Throws Error.
template <class Out, class Options, class Start>
void wait_for(const Runtime& runtime, Options options, Out& out, Start start) {
    check_thread(runtime);
    Diagnostics diagnostics;
    auto* wanted = std::exchange(options.diagnostics, &diagnostics);
    Waiting waiting;
    start(options, [ending = Ending(waiting), &out](std::error_code ec, Out result) mutable {
        out = std::move(result);
        ending(ec);
    });
    check(waiting.wait(), diagnostics, wanted);
}
/// The same for an operation without a result.
template <class Options, class Start>
void wait_for(const Runtime& runtime, Options options, Start start) {
    check_thread(runtime);
    Diagnostics diagnostics;
    auto* wanted = std::exchange(options.diagnostics, &diagnostics);
    Waiting waiting;
    start(options, Ending(waiting));
    check(waiting.wait(), diagnostics, wanted);
}

}  // namespace kafka::blocking
