// SPDX-License-Identifier: Apache-2.0
#include "payloads.hpp"

#include <cerrno>
#include <charconv>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "lines.hpp"

namespace kasio {

Payloads Payloads::of_size(std::size_t size) {
    Payloads payloads;
    payloads.size_ = size;
    payloads.text_.resize(size + spread);
    for (auto& letter : payloads.text_)
        letter = static_cast<char>('A' + payloads.chance_.below(26));
    return payloads;
}

Problem Payloads::of_file(const std::string& path, const std::string& delimiter,
                          std::size_t most_bytes, Payloads& payloads) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return file_problem(path, errno);
    LineReader reader(fd, path, delimiter, most_bytes);
    Payloads made;
    auto status = reader.next(-1);
    for (; status == LineReader::Status::line; status = reader.next(-1))
        made.lines_.emplace_back(reader.line());
    ::close(fd);
    if (status == LineReader::Status::failed) return reader.problem();
    if (made.lines_.empty()) return {Exit::bad_data, path + " is empty"};
    payloads = std::move(made);
    return {};
}

std::string_view Payloads::next() noexcept {
    if (!lines_.empty()) return lines_[static_cast<std::size_t>(chance_.below(lines_.size()))];
    return std::string_view(text_).substr(static_cast<std::size_t>(chance_.below(spread)), size_);
}

std::string_view Keys::next() noexcept {
    const auto end = std::to_chars(text_, text_ + sizeof text_, chance_.below(count_)).ptr;
    return {text_, static_cast<std::size_t>(end - text_)};
}

}  // namespace kasio
