// SPDX-License-Identifier: Apache-2.0
// Which of a name's addresses to try, and when (RFC 8305, "happy eyeballs").
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/time.hpp"

namespace kafka::core {

enum class Family : std::uint8_t { v4, v6 };

/// The order in which to try addresses (RFC 8305, section 4): the system's preference (RFC 6724),
/// with the families taking turns, so that a broken one costs a single pause. The result holds
/// positions in `families`.
[[nodiscard]] std::vector<std::size_t> racing_order(std::span<const Family> families);

/// Tries start one after the other, a pause apart and without waiting for each other's end. One
/// that fails lets the next start at once. The first that connects wins: that is the caller's to
/// see. Fed with time; not thread-safe.
class AddressRace {
public:
    /// RFC 8305, section 5: less would be a storm.
    static constexpr milliseconds shortest_pause{10};

    AddressRace() = default;
    /// Pauses are shortened where `count` of them would not fit before `deadline`: every address
    /// gets its try.
    AddressRace(std::size_t count, milliseconds pause, Time deadline)
        : count_(count), pause_(pause), deadline_(deadline) {}

    /// The try to start now, counted from 0; nothing if its time has not come, or all have started.
    [[nodiscard]] std::optional<std::size_t> next(Time now);
    /// One of those that were started has failed.
    void failed() noexcept;

    /// When next() has something; never if that depends on a failure.
    [[nodiscard]] Time next_start() const noexcept { return started_ < count_ ? next_at_ : never; }
    [[nodiscard]] std::size_t started() const noexcept { return started_; }
    [[nodiscard]] std::size_t running() const noexcept { return started_ - failed_; }
    /// All have started and failed.
    [[nodiscard]] bool lost() const noexcept { return failed_ == count_; }

private:
    std::size_t count_ = 0, started_ = 0, failed_ = 0;
    milliseconds pause_{};
    Time deadline_ = never;
    Time next_at_{};  // the clock's zero: at once
};

}  // namespace kafka::core
