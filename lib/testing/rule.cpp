// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <kafka/testing/rule.hpp>

#include "testing/barrier_state.hpp"

namespace kafka::testing {

using detail::ActionKind;
using std::chrono::milliseconds;

Rule Rule::on(const protocol::MessageInfo& request, const protocol::MessageInfo& response) {
    Rule rule;
    rule.data_.apis.push_back(request.api_key);
    rule.data_.info = &request;
    rule.data_.response = &response;
    return rule;
}

Rule Rule::on_any() {
    return {};
}

Rule Rule::on_connect() {
    Rule rule;
    rule.data_.for_connections = true;
    return rule;
}

detail::RuleAction& Rule::act(ActionKind kind) {
    auto& action = data_.actions.emplace_back();
    action.kind = kind;
    return action;
}

Rule& Rule::api(std::int16_t key) {
    data_.apis.push_back(key);
    // Paths are of one API's response.
    data_.info = nullptr;
    data_.response = nullptr;
    return *this;
}
Rule& Rule::versions(std::int16_t min, std::int16_t max) {
    data_.versions = protocol::VersionRange{min, max};
    return *this;
}
Rule& Rule::client(std::string_view client_id) {
    data_.client_id = client_id;
    return *this;
}
Rule& Rule::principal(std::string_view name) {
    data_.principal = name;
    return *this;
}
Rule& Rule::broker(std::int32_t id) {
    data_.brokers.push_back(id);
    return *this;
}
Rule& Rule::topic(std::string_view name) {
    data_.topics.emplace_back(name);
    return *this;
}
Rule& Rule::partition(std::int32_t index) {
    data_.partitions.push_back(index);
    return *this;
}
Rule& Rule::group(std::string_view group_id) {
    data_.group = group_id;
    return *this;
}
Rule& Rule::transactional_id(std::string_view id) {
    data_.transactional_id = id;
    return *this;
}
Rule& Rule::connection(std::uint64_t id) {
    data_.connections.push_back(id);
    return *this;
}
Rule& Rule::where(std::function<bool(const RequestView&)> predicate) {
    data_.predicates.push_back(std::move(predicate));
    return *this;
}

Rule& Rule::times(std::uint64_t n) {
    data_.most = n;
    return *this;
}
Rule& Rule::after(std::uint64_t n) {
    data_.skip = n;
    return *this;
}
Rule& Rule::with_probability(double probability, std::uint64_t seed) {
    data_.probability = probability;
    data_.seed = seed;
    return *this;
}
Rule& Rule::until(std::function<bool()> over) {
    data_.until = std::move(over);
    return *this;
}

Rule& Rule::error(broker_errc error, std::optional<ErrorLevel> level) {
    auto& action = act(ActionKind::error);
    action.error = error;
    action.level = level;
    return *this;
}
Rule& Rule::error_after(broker_errc error, std::optional<ErrorLevel> level) {
    auto& action = act(ActionKind::error_after);
    action.error = error;
    action.level = level;
    return *this;
}
Rule& Rule::reply(const protocol::MessageInfo& response,
                  std::function<void(const RequestView&, void*)> make) {
    auto& action = act(ActionKind::reply);
    action.edited = &response;
    action.edit = std::move(make);
    return *this;
}
Rule& Rule::delay(milliseconds time) {
    act(ActionKind::delay).time = time;
    return *this;
}
Rule& Rule::delay_answer(milliseconds time) {
    auto& action = act(ActionKind::delay);
    action.stage = Stage::after;
    action.time = time;
    return *this;
}
Rule& Rule::hold(const Barrier& barrier) {
    act(ActionKind::hold).barrier = barrier.state();
    return *this;
}
Rule& Rule::hold_answer(const Barrier& barrier) {
    auto& action = act(ActionKind::hold);
    action.stage = Stage::after;
    action.barrier = barrier.state();
    return *this;
}
Rule& Rule::disconnect(Stage stage, Ending ending) {
    auto& action = act(ActionKind::disconnect);
    action.stage = stage;
    action.ending = ending;
    return *this;
}
Rule& Rule::hang(Stage stage) {
    act(ActionKind::hang).stage = stage;
    return *this;
}
Rule& Rule::swallow() {
    act(ActionKind::swallow).stage = Stage::after;
    return *this;
}
Rule& Rule::stop_reading(milliseconds time) {
    act(ActionKind::stop_reading).time = time;
    return *this;
}

Rule& Rule::drop_from_response() {
    act(ActionKind::drop_items);
    return *this;
}
Rule& Rule::repeat_in_response(int times) {
    act(ActionKind::repeat_items).first = times;
    return *this;
}
Rule& Rule::throttle(milliseconds time) {
    return set("throttleTimeMs", FieldValue(std::int64_t{time.count()}));
}
Rule& Rule::set(std::string_view path, FieldValue value) {
    auto& action = act(ActionKind::set);
    action.path = path;
    action.value = std::move(value);
    return *this;
}
Rule& Rule::edit(const protocol::MessageInfo& response,
                 std::function<void(const RequestView&, void*)> edit_response) {
    auto& action = act(ActionKind::edit);
    action.edited = &response;
    action.edit = std::move(edit_response);
    return *this;
}

Rule& Rule::garble(std::int64_t offset, std::uint8_t bits) {
    auto& action = act(ActionKind::garble);
    action.first = offset;
    action.second = bits;
    return *this;
}
Rule& Rule::add_to_length(std::int32_t bytes) {
    act(ActionKind::length).first = bytes;
    return *this;
}
Rule& Rule::add_to_correlation_id(std::int32_t number) {
    act(ActionKind::correlation).first = number;
    return *this;
}
Rule& Rule::raw(std::span<const std::uint8_t> bytes) {
    act(ActionKind::raw).bytes.assign(bytes.begin(), bytes.end());
    return *this;
}
Rule& Rule::raw(std::string_view bytes) {
    return raw(as_bytes(bytes));
}
Rule& Rule::prefix(std::span<const std::uint8_t> bytes) {
    act(ActionKind::prefix).bytes.assign(bytes.begin(), bytes.end());
    return *this;
}
Rule& Rule::twice() {
    act(ActionKind::twice);
    return *this;
}
Rule& Rule::cut(std::int64_t count, Ending ending) {
    auto& action = act(ActionKind::cut);
    action.first = count;
    action.ending = ending;
    return *this;
}
Rule& Rule::half_close(std::int64_t count) {
    act(ActionKind::half_close).first = count;
    return *this;
}
Rule& Rule::stall(std::int64_t count, std::optional<milliseconds> time) {
    auto& action = act(ActionKind::stall);
    action.first = count;
    action.time = time.value_or(milliseconds::max());
    return *this;
}
Rule& Rule::split(std::size_t bytes) {
    return split(bytes, bytes, 0);
}
Rule& Rule::split(std::size_t least, std::size_t most, std::uint64_t seed) {
    auto& action = act(ActionKind::split);
    action.first = static_cast<std::int64_t>(least);
    action.second = static_cast<std::int64_t>(most);
    action.value = static_cast<std::int64_t>(seed);
    return *this;
}
Rule& Rule::drip(std::size_t bytes, milliseconds interval) {
    auto& action = act(ActionKind::drip);
    action.first = static_cast<std::int64_t>(bytes);
    action.time = interval;
    return *this;
}
Rule& Rule::coalesce(std::size_t count, milliseconds at_most) {
    auto& action = act(ActionKind::coalesce);
    action.first = static_cast<std::int64_t>(count);
    action.time = at_most;
    return *this;
}

Rule& Rule::cut_requests(std::size_t count, Ending ending) {
    auto& action = act(ActionKind::cut);
    action.stage = Stage::before;
    action.first = static_cast<std::int64_t>(count);
    action.ending = ending;
    return *this;
}
Rule& Rule::close_after(milliseconds time, Ending ending) {
    auto& action = act(ActionKind::delay);
    action.stage = Stage::after;
    action.time = time;
    action.ending = ending;
    return *this;
}

}  // namespace kafka::testing
