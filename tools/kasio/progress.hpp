// SPDX-License-Identifier: Apache-2.0
// A line on standard error that says how far long work is, for people only.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace kasio {

/// "12.3 MB", in powers of ten.
[[nodiscard]] std::string readable_bytes(double bytes);
/// "1,234,567"
[[nodiscard]] std::string readable_count(std::uint64_t count);
/// A rate line: "1,234 records, 56,000 records/s, 1.2 MB/s".
[[nodiscard]] std::string rate_line(std::uint64_t records, std::uint64_t bytes, double seconds);

/// Shows the rate about once a second, over itself, when standard error is a terminal (and
/// standard output is not: they would write over each other). Otherwise it does nothing. Not
/// thread-safe.
class Progress {
public:
    /// `verb` is put in front, such as "produced".
    Progress(std::string_view verb, bool wanted);
    ~Progress() { clear(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// Whether update() would show anything: to be asked where counting costs something.
    [[nodiscard]] bool due() const { return enabled_ && Clock::now() >= next_; }
    /// Cheap: call it as often as you like.
    void update(std::uint64_t records, std::uint64_t bytes);
    /// Takes the line away, so that something else can be written.
    void clear();
    [[nodiscard]] double seconds() const;

private:
    using Clock = std::chrono::steady_clock;

    std::string verb_;
    bool enabled_;
    bool shown_ = false;
    Clock::time_point start_ = Clock::now();
    Clock::time_point next_ = start_ + std::chrono::seconds(1);
    std::uint64_t last_records_ = 0, last_bytes_ = 0;
    Clock::time_point last_ = start_;
};

}  // namespace kasio
