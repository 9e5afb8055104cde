// SPDX-License-Identifier: Apache-2.0
// Message: a record with its place, as it is written and as it was read. Plain data.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kafka/protocol/record.hpp>
#include <kafka/slice.hpp>

namespace kafka {

/// A point in time as Kafka has it: milliseconds since 1970.
using Timestamp = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

/// The bytes of a key or a value: null, or a Slice that keeps them in memory. Made from text it
/// copies; made from a Slice it shares. Copies share the bytes. As thread-safe as a Slice.
class Bytes : public Slice {
public:
    /// Null, which differs from empty.
    Bytes() = default;
    Bytes(std::nullptr_t) noexcept {}
    Bytes(Slice slice) noexcept : Slice(std::move(slice)) {}
    Bytes(std::string_view text) : Slice(copy_of(as_bytes(text))) {}
    Bytes(const std::string& text) : Bytes(std::string_view(text)) {}
    Bytes(const char* text) {
        if (text) *this = Bytes(std::string_view(text));
    }

    /// Empty for null as well.
    [[nodiscard]] std::string_view text() const noexcept { return as_text(bytes()); }
    [[nodiscard]] protocol::BytesView view() const noexcept {
        return null() ? protocol::BytesView() : protocol::BytesView(bytes());
    }
};

/// A header of a message (KIP-82). Keys may repeat; a value may be null.
struct MessageHeader {
    std::string key;
    Bytes value = {};

    friend bool operator==(const MessageHeader&, const MessageHeader&) = default;
};

/// A message. To write one, key, value, headers and perhaps the timestamp are set; one that was
/// read has everything. What was read shares the memory of the batch that it came in: a message
/// that is kept keeps all of that batch, unless key, value and headers are copied.
struct Message {
    /// When writing: where to, for writers that serve many topics. Default: the writer's own.
    std::string topic = {};
    /// When writing: -1 leaves the choice to the writer. Default -1.
    std::int32_t partition = -1;
    std::int64_t offset = -1;          ///< of a message that was read; -1: none
    std::int64_t high_watermark = -1;  ///< the end of the partition when it was read; -1: not known
    std::int32_t leader_epoch = -1;    ///< of the leader that took it; -1: not known
    Bytes key = {};
    /// A null value deletes the key's earlier messages from a compacted topic (a tombstone).
    Bytes value = {};
    std::vector<MessageHeader> headers = {};
    /// When writing: nothing means now. One that was read has none if its format has none.
    std::optional<Timestamp> timestamp = std::nullopt;
    /// Of a message that was read: whose clock the timestamp is.
    protocol::TimestampType timestamp_type = protocol::TimestampType::none;
};

}  // namespace kafka
