// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"

#include <cerrno>

#include <poll.h>
#include <unistd.h>

namespace kasio {

bool Output::flush() {
    std::string_view left = text_;
    while (good() && !left.empty()) {
        const auto count = ::write(fd_, left.data(), left.size());
        if (count >= 0) {
            left.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EPIPE) {
            closed_ = true;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            pollfd fd{fd_, POLLOUT, 0};
            static_cast<void>(::poll(&fd, 1, -1));
        } else if (errno != EINTR) {
            problem_ = file_problem(name_, errno);
        }
    }
    text_.clear();
    return good();
}

void complain(std::string_view command, std::string_view sentence) {
    std::string line = "kasio: ";
    if (!command.empty()) line.append(command).append(": ");
    for (const char c : sentence) {
        const auto byte = static_cast<unsigned char>(c);
        line += byte < 0x20 || byte == 0x7f ? '?' : c;
    }
    line += '\n';
    Output error(2, "standard error");
    error.text() = std::move(line);
    static_cast<void>(error.flush());
}

}  // namespace kasio
