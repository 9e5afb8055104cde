// SPDX-License-Identifier: Apache-2.0
#include "testing/rules.hpp"

#include <algorithm>

#include <kafka/error.hpp>

namespace kafka::testing {
namespace {

using detail::ActionKind;
using detail::RuleData;

template <class List, class Value>
bool among(const List& list, const Value& value) {
    return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

bool matches(const RuleData& rule, const RequestView& view, const Subjects& subjects) {
    if (rule.for_connections || !among(rule.apis, view.info.api_key)) return false;
    if (rule.versions && !rule.versions->contains(view.version)) return false;
    if (rule.client_id && *rule.client_id != view.client_id) return false;
    if (rule.principal && *rule.principal != view.principal) return false;
    if (!among(rule.brokers, view.broker)) return false;
    if (!among(rule.connections, view.connection)) return false;
    if (!rule.topics.empty() || !rule.partitions.empty()) {
        const bool named =
            std::any_of(subjects.items.begin(), subjects.items.end(), [&](const Item& item) {
                return among(rule.topics, item.topic) &&
                       (!item.partition || among(rule.partitions, *item.partition));
            });
        if (!named) return false;
    }
    if (rule.group && (subjects.groups.empty() || !among(subjects.groups, *rule.group))) {
        return false;
    }
    if (rule.transactional_id && (subjects.transactional_ids.empty() ||
                                  !among(subjects.transactional_ids, *rule.transactional_id))) {
        return false;
    }
    return std::all_of(rule.predicates.begin(), rule.predicates.end(),
                       [&](const auto& predicate) { return predicate(view); });
}

Failure invalid(std::string why) {
    return Failure(errc::invalid_argument, "rule: " + std::move(why));
}

Failure check(const RuleData& rule, const detail::RuleAction& action) {
    if (action.kind == ActionKind::set) {
        // Every response that has a throttle time has it under the same name.
        if (!rule.response && action.path != "throttleTimeMs") {
            return invalid("set() needs a rule for one API");
        }
        if (rule.response) return check_path(*rule.response, action.path);
    }
    const bool typed = action.kind == ActionKind::edit || action.kind == ActionKind::reply;
    if (typed && rule.response != action.edited) {
        return invalid(std::string("an answer of ") + action.edited->name +
                       " needs a rule for that API");
    }
    const bool sized = action.kind == ActionKind::split || action.kind == ActionKind::drip ||
                       action.kind == ActionKind::coalesce;
    if (sized && action.first < 1) return invalid("pieces have at least one byte");
    if (action.kind == ActionKind::split && action.second < action.first) {
        return invalid("an empty range of sizes");
    }
    if (action.kind == ActionKind::repeat_items && action.first < 0) {
        return invalid("a negative count");
    }
    return {};
}

}  // namespace

Selects items_of(const RuleData& rule) {
    return [&rule](const Item& item) {
        if (!among(rule.topics, item.topic)) return false;
        return rule.partitions.empty() ||
               (item.partition && among(rule.partitions, *item.partition));
    };
}

Result<RuleId> Rules::add(const Rule& rule) {
    const auto& data = rule.data();
    for (const auto& action : data.actions) {
        if (auto failure = check(data, action)) return failure;
    }
    auto& state = states_.emplace_back();
    state.id = next_++;
    state.data = std::make_shared<const RuleData>(data);
    state.random = SeededRandom(data.seed);
    return state.id;
}

bool Rules::remove(RuleId id) {
    return std::erase_if(states_, [&](const State& state) { return state.id == id; }) > 0;
}

std::uint64_t Rules::hits(RuleId id) const noexcept {
    for (const auto& state : states_) {
        if (state.id == id) return state.hits;
    }
    return 0;
}

bool Rules::triggers(State& state) {
    const auto& rule = *state.data;
    if (rule.until && !state.over) state.over = rule.until();
    if (state.over) return false;
    const auto before = state.matched++;
    if (before < rule.skip || before - rule.skip >= rule.most) return false;
    if (rule.probability < 1) {
        // 53 bits: all that a double holds.
        const auto drawn = static_cast<double>(state.random.next() >> 11) * 0x1p-53;
        if (drawn >= rule.probability) return false;
    }
    ++state.hits;
    return true;
}

std::vector<Rules::Match> Rules::for_request(const RequestView& view, const Subjects& subjects) {
    std::vector<Match> found;
    for (auto& state : states_) {
        if (matches(*state.data, view, subjects) && triggers(state)) found.push_back(state.data);
    }
    return found;
}

std::vector<Rules::Match> Rules::for_connection(std::int32_t broker, std::uint64_t connection) {
    std::vector<Match> found;
    for (auto& state : states_) {
        if (!state.data->for_connections || !among(state.data->brokers, broker)) continue;
        if (!among(state.data->connections, connection)) continue;
        if (triggers(state)) found.push_back(state.data);
    }
    return found;
}

}  // namespace kafka::testing
