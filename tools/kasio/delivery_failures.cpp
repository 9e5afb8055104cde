// SPDX-License-Identifier: Apache-2.0
#include "delivery_failures.hpp"

#include <algorithm>

#include <kafka/error.hpp>

namespace kasio {

namespace {

std::string which(const DeliveryFailures::Group& group, const DeliveryFailures::Place& place) {
    const auto at = group.first > 0 && place ? place(group.first) : std::string();
    if (group.count == 1) {
        const auto number = group.first > 0 ? "record " + std::to_string(group.first) : "a record";
        return number + " (" + at + (at.empty() ? "" : ", ") + std::to_string(group.bytes) +
               " bytes)";
    }
    const auto first = std::to_string(group.first), last = std::to_string(group.last);
    const auto count = std::to_string(group.count) + " records";
    if (group.first == 0) return count;
    // Which of those between the first and the last is not kept.
    const bool all = group.last - group.first + 1 == group.count;
    const auto text = all ? "records " + first + " to " + last
                          : count + " between numbers " + first + " and " + last;
    return at.empty() ? text : text + " (from " + at + " on)";
}

}  // namespace

void DeliveryFailures::add(std::int32_t partition, std::uint64_t number, std::uint64_t bytes,
                           const std::error_code& error, std::string_view detail) {
    ++count_;
    auto at = std::find_if(groups_.begin(), groups_.end(), [&](const Group& group) {
        return group.partition == partition && group.error == error && group.detail == detail;
    });
    if (at == groups_.end()) {
        if (groups_.size() == most_groups) {
            ++further_;
            return;
        }
        groups_.push_back({partition, error, std::string(detail), 0, 0, number, number});
        at = groups_.end() - 1;
    }
    ++at->count;
    at->bytes += bytes;
    at->first = std::min(at->first, number);
    at->last = std::max(at->last, number);
}

Problem problem_of(const DeliveryFailures::Group& group, const std::string& topic,
                   const std::string& broker, const DeliveryFailures::Place& place) {
    std::string context = "topic " + topic;
    if (group.partition >= 0) context += " partition " + std::to_string(group.partition);
    context += ": " + which(group, place) + " could not be delivered";
    if (group.error == kafka::errc::outcome_unknown) context += " for certain";
    // The writer was closed, which says nothing of why that took so long.
    if (group.error == kafka::errc::connection_closed)
        return {Exit::unreachable, context + ": it was given up when the command ended"};
    kafka::Failure failure(group.error, group.detail);
    if (!broker.empty())
        failure.detail = broker + (group.detail.empty() ? "" : ", " + group.detail);
    return problem_of(failure, context);
}

}  // namespace kasio
