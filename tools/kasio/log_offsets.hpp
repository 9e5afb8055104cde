// SPDX-License-Identifier: Apache-2.0
// From the grammar of -o to the offsets of each partition.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <asio/awaitable.hpp>

#include <kafka/result.hpp>

#include "cluster.hpp"
#include "offsets.hpp"

namespace kasio {

enum class Isolation : std::int8_t { read_uncommitted = 0, read_committed = 1 };

/// What to read of one partition.
struct Assignment {
    std::int32_t partition = 0;
    std::int64_t from = 0;
    std::optional<std::int64_t> until;  ///< not included; absent: without an end
    bool clamped = false;               ///< `from` was outside of the log
};

using OffsetsByPartition = std::map<std::int32_t, std::int64_t>;

/// ListOffsets for partitions of the watched topic, on their leaders, tried again while leaders
/// move. `time` is in milliseconds since 1970 (-1 in the answer: there is no such record), or -1
/// for the end (with read_committed: of what is committed), or -2 for the start.
asio::awaitable<kafka::Failure> list_offsets(Cluster& cluster, std::vector<std::int32_t> partitions,
                                             std::int64_t time, Isolation isolation,
                                             OffsetsByPartition& offsets);

/// Applies a range to each of the partitions. `to_the_end`: stop at what is the end now, if the
/// range does not stop before it.
asio::awaitable<kafka::Failure> resolve_offsets(Cluster& cluster,
                                                std::vector<std::int32_t> partitions,
                                                OffsetRange range, bool to_the_end,
                                                Isolation isolation,
                                                std::vector<Assignment>& assignments);

}  // namespace kasio
