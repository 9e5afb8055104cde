// SPDX-License-Identifier: Apache-2.0
// Message formats 0 and 1 (before Kafka 0.11), for reading: a set of messages, where the value of
// a compressed message is a set again (KIP-31, KIP-32).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <kafka/protocol/record.hpp>

namespace kafka::protocol {

struct LegacyMessage {
    std::int64_t offset = 0;
    std::uint32_t crc = 0;
    std::int8_t magic = 0;
    std::int8_t attributes = 0;
    std::int64_t timestamp = -1;  // -1 in format 0
    BytesView key;
    BytesView value;
};

/// The smallest legal value of a message's size field.
[[nodiscard]] constexpr std::size_t legacy_min_length(std::int8_t magic) noexcept {
    return magic == 0 ? 14 : 22;
}

/// All but key and value. `message` must hold the 12 bytes of offset and size and at least
/// legacy_min_length() more.
[[nodiscard]] LegacyMessage read_legacy_header(std::span<const std::uint8_t> message) noexcept;

/// Key and value; `message` as above, and exactly as long as its size field says. Returns what is
/// wrong, or an empty string.
[[nodiscard]] std::string read_legacy_body(std::span<const std::uint8_t> message,
                                           LegacyMessage& into);

/// The set inside a compressed message, decompressed. Walks it twice: for format 1 the last inner
/// offset is needed before the first record can be told its own.
class InnerMessages {
public:
    InnerMessages() = default;
    InnerMessages(std::span<const std::uint8_t> set, const LegacyMessage& wrapper)
        : set_(set), wrapper_(wrapper) {}

    /// Walks the set by its sizes. Returns what is wrong, or an empty string.
    [[nodiscard]] std::string prepare();
    /// Nothing at the end, and when `fault` was filled. The offset is absolute.
    [[nodiscard]] std::optional<LegacyMessage> next(std::string& fault);
    /// Where next() stands, in bytes of the decompressed set.
    [[nodiscard]] std::size_t position() const noexcept { return position_; }

private:
    std::span<const std::uint8_t> set_;
    LegacyMessage wrapper_;
    std::size_t position_ = 0;
    std::int64_t to_absolute_ = 0;
    std::int64_t highest_ = 0;  // of the offsets as they stand inside
    std::int64_t previous_ = -1;
};

}  // namespace kafka::protocol
