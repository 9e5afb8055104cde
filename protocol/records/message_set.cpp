// SPDX-License-Identifier: Apache-2.0
#include "protocol/records/message_set.hpp"

#include <limits>

#include "base/big_endian.hpp"

namespace kafka::protocol {
namespace {

constexpr std::size_t size_at = 8;
constexpr std::size_t crc_at = 12;
constexpr std::size_t magic_at = 16;
constexpr std::size_t attributes_at = 17;
constexpr std::size_t timestamp_at = 18;
constexpr std::size_t prefix_size = 12;
constexpr int codec_bits = 0x07;

// A 4-byte length, -1 for null, and that many bytes.
std::string read_bytes(std::span<const std::uint8_t>& left, const char* what, BytesView& into) {
    if (left.size() < 4) return std::string("the message ends before the length of its ") + what;
    const auto size = load_big<std::int32_t>(left.data());
    left = left.subspan(4);
    if (size < -1) return std::string(what) + " length " + std::to_string(size) + " is below -1";
    if (size < 0) {
        into = nullptr;
        return {};
    }
    if (static_cast<std::size_t>(size) > left.size()) {
        return std::string(what) + " length " + std::to_string(size) + " exceeds the " +
               std::to_string(left.size()) + " bytes left";
    }
    into = BytesView(left.first(static_cast<std::size_t>(size)));
    left = left.subspan(static_cast<std::size_t>(size));
    return {};
}

// The inner message that begins at `position`, or what is wrong with its head.
std::string cut_message(std::span<const std::uint8_t> set, std::size_t position, std::int8_t magic,
                        std::span<const std::uint8_t>& message) {
    const auto left = set.subspan(position);
    if (left.size() <= magic_at) {
        return std::to_string(left.size()) + " bytes are left, which is no message";
    }
    const auto found = static_cast<std::int8_t>(left[magic_at]);
    if (found != magic) {
        return "a message of format " + std::to_string(found) + " within one of format " +
               std::to_string(magic);
    }
    const auto size = load_big<std::int32_t>(left.data() + size_at);
    if (size < 0 || static_cast<std::size_t>(size) < legacy_min_length(magic)) {
        return "message size " + std::to_string(size) + " is below " +
               std::to_string(legacy_min_length(magic));
    }
    if (static_cast<std::size_t>(size) > left.size() - prefix_size) {
        return "message size " + std::to_string(size) + " exceeds the " +
               std::to_string(left.size() - prefix_size) + " bytes left";
    }
    message = left.first(prefix_size + static_cast<std::size_t>(size));
    return {};
}

}  // namespace

LegacyMessage read_legacy_header(std::span<const std::uint8_t> message) noexcept {
    const auto* from = message.data();
    LegacyMessage m;
    m.offset = load_big<std::int64_t>(from);
    m.crc = load_big<std::uint32_t>(from + crc_at);
    m.magic = static_cast<std::int8_t>(from[magic_at]);
    m.attributes = static_cast<std::int8_t>(from[attributes_at]);
    if (m.magic > 0) m.timestamp = load_big<std::int64_t>(from + timestamp_at);
    return m;
}

std::string read_legacy_body(std::span<const std::uint8_t> message, LegacyMessage& into) {
    auto left = message.subspan(into.magic > 0 ? timestamp_at + 8 : timestamp_at);
    if (auto fault = read_bytes(left, "key", into.key); !fault.empty()) return fault;
    if (auto fault = read_bytes(left, "value", into.value); !fault.empty()) return fault;
    if (!left.empty()) return std::to_string(left.size()) + " bytes follow the value";
    return {};
}

std::string InnerMessages::prepare() {
    if (set_.empty()) return "a compressed message without messages inside";
    std::int64_t last = 0;
    for (std::size_t position = 0; position < set_.size();) {
        std::span<const std::uint8_t> message;
        if (auto fault = cut_message(set_, position, wrapper_.magic, message); !fault.empty()) {
            position_ = position;
            return fault;
        }
        last = load_big<std::int64_t>(message.data());
        position += message.size();
    }
    highest_ = wrapper_.offset;
    if (wrapper_.offset == 0) {
        // Producers leave it to the broker (librdkafka), so it says nothing of the offsets inside.
        highest_ = std::numeric_limits<std::int64_t>::max();
    } else if (wrapper_.magic > 0) {
        // KIP-31: the wrapper carries the absolute offset of its last message, those inside count
        // from the first one. Some producers wrote absolute ones; the difference is then zero.
        if (last < 0 || last > wrapper_.offset) {
            return "inner offset " + std::to_string(last) + " is above the wrapper's " +
                   std::to_string(wrapper_.offset);
        }
        to_absolute_ = wrapper_.offset - last;
        highest_ = last;
    }
    return {};
}

std::optional<LegacyMessage> InnerMessages::next(std::string& fault) {
    if (position_ >= set_.size()) return std::nullopt;
    std::span<const std::uint8_t> bytes;
    fault = cut_message(set_, position_, wrapper_.magic, bytes);
    if (!fault.empty()) return std::nullopt;
    auto message = read_legacy_header(bytes);
    if (message.attributes & codec_bits) {
        fault = "a compressed message within a compressed message";
        return std::nullopt;
    }
    if (message.offset < 0 || message.offset > highest_) {
        fault = "inner offset " + std::to_string(message.offset) + " is out of range";
        return std::nullopt;
    }
    message.offset += to_absolute_;
    if (message.offset <= previous_) {
        fault =
            "offset " + std::to_string(message.offset) + " follows " + std::to_string(previous_);
        return std::nullopt;
    }
    fault = read_legacy_body(bytes, message);
    if (!fault.empty()) return std::nullopt;
    previous_ = message.offset;
    position_ += bytes.size();
    return message;
}

}  // namespace kafka::protocol
