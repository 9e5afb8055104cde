// SPDX-License-Identifier: Apache-2.0
#include "core/address_race.hpp"

#include <algorithm>

namespace kafka::core {

std::vector<std::size_t> racing_order(std::span<const Family> families) {
    std::vector<std::size_t> order;
    order.reserve(families.size());
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < families.size(); ++i)
        (families[i] == families.front() ? order : others).push_back(i);
    // The first of the other family goes to the second place, and so on; the rest follow.
    for (std::size_t i = 0; i < others.size(); ++i) {
        const auto place = std::min(2 * i + 1, order.size());
        order.insert(order.begin() + static_cast<std::ptrdiff_t>(place), others[i]);
    }
    return order;
}

std::optional<std::size_t> AddressRace::next(Time now) {
    if (started_ == count_ || now < next_at_) return {};
    const auto left = count_ - started_;
    auto pause = pause_;
    if (deadline_ != never) {
        const auto room = std::chrono::floor<milliseconds>(deadline_ - now);
        pause = std::min(pause, room / static_cast<milliseconds::rep>(left));
    }
    next_at_ = after(now, std::max(pause, shortest_pause));
    return started_++;
}

void AddressRace::failed() noexcept {
    ++failed_;
    next_at_ = {};
}

}  // namespace kafka::core
