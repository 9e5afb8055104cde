// SPDX-License-Identifier: Apache-2.0
// Failure and Result: errors as values, for the code that has no I/O and throws nothing.
#pragma once

#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace kafka {

/// An error with its place and cause in words. Default-constructed it means "no error".
/// Not thread-safe; a plain value.
struct [[nodiscard]] Failure {
    std::error_code code;
    /// What was wrong and where, as one sentence without a trailing period. Never holds secrets
    /// or record data.
    std::string detail;

    Failure() = default;
    Failure(std::error_code ec, std::string what = {}) : code(ec), detail(std::move(what)) {}

    /// True when there is an error.
    explicit operator bool() const noexcept { return static_cast<bool>(code); }
    /// "MESSAGE: DETAIL", or the message alone.
    [[nodiscard]] std::string message() const {
        return detail.empty() ? code.message() : code.message() + ": " + detail;
    }
};

/// A value, or the failure that stands in its place.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : value_(std::move(value)) {}
    Result(Failure failure) : failure_(std::move(failure)) {}

    [[nodiscard]] bool has_value() const noexcept { return value_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }

    /// Only when has_value().
    T& operator*() & noexcept { return *value_; }
    const T& operator*() const& noexcept { return *value_; }
    T&& operator*() && noexcept { return std::move(*value_); }
    T* operator->() noexcept { return &*value_; }
    const T* operator->() const noexcept { return &*value_; }

    /// Only when !has_value().
    [[nodiscard]] const Failure& failure() const noexcept { return failure_; }
    Failure take_failure() { return std::move(failure_); }

private:
    std::optional<T> value_;
    Failure failure_;
};

}  // namespace kafka
