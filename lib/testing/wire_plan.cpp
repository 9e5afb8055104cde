// SPDX-License-Identifier: Apache-2.0
#include "testing/wire_plan.hpp"

#include <algorithm>

#include "testing/seeded_random.hpp"

namespace kafka::testing {
namespace {

using detail::ActionKind;
using detail::RuleAction;
using Bytes = std::vector<std::uint8_t>;

void add_to_number(Bytes& bytes, std::size_t at, std::int64_t more) {
    if (bytes.size() < at + 4) return;
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i)
        number = number << 8 | bytes[at + i];
    number += static_cast<std::uint32_t>(more);
    for (std::size_t i = 4; i-- > 0; number >>= 8)
        bytes[at + i] = static_cast<std::uint8_t>(number);
}

void change(Bytes& bytes, const RuleAction& action) {
    const auto size = static_cast<std::int64_t>(bytes.size());
    switch (action.kind) {
        case ActionKind::garble: {
            const auto at = action.first < 0 ? size + action.first : action.first;
            if (at >= 0 && at < size) {
                bytes[static_cast<std::size_t>(at)] ^= static_cast<std::uint8_t>(action.second);
            }
            break;
        }
        case ActionKind::length:
            return add_to_number(bytes, 0, action.first);
        case ActionKind::correlation:
            return add_to_number(bytes, 4, action.first);
        case ActionKind::raw:
            bytes = action.bytes;
            break;
        case ActionKind::prefix:
            bytes.insert(bytes.begin(), action.bytes.begin(), action.bytes.end());
            break;
        case ActionKind::twice: {
            const auto once = bytes;
            bytes.insert(bytes.end(), once.begin(), once.end());
            break;
        }
        default:
            break;
    }
}

std::size_t count_of(std::int64_t count, std::size_t size) {
    const auto all = static_cast<std::int64_t>(size);
    return static_cast<std::size_t>(
        std::clamp<std::int64_t>(count < 0 ? all + count : count, 0, all));
}

// Cuts every step that sends at `at`, counted over all of them; what is behind is returned.
std::vector<WireStep> cut_at(std::vector<WireStep>& steps, std::size_t at) {
    std::vector<WireStep> head, tail;
    for (auto& step : steps) {
        const auto size = step.bytes.size();
        if (step.kind != WireStep::Kind::send || at >= size) {
            at -= std::min(at, size);
            head.push_back(std::move(step));
            continue;
        }
        auto rest = step;
        rest.bytes = step.bytes.part(at);
        step.bytes = step.bytes.part(0, at);
        if (at > 0) head.push_back(std::move(step));
        tail.push_back(std::move(rest));
        at = 0;
    }
    steps = std::move(head);
    return tail;
}

std::size_t bytes_in(const std::vector<WireStep>& steps) {
    std::size_t sum = 0;
    for (const auto& step : steps)
        sum += step.bytes.size();
    return sum;
}

template <class Size>
void cut_into(std::vector<WireStep>& steps, Size&& next_size, std::chrono::milliseconds pause) {
    std::vector<WireStep> pieces;
    for (auto& step : steps) {
        if (step.kind != WireStep::Kind::send || step.bytes.empty()) {
            pieces.push_back(std::move(step));
            continue;
        }
        for (std::size_t at = 0; at < step.bytes.size();) {
            auto piece = step;
            piece.bytes = step.bytes.part(at, next_size());
            piece.alone = true;
            if (at > 0) piece.delay = pause;
            at += piece.bytes.size();
            pieces.push_back(std::move(piece));
        }
    }
    steps = std::move(pieces);
}

void pace(std::vector<WireStep>& steps, const RuleAction& action, std::uint64_t salt) {
    const auto end_after = [&](WireStep::Kind kind) {
        static_cast<void>(cut_at(steps, count_of(action.first, bytes_in(steps))));
        auto& end = steps.emplace_back();
        end.kind = kind;
    };
    switch (action.kind) {
        case ActionKind::cut:
            return end_after(action.ending == Ending::reset ? WireStep::Kind::reset
                                                            : WireStep::Kind::close);
        case ActionKind::half_close:
            return end_after(WireStep::Kind::half_close);
        case ActionKind::stall: {
            auto rest = cut_at(steps, count_of(action.first, bytes_in(steps)));
            auto& pause = steps.emplace_back();
            pause.kind = WireStep::Kind::nothing;
            pause.delay = action.time;
            for (auto& step : rest)
                steps.push_back(std::move(step));
            return;
        }
        case ActionKind::split: {
            const auto seed = static_cast<std::uint64_t>(std::get<std::int64_t>(action.value));
            SeededRandom random(seed + salt);
            const auto range = static_cast<std::uint64_t>(action.second - action.first) + 1;
            return cut_into(steps,
                            [&] {
                                return static_cast<std::size_t>(action.first) +
                                       static_cast<std::size_t>(random.next() % range);
                            },
                            {});
        }
        case ActionKind::drip:
            return cut_into(
                steps, [&] { return static_cast<std::size_t>(action.first); }, action.time);
        case ActionKind::coalesce:
            for (auto& step : steps) {
                step.gather = static_cast<std::size_t>(action.first);
                step.at_most = action.time;
            }
            return;
        default:
            return;
    }
}

}  // namespace

bool is_about_bytes(ActionKind kind) noexcept {
    return kind >= ActionKind::split;
}

std::vector<WireStep> plan_wire(const Slice& answer, std::uint64_t salt,
                                std::span<const RuleAction* const> actions) {
    Bytes bytes(answer.bytes().begin(), answer.bytes().end());
    for (const auto* action : actions)
        change(bytes, *action);
    std::vector<WireStep> steps(1);
    steps.front().bytes = Slice::copy_of(bytes);
    for (const auto* action : actions)
        pace(steps, *action, salt);
    return steps;
}

}  // namespace kafka::testing
