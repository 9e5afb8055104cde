// SPDX-License-Identifier: Apache-2.0
// JsonLine: one JSON object, written field by field; what this program says to the Python tests.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace kafka::peer {

using Clock = std::chrono::steady_clock;  // Python's time.monotonic()

/// Milliseconds on the clock that this program and the tests share.
[[nodiscard]] std::int64_t milliseconds_of(Clock::time_point at);

class JsonLine {
public:
    JsonLine& add(std::string_view name, std::string_view text);
    JsonLine& add(std::string_view name, const char* text) {
        return add(name, std::string_view(text));
    }
    JsonLine& add(std::string_view name, const std::string& text) {
        return add(name, std::string_view(text));
    }
    JsonLine& add(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
    template <std::integral Number>
    JsonLine& add(std::string_view name, Number value) {
        return raw(name, std::to_string(value));
    }
    JsonLine& add(std::string_view name, Clock::duration value) {
        return add(name, std::chrono::duration_cast<std::chrono::milliseconds>(value).count());
    }
    JsonLine& add(std::string_view name, const JsonLine& inner) { return raw(name, inner.text()); }
    /// What is JSON already.
    JsonLine& raw(std::string_view name, std::string_view json);

    [[nodiscard]] std::string text() const { return text_.empty() ? "{}" : text_ + "}"; }
    /// To standard output, with an end of line.
    void print() const;

private:
    std::string text_;
};

}  // namespace kafka::peer
