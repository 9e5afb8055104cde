// SPDX-License-Identifier: Apache-2.0
// The rules of a cluster: which of them act on a request, and how often they did.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <kafka/result.hpp>
#include <kafka/testing/rule.hpp>

#include "testing/message_tree.hpp"
#include "testing/seeded_random.hpp"

namespace kafka::testing {

class Rules {
public:
    using Match = std::shared_ptr<const detail::RuleData>;

    /// Errors: invalid_argument for what can never work, such as a path that is none.
    [[nodiscard]] Result<RuleId> add(const Rule& rule);
    /// False if there is no such rule.
    bool remove(RuleId id);
    void clear() { states_.clear(); }
    [[nodiscard]] bool empty() const noexcept { return states_.empty(); }
    /// How often it acted; 0 if there is no such rule.
    [[nodiscard]] std::uint64_t hits(RuleId id) const noexcept;

    /// Those that act on this request, in order; counts them.
    [[nodiscard]] std::vector<Match> for_request(const RequestView& view, const Subjects& subjects);
    [[nodiscard]] std::vector<Match> for_connection(std::int32_t broker, std::uint64_t connection);

private:
    struct State {
        RuleId id = 0;
        Match data;
        std::uint64_t matched = 0;
        std::uint64_t hits = 0;
        SeededRandom random{0};
        bool over = false;
    };
    [[nodiscard]] static bool triggers(State& state);

    std::vector<State> states_;
    RuleId next_ = 1;
};

/// Which items a rule means: those of its topics and partitions, or all.
[[nodiscard]] Selects items_of(const detail::RuleData& rule);

}  // namespace kafka::testing
