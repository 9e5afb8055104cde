// SPDX-License-Identifier: Apache-2.0
#include "testing/topic_config.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>

namespace kafka::testing {
namespace {

using Key = TopicConfigKey;
constexpr auto boolean = Key::Type::boolean;
constexpr auto integer = Key::Type::integer;
constexpr double int_max = std::numeric_limits<std::int32_t>::max();
// As doubles only roughly; such values do not occur between the two.
constexpr double long_max = 9.2233720368547758e18;

constexpr Key keys[] = {
    {"cleanup.policy", Key::Type::choices, "delete", 0, 0, "compact,delete"},
    {"compression.gzip.level", integer, "-1", -1, 9, "0"},
    {"compression.lz4.level", integer, "9", 1, 17},
    {"compression.type", Key::Type::choice, "producer", 0, 0,
     "uncompressed,zstd,lz4,snappy,gzip,producer"},
    {"compression.zstd.level", integer, "3", -131072, 22},
    {"delete.retention.ms", integer, "86400000", 0, long_max},
    {"errors.deadletterqueue.group.enable", boolean, "false"},
    {"file.delete.delay.ms", integer, "60000", 0, long_max},
    {"flush.messages", integer, "9223372036854775807", 1, long_max},
    {"flush.ms", integer, "9223372036854775807", 0, long_max},
    {"follower.replication.throttled.replicas", Key::Type::replicas, ""},
    {"index.interval.bytes", integer, "4096", 0, int_max},
    {"internal.segment.bytes", integer, "", -int_max, int_max},
    {"leader.replication.throttled.replicas", Key::Type::replicas, ""},
    {"local.retention.bytes", integer, "-2", -2, long_max},
    {"local.retention.ms", integer, "-2", -2, long_max},
    {"max.compaction.lag.ms", integer, "9223372036854775807", 1, long_max},
    {"max.decompressed.message.bytes", integer, "2147483639", 1, 2147483639},
    {"max.message.bytes", integer, "1048588", 0, int_max},
    {"message.timestamp.after.max.ms", integer, "3600000", 0, long_max},
    {"message.timestamp.before.max.ms", integer, "9223372036854775807", 0, long_max},
    {"message.timestamp.type", Key::Type::choice, "CreateTime", 0, 0, "CreateTime,LogAppendTime"},
    {"min.cleanable.dirty.ratio", Key::Type::decimal, "0.5", 0, 1},
    {"min.compaction.lag.ms", integer, "0", 0, long_max},
    {"min.insync.replicas", integer, "1", 1, int_max},
    {"preallocate", boolean, "false"},
    {"remote.copy.lag.bytes", integer, "-1", -1, long_max},
    {"remote.copy.lag.ms", integer, "0", -1, long_max},
    {"remote.log.copy.disable", boolean, "false"},
    {"remote.log.delete.on.disable", boolean, "false"},
    {"remote.storage.enable", boolean, "false"},
    {"retention.bytes", integer, "-1", -long_max, long_max},
    {"retention.ms", integer, "604800000", -1, long_max},
    {"segment.bytes", integer, "1073741824", 1048576, int_max},
    {"segment.index.bytes", integer, "10485760", 4, int_max},
    {"segment.jitter.ms", integer, "0", 0, long_max},
    {"segment.ms", integer, "604800000", 1, long_max},
    {"unclean.leader.election.enable", boolean, "false"},
};

const Key* find(std::string_view name) {
    const auto at = std::lower_bound(std::begin(keys), std::end(keys), name,
                                     [](const Key& key, auto n) { return key.name < n; });
    return at != std::end(keys) && at->name == name ? at : nullptr;
}

bool listed(std::string_view word, std::string_view list) {
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        if (list.substr(0, comma) == word) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

template <class Accept>
bool all_of(std::string_view words, Accept accept) {
    while (!words.empty()) {
        const auto comma = std::min(words.find(','), words.size());
        if (!accept(trimmed(words.substr(0, comma)))) return false;
        words.remove_prefix(std::min(comma + 1, words.size()));
    }
    return true;
}

bool digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "PARTITION:BROKER"
bool replica(std::string_view text) {
    const auto colon = text.find(':');
    return colon != text.npos && digits(text.substr(0, colon)) && digits(text.substr(colon + 1));
}

bool same_word(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return (x >= 'A' && x <= 'Z' ? x - 'A' + 'a' : x) == y;
    });
}

bool valid(const Key& key, std::string_view value) {
    switch (key.type) {
        case Key::Type::boolean:
            return same_word(value, "true") || same_word(value, "false");
        case Key::Type::choice:
            return listed(value, key.allowed);
        case Key::Type::choices:
            return all_of(value, [&](auto word) { return listed(word, key.allowed); });
        case Key::Type::replicas:
            return value == "*" || all_of(value, replica);
        case Key::Type::decimal: {
            const std::string text(value);
            char* end = nullptr;
            const auto number = std::strtod(text.c_str(), &end);
            return !text.empty() && *end == 0 && number >= key.lowest && number <= key.highest;
        }
        case Key::Type::integer:
            break;
    }
    if (value.starts_with('+')) value.remove_prefix(1);
    if (value == key.allowed) return false;
    std::int64_t number = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
    return read.ec == std::errc{} && read.ptr == value.data() + value.size() &&
           static_cast<double>(number) >= key.lowest && static_cast<double>(number) <= key.highest;
}

}  // namespace

std::span<const TopicConfigKey> topic_config_keys() noexcept {
    return keys;
}

std::string TopicConfig::set(std::string_view name, std::string_view value) {
    const auto* key = find(name);
    value = trimmed(value);
    if (!key) return "Unknown topic config name: " + std::string(name);
    if (!valid(*key, value)) {
        return "Invalid value " + std::string(value) + " for configuration " + std::string(name);
    }
    if (name == "remote.storage.enable" && same_word(value, "true")) {
        return "Tiered Storage functionality is disabled in the broker.";
    }
    const std::string text(value);
    const auto number = [&] { return std::strtoll(text.c_str(), nullptr, 10); };
    if (name == "max.message.bytes") max_message_bytes = static_cast<std::int32_t>(number());
    if (name == "max.decompressed.message.bytes") {
        max_decompressed_bytes = static_cast<std::int32_t>(number());
    }
    if (name == "segment.bytes") segment_bytes = number();
    if (name == "message.timestamp.before.max.ms") timestamp_before_max_ms = number();
    if (name == "message.timestamp.after.max.ms") timestamp_after_max_ms = number();
    if (name == "min.compaction.lag.ms") min_compaction_lag_ms = number();
    if (name == "max.compaction.lag.ms") max_compaction_lag_ms = number();
    if (name == "min.insync.replicas") min_in_sync = static_cast<std::int32_t>(number());
    if (name == "message.timestamp.type") log_append_time = value == "LogAppendTime";
    if (name == "cleanup.policy") compacted = value.find("compact") != value.npos;
    if (name == "compression.type") {
        compression = value == "uncompressed" ? Compression::none : compression_from_name(value);
    }
    values_.insert_or_assign(std::string(name), text);
    return {};
}

std::string TopicConfig::conflict() const {
    if (min_compaction_lag_ms <= max_compaction_lag_ms) return {};
    return "conflict topic config setting min.compaction.lag.ms (" +
           std::to_string(min_compaction_lag_ms) + ") > max.compaction.lag.ms (" +
           std::to_string(max_compaction_lag_ms) + ")";
}

}  // namespace kafka::testing
