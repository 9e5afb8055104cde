// SPDX-License-Identifier: Apache-2.0
// Records that were not delivered: which, and why, in sentences for people.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "exit_status.hpp"

namespace kasio {

/// Gathers records by partition and reason, in bounded memory. Not thread-safe.
class DeliveryFailures {
public:
    static constexpr std::size_t most_groups = 20;

    struct Group {
        std::int32_t partition;  ///< -1: none was chosen
        std::error_code error;
        std::string detail;
        std::uint64_t count = 0;
        std::uint64_t bytes = 0;
        std::uint64_t first = 0;  ///< the lowest number, from 1; 0: they have none
        std::uint64_t last = 0;
    };
    /// Where a record stood in the input: "line 2 of a.txt"; empty: nothing to add to its number.
    using Place = std::function<std::string(std::uint64_t number)>;

    /// `number` is the record's in the input, from 1; 0: it has none.
    void add(std::int32_t partition, std::uint64_t number, std::uint64_t bytes,
             const std::error_code& error, std::string_view detail);

    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    /// In the order in which they came up; at most most_groups.
    [[nodiscard]] const std::vector<Group>& groups() const noexcept { return groups_; }
    /// How many are in none of the groups.
    [[nodiscard]] std::uint64_t further() const noexcept { return further_; }

private:
    std::vector<Group> groups_;
    std::uint64_t count_ = 0;
    std::uint64_t further_ = 0;
};

/// "topic t partition 0: record 2 (4 bytes) could not be delivered: ...", with the status that
/// fits. `broker` stands in front of what a broker said; empty: nothing does.
[[nodiscard]] Problem problem_of(const DeliveryFailures::Group& group, const std::string& topic,
                                 const std::string& broker = {},
                                 const DeliveryFailures::Place& place = {});

}  // namespace kasio
