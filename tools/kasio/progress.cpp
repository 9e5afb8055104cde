// SPDX-License-Identifier: Apache-2.0
#include "progress.hpp"

#include <array>
#include <cstdio>

#include <unistd.h>

#include "output.hpp"

namespace kasio {

std::string readable_bytes(double bytes) {
    static constexpr std::array units{"B", "kB", "MB", "GB", "TB", "PB"};
    std::size_t unit = 0;
    while (bytes >= 1000 && unit + 1 < units.size()) {
        bytes /= 1000;
        ++unit;
    }
    char text[48];
    std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
    return text;
}

std::string readable_count(std::uint64_t count) {
    auto digits = std::to_string(count);
    for (auto at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}

std::string rate_line(std::uint64_t records, std::uint64_t bytes, double seconds) {
    if (seconds <= 0) seconds = 1e-9;
    return readable_count(static_cast<std::uint64_t>(static_cast<double>(records) / seconds)) +
           " records/s, " + readable_bytes(static_cast<double>(bytes) / seconds) + "/s";
}

Progress::Progress(std::string_view verb, bool wanted)
    : verb_(verb), enabled_(wanted && ::isatty(2) == 1) {}

void Progress::update(std::uint64_t records, std::uint64_t bytes) {
    if (!enabled_) return;
    const auto now = Clock::now();
    if (now < next_) return;
    const std::chrono::duration<double> since = now - last_;
    Output error(2, "standard error");
    error.text() = "\r" + verb_ + " " + readable_count(records) + " records, " +
                   readable_bytes(static_cast<double>(bytes)) + "; " +
                   rate_line(records - last_records_, bytes - last_bytes_, since.count()) +
                   "\x1b[K";
    static_cast<void>(error.flush());
    shown_ = true;
    last_records_ = records;
    last_bytes_ = bytes;
    last_ = now;
    next_ = now + std::chrono::seconds(1);
}

void Progress::clear() {
    if (!shown_) return;
    shown_ = false;
    Output error(2, "standard error");
    error.text() = "\r\x1b[K";
    static_cast<void>(error.flush());
}

double Progress::seconds() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
}

}  // namespace kasio
