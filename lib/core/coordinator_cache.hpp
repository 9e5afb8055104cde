// SPDX-License-Identifier: Apache-2.0
// Which broker coordinates which group, transactional id or share partition; what must be looked
// up, and when.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kafka/protocol/find_coordinator.hpp>

#include "base/backoff.hpp"
#include "core/metadata.hpp"
#include "core/routing.hpp"
#include "core/time.hpp"

namespace kafka::core {

/// Not thread-safe.
class CoordinatorCache {
public:
    /// FindCoordinator's key types.
    enum class Type : std::int8_t { group = 0, transaction = 1, share = 2 };
    struct Entry {
        std::int32_t broker = -1;  ///< -1: not known
        std::int16_t error = 0;    ///< the last answer, if no other try will mend it
        Time answered{};
        Time used{};
        bool wanted = false;   ///< to be looked up
        bool looking = false;  ///< under way
        Time not_before{};
        unsigned failures = 0;
    };

    explicit CoordinatorCache(Backoff retry) : retry_(retry) {}

    [[nodiscard]] static Type type_of(Destination to) noexcept;

    /// What is known of it; what is not is wanted from now on.
    const Entry& find(Type type, std::string_view key, Time now);
    /// It is not there, or not any more.
    void forget(Type type, std::string_view key, Time now, double random);
    /// All coordinators on that broker.
    void forget_broker(std::int32_t broker);
    void clear();

    /// Keys of one type to look up now; empty if there are none. They count as under way.
    [[nodiscard]] std::vector<std::string> take_wanted(Type type, Time now);
    /// The next time that take_wanted() may have something.
    [[nodiscard]] Time due() const noexcept { return due_; }
    /// The answer for `asked`. Brokers that metadata lacks are told to it.
    void update(Type type, const std::vector<std::string>& asked,
                const protocol::FindCoordinatorResponse& answer, Metadata& metadata, Time now,
                double random);
    void failed(Type type, const std::vector<std::string>& asked, Time now, double random);

private:
    using Key = std::pair<Type, std::string>;
    struct Less {
        using is_transparent = void;
        using View = std::pair<Type, std::string_view>;
        bool operator()(const View& a, const View& b) const { return a < b; }
        bool operator()(const Key& a, const View& b) const { return View(a) < b; }
        bool operator()(const View& a, const Key& b) const { return a < View(b); }
        bool operator()(const Key& a, const Key& b) const { return a < b; }
    };

    void want(Entry& entry);
    void pause(Entry& entry, Time now, double random);

    const Backoff retry_;
    std::map<Key, Entry, Less> entries_;
    Time due_ = never;
};

}  // namespace kafka::core
