// SPDX-License-Identifier: Apache-2.0
// A request on its way through the broker, when somebody watches: rules, or the history.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <kafka/protocol/registry.hpp>
#include <kafka/slice.hpp>
#include <kafka/testing/rule.hpp>

#include "testing/message_tree.hpp"
#include "testing/now.hpp"
#include "testing/rules.hpp"

namespace kafka::testing {

struct ServedApi;

struct Exchange {
    enum class Phase : std::uint8_t { before, handling, after };

    /// An action, and the rule that says whom it is for.
    struct Part {
        const detail::RuleData* rule;
        const detail::RuleAction* action;
    };
    /// Items that are not handled, and what is said of them instead.
    struct Refused {
        std::vector<Item> items;
        broker_errc error{};
    };

    std::uint64_t number = 0;
    const ServedApi* api = nullptr;
    int version = 0;
    std::int32_t correlation_id = 0;
    std::string client_id;
    protocol::AnyMessage request{nullptr, nullptr};
    Subjects subjects;
    std::vector<Rules::Match> rules;  // own what the parts point to
    std::vector<Part> parts;

    Phase phase = Phase::before;
    std::size_t next = 0;                   // of the parts, in this phase
    Time until{};                           // waits for this time...
    std::shared_ptr<BarrierState> barrier;  // ...or at this barrier
    std::size_t ticket = 0;

    std::vector<Refused> refused;
    bool closes = false;  // acks=0: an error can only be told so
    bool ends_connection = false;
    Slice answer;  // with its length; null without one
};

}  // namespace kafka::testing
