// SPDX-License-Identifier: Apache-2.0
#include "lines.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace kasio {

namespace {

constexpr std::size_t read_size = 256 * 1024;

}  // namespace

LineReader::LineReader(int fd, std::string name, std::string delimiter, std::size_t max_line,
                       int wake)
    : fd_(fd),
      wake_(wake),
      name_(std::move(name)),
      delimiter_(std::move(delimiter)),
      max_line_(max_line) {}

LineReader::Status LineReader::next(int timeout) {
    if (problem_) return Status::failed;
    while (true) {
        if (cut()) {
            ++number_;
            if (line_.size() > max_line_) {
                return fail({Exit::bad_data, name_ + " line " + std::to_string(number_) + " has " +
                                                 std::to_string(line_.size()) +
                                                 " bytes, which is above the limit of " +
                                                 std::to_string(max_line_)});
            }
            return Status::line;
        }
        if (eof_) return Status::end;
        if (end_ - begin_ > max_line_ + delimiter_.size()) {
            return fail({Exit::bad_data, name_ + " line " + std::to_string(number_ + 1) +
                                             " is longer than the limit of " +
                                             std::to_string(max_line_) + " bytes"});
        }
        if (const auto status = wait(timeout); status != Status::line) return status;
        if (const auto status = fill(); status != Status::line) return status;
    }
}

// Takes a line off the buffer, if there is a whole one.
bool LineReader::cut() {
    const char* const base = buffer_.data();
    if (end_ > scanned_ && !delimiter_.empty()) {
        const void* found =
            delimiter_.size() == 1
                ? std::memchr(base + scanned_, delimiter_[0], end_ - scanned_)
                : memmem(base + scanned_, end_ - scanned_, delimiter_.data(), delimiter_.size());
        if (found) {
            const auto place = static_cast<std::size_t>(static_cast<const char*>(found) - base);
            line_ = {base + begin_, place - begin_};
            begin_ = scanned_ = place + delimiter_.size();
            delimited_ = true;
            return true;
        }
        // The delimiter may have begun within the last bytes.
        const auto overlap = std::min(delimiter_.size() - 1, end_ - begin_);
        scanned_ = std::max(scanned_, end_ - overlap);
    }
    if (!eof_ || begin_ == end_) return false;
    line_ = {base + begin_, end_ - begin_};
    begin_ = scanned_ = end_;
    delimited_ = false;
    return true;
}

// Status::line: there is something to read, or the end of the input.
LineReader::Status LineReader::wait(int timeout) {
    if (timeout < 0 && wake_ < 0) return Status::line;
    while (true) {
        pollfd fds[2] = {{fd_, POLLIN, 0}, {wake_, POLLIN, 0}};
        const int ready = ::poll(fds, 2, timeout);
        if (ready < 0 && errno == EINTR) continue;
        if (ready < 0) return fail(file_problem(name_, errno));
        if (fds[1].revents) return Status::interrupted;
        return ready == 0 ? Status::idle : Status::line;
    }
}

LineReader::Status LineReader::fill() {
    if (begin_ == end_) {
        begin_ = scanned_ = end_ = 0;
    } else if (begin_ > 0 && buffer_.size() - end_ < read_size) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        scanned_ -= begin_;
        begin_ = 0;
    }
    if (buffer_.size() - end_ < read_size) {
        buffer_.resize(std::max(end_ + read_size, buffer_.size() * 2));
    }
    while (true) {
        const auto count = ::read(fd_, buffer_.data() + end_, buffer_.size() - end_);
        if (count > 0) {
            end_ += static_cast<std::size_t>(count);
            return Status::line;
        }
        if (count == 0) {
            eof_ = true;
            return Status::line;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {  // somebody else made it non-blocking
            pollfd fd{fd_, POLLIN, 0};
            static_cast<void>(::poll(&fd, 1, -1));
        } else if (errno != EINTR) {
            return fail(file_problem(name_, errno));
        }
    }
}

LineReader::Status LineReader::fail(Problem problem) {
    problem_ = std::move(problem);
    return Status::failed;
}

}  // namespace kasio
