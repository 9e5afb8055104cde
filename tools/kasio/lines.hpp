// SPDX-License-Identifier: Apache-2.0
// Lines of any bytes from standard input or a file, with bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exit_status.hpp"

namespace kasio {

/// Cuts what a file descriptor gives into lines. What follows the last delimiter is a line as
/// well, unless it is empty. Not thread-safe.
class LineReader {
public:
    enum class Status {
        line,         ///< line() holds one
        idle,         ///< nothing came within the time
        end,          ///< there are no more
        interrupted,  ///< the wake-up descriptor became readable
        failed,       ///< see problem()
    };
    /// Lines may be this long, unless something else is said: a bit less than what a broker takes
    /// in one request (socket.request.max.bytes).
    static constexpr std::size_t default_max_line = (std::size_t{100} << 20) - 4096;

    /// `name` is for messages. `wake` is a descriptor that ends waiting, or -1. The descriptors
    /// stay the caller's.
    LineReader(int fd, std::string name, std::string delimiter,
               std::size_t max_line = default_max_line, int wake = -1);

    /// Finds the next line, waiting at most `timeout` milliseconds for more input (-1: forever).
    [[nodiscard]] Status next(int timeout);

    /// The line without its delimiter; valid until the next call of next().
    [[nodiscard]] std::string_view line() const noexcept { return line_; }
    /// Its number, from 1.
    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    /// False only for a last line that the input ends in the middle of.
    [[nodiscard]] bool delimited() const noexcept { return delimited_; }
    [[nodiscard]] const Problem& problem() const noexcept { return problem_; }

private:
    [[nodiscard]] bool cut();
    [[nodiscard]] Status wait(int timeout);
    [[nodiscard]] Status fill();
    Status fail(Problem problem);

    int fd_;
    int wake_;
    std::string name_;
    std::string delimiter_;
    std::size_t max_line_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;    // of what is not yet cut
    std::size_t scanned_ = 0;  // no delimiter begins before this place
    std::size_t end_ = 0;
    bool eof_ = false;
    bool delimited_ = false;
    std::string_view line_;
    std::uint64_t number_ = 0;
    Problem problem_;
};

}  // namespace kasio
