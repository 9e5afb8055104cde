// SPDX-License-Identifier: Apache-2.0
// How kasio ends: its exit statuses, and the one sentence that explains a failure.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <kafka/result.hpp>

namespace kasio {

/// Exit statuses; they are part of the interface (see exit_status_help()).
enum class Exit : int {
    ok = 0,
    incomplete = 1,     ///< something was done, but not all of it
    usage = 2,          ///< the command line is wrong
    unreachable = 3,    ///< no broker, or not in time
    refused = 4,        ///< a broker said no
    bad_data = 5,       ///< bytes that cannot be what they should be
    files = 6,          ///< a file, standard input or standard output
    interrupted = 130,  ///< SIGINT; SIGTERM gives 143
    terminated = 143,
};

/// A failure as the user gets to see it: one sentence without a trailing period. Empty: none.
struct [[nodiscard]] Problem {
    Exit status = Exit::ok;
    std::string sentence;

    Problem() = default;
    Problem(Exit s, std::string text) : status(s), sentence(std::move(text)) {}
    explicit operator bool() const noexcept { return status != Exit::ok; }
};

/// The exit status that fits an error.
[[nodiscard]] Exit exit_status_of(const std::error_code& error) noexcept;
/// "CONTEXT: MESSAGE: DETAIL" with the status that fits. `context` may be empty.
[[nodiscard]] Problem problem_of(const kafka::Failure& failure, std::string_view context);
/// "CONTEXT: what the system says of `error_number`", status 6.
[[nodiscard]] Problem file_problem(std::string_view context, int error_number);

/// A table of the statuses, for --help.
[[nodiscard]] std::string_view exit_status_help() noexcept;

}  // namespace kasio
