// SPDX-License-Identifier: Apache-2.0
// How far a consumer group has come, and in whose name that is said. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace kafka {

/// Where a group goes on in a partition.
struct GroupOffset {
    std::string topic;
    std::int32_t partition = 0;
    /// Of the next record to be read: one more than that of the last one that was processed.
    std::int64_t offset = 0;
    /// Of the last record that was processed, so that a log that was cut is noticed (KIP-320).
    /// -1: not known. Default -1.
    std::int32_t leader_epoch = -1;
    /// Any text, kept with the offset. Default "".
    std::string metadata = {};

    friend bool operator==(const GroupOffset&, const GroupOffset&) = default;
};

/// A group and the member of it that commits offsets. With the member's identity a commit of
/// somebody who is a member no more is refused (KIP-447); without, nobody asks.
struct GroupMetadata {
    std::string group_id;
    /// The group's generation, or the member's epoch (KIP-848). Default -1: no member.
    std::int32_t generation = -1;
    /// Default "": no member.
    std::string member_id = {};
    /// Of a static member (KIP-345). Default: none.
    std::optional<std::string> group_instance_id = std::nullopt;

    friend bool operator==(const GroupMetadata&, const GroupMetadata&) = default;
};

}  // namespace kafka
