// SPDX-License-Identifier: Apache-2.0
// ReadPosition: where a connection reads next. Shared with the Batch that moves it.
#pragma once

#include <cstdint>
#include <mutex>

#include <kafka/partition_options.hpp>

namespace kafka::client {

/// Thread-safe. Each read and each seek begins a turn of its own; what belongs to an earlier turn
/// does not move the position any more.
class ReadPosition {
public:
    struct Turn {
        std::uint64_t number;
        Position from;
    };

    [[nodiscard]] Position get() const {
        const std::lock_guard lock(mutex_);
        return position_;
    }
    [[nodiscard]] Turn begin_turn() {
        const std::lock_guard lock(mutex_);
        return {++turn_, position_};
    }
    /// False, with nothing changed, if the turn is over.
    bool move(std::uint64_t turn, std::int64_t offset) {
        const std::lock_guard lock(mutex_);
        if (turn != turn_) return false;
        position_ = {offset, Whence::absolute};
        return true;
    }
    /// A seek: ends the turn of others.
    void set(Position position) {
        const std::lock_guard lock(mutex_);
        ++turn_;
        position_ = position;
    }
    [[nodiscard]] bool current(std::uint64_t turn) const {
        const std::lock_guard lock(mutex_);
        return turn == turn_;
    }

private:
    mutable std::mutex mutex_;
    std::uint64_t turn_ = 0;
    Position position_;
};

}  // namespace kafka::client
