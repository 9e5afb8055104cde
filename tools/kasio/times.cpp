// SPDX-License-Identifier: Apache-2.0
#include "times.hpp"

#include <charconv>
#include <chrono>
#include <limits>

namespace kasio {

namespace {

bool digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

// Reads a text from its start, piece by piece.
class Cursor {
public:
    explicit Cursor(std::string_view text) : text_(text) {}

    [[nodiscard]] std::size_t at() const noexcept { return at_; }
    [[nodiscard]] std::size_t digits_ahead() const noexcept {
        std::size_t count = 0;
        while (at_ + count < text_.size() && digit(text_[at_ + count]))
            ++count;
        return count;
    }
    bool take(char c) noexcept {
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    bool take_word(std::string_view word) noexcept {
        if (!text_.substr(at_).starts_with(word)) return false;
        at_ += word.size();
        return true;
    }
    // A number of exactly `width` digits (at most 18).
    std::optional<std::int64_t> number(std::size_t width) noexcept {
        if (width == 0 || width > 18 || digits_ahead() < width) return {};
        std::int64_t value = 0;
        for (std::size_t i = 0; i < width; ++i)
            value = value * 10 + (text_[at_++] - '0');
        return value;
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

std::optional<std::int64_t> read_duration(Cursor& in) {
    struct Unit {
        std::string_view name;
        std::int64_t milliseconds;
    };
    static constexpr Unit units[] = {
        {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
    std::int64_t sum = 0;
    do {
        const auto count = in.number(in.digits_ahead());
        if (!count) return {};
        const Unit* found = nullptr;
        for (const auto& unit : units) {
            if (in.take_word(unit.name)) {
                found = &unit;
                break;
            }
        }
        std::int64_t part = 0;
        if (!found || __builtin_mul_overflow(*count, found->milliseconds, &part) ||
            __builtin_add_overflow(sum, part, &sum)) {
            return {};
        }
    } while (in.digits_ahead());
    return sum;
}

// "+01:00" or "Z", in minutes east.
std::optional<std::int64_t> read_zone(Cursor& in) {
    if (in.take('Z') || in.take('z')) return 0;
    const bool east = in.take('+');
    if (!east && !in.take('-')) return {};
    const auto hours = in.number(2);
    if (!hours || !in.take(':')) return {};
    const auto minutes = in.number(2);
    if (!minutes || *hours > 23 || *minutes > 59) return {};
    const auto sum = *hours * 60 + *minutes;
    return east ? sum : -sum;
}

// "10:00:00.5Z", in milliseconds from midnight UTC.
std::optional<std::int64_t> read_time_of_day(Cursor& in) {
    const auto hour = in.number(2);
    if (!hour || !in.take(':')) return {};
    const auto minute = in.number(2);
    if (!minute || !in.take(':')) return {};
    const auto second = in.number(2);
    if (!second || *hour > 23 || *minute > 59 || *second > 60) return {};
    std::int64_t fraction = 0;
    if (in.take('.')) {
        if (!in.digits_ahead()) return {};
        for (std::int64_t weight = 100; in.digits_ahead(); weight /= 10) {
            fraction += *in.number(1) * weight;
        }
    }
    const auto zone = read_zone(in);
    if (!zone) return {};
    return ((*hour * 60 + *minute - *zone) * 60 + *second) * 1000 + fraction;
}

std::optional<std::int64_t> read_date(Cursor& in) {
    const auto year = in.number(4);
    if (!year || !in.take('-')) return {};
    const auto month = in.number(2);
    if (!month || !in.take('-')) return {};
    const auto day = in.number(2);
    if (!day) return {};
    namespace chrono = std::chrono;
    const chrono::year_month_day date(chrono::year(static_cast<int>(*year)),
                                      chrono::month(static_cast<unsigned>(*month)),
                                      chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok()) return {};
    std::int64_t time =
        chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86'400'000};
    if (in.take('T') || in.take('t')) {
        const auto of_day = read_time_of_day(in);
        if (!of_day) return {};
        time += *of_day;
    }
    return time;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text, std::int64_t now, std::size_t& used) {
    Cursor in(text);
    std::optional<std::int64_t> time;
    if (in.take('-')) {
        time = read_duration(in);
        if (time) *time = now - *time;
    } else if (const auto width = in.digits_ahead(); width == 13) {
        time = in.number(13);
    } else if (width == 9 || width == 10) {
        time = in.number(width);
        if (time) *time *= 1000;
    } else {
        time = read_date(in);
    }
    used = in.at();
    return time;
}

std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
    std::int64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (text.empty() || read.ec != std::errc{} || read.ptr != end) return {};
    return value;
}

}  // namespace kasio
