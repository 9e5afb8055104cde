// SPDX-License-Identifier: Apache-2.0
// Standard output, buffered, with errors that are noticed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "exit_status.hpp"

namespace kasio {

/// Collects text and writes it in large pieces. The first failure sticks: nothing is written
/// afterwards. SIGPIPE must be ignored. Not thread-safe.
class Output {
public:
    explicit Output(int fd = 1, std::string name = "standard output")
        : fd_(fd), name_(std::move(name)) {}
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    /// What is to be written next: append to it, then call write_if_large().
    [[nodiscard]] std::string& text() noexcept { return text_; }
    /// Writes when enough has gathered. False: stop, see closed() and problem().
    [[nodiscard]] bool write_if_large() { return text_.size() < large ? good() : flush(); }
    [[nodiscard]] bool flush();

    [[nodiscard]] bool good() const noexcept { return !closed_ && !problem_; }
    /// The reader has gone (EPIPE), as `head` does when it has enough: no reason to complain.
    [[nodiscard]] bool closed() const noexcept { return closed_; }
    /// Any other failure, such as a full disk.
    [[nodiscard]] const Problem& problem() const noexcept { return problem_; }

private:
    static constexpr std::size_t large = 64 * 1024;

    int fd_;
    std::string name_;
    std::string text_;
    bool closed_ = false;
    Problem problem_;
};

/// Writes one line to standard error in one piece: "kasio: COMMAND: SENTENCE". Control characters
/// in the sentence, which may come from elsewhere, are made harmless.
void complain(std::string_view command, std::string_view sentence);

}  // namespace kasio
