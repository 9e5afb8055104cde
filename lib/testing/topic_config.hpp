// SPDX-License-Identifier: Apache-2.0
// Topic configuration: the names and values that Kafka 4.4 knows, and those that matter here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <kafka/compression.hpp>

namespace kafka::testing {

/// A name that topics may be configured with.
struct TopicConfigKey {
    enum class Type : std::uint8_t { boolean, integer, decimal, choice, choices, replicas };

    std::string_view name;
    Type type = Type::integer;
    std::string_view preset;
    /// integer, decimal: the bounds, both allowed.
    double lowest = 0;
    double highest = 0;
    /// choice, choices: what is allowed, separated by commas; integer: what is not.
    std::string_view allowed = {};
};

/// All of them, by name.
[[nodiscard]] std::span<const TopicConfigKey> topic_config_keys() noexcept;

/// What one topic is configured with.
class TopicConfig {
public:
    explicit TopicConfig(std::int32_t message_max_bytes) : max_message_bytes(message_max_bytes) {}

    /// Sets one; returns what is wrong with it, or nothing.
    [[nodiscard]] std::string set(std::string_view name, std::string_view value);
    /// What is wrong with the values together, or nothing.
    [[nodiscard]] std::string conflict() const;
    /// As it was set; nothing for a name that was not.
    [[nodiscard]] const std::map<std::string, std::string, std::less<>>& values() const noexcept {
        return values_;
    }

    std::int32_t max_message_bytes;
    std::int32_t max_decompressed_bytes = 2'147'483'639;
    std::int64_t segment_bytes = std::int64_t{1} << 30;
    std::int64_t timestamp_before_max_ms = INT64_MAX;
    std::int64_t timestamp_after_max_ms = 3'600'000;
    std::int32_t min_in_sync = 1;
    bool log_append_time = false;
    bool compacted = false;
    std::int64_t min_compaction_lag_ms = 0;
    std::int64_t max_compaction_lag_ms = INT64_MAX;
    /// Nothing: as the producer sent it.
    std::optional<Compression> compression;

private:
    std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace kafka::testing
