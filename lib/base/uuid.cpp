// SPDX-License-Identifier: Apache-2.0
// RFC 4648 section 5 (base64 with '-' and '_'), without padding.
#include <cstddef>

#include <kafka/uuid.hpp>

namespace kafka {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t text_size = 22;  // 128 bits, 6 a character; the last carries 2

}  // namespace

std::string to_string(const Uuid& id) {
    std::string text;
    text.reserve(text_size);
    std::uint32_t bits = 0;
    int count = 0;
    for (const std::uint8_t byte : id.bytes) {
        bits = bits << 8 | byte;
        for (count += 8; count >= 6; count -= 6) {
            text.push_back(alphabet[bits >> (count - 6) & 63]);
        }
    }
    text.push_back(alphabet[bits << (6 - count) & 63]);
    return text;
}

std::optional<Uuid> uuid_from_string(std::string_view text) noexcept {
    if (text.size() != text_size) return std::nullopt;
    Uuid id;
    std::size_t at = 0;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            id.bytes[at++] = static_cast<std::uint8_t>(bits >> count);
        }
    }
    // The four bits left over are zero in every text that Kafka prints.
    if ((bits & 15U) != 0) return std::nullopt;
    return id;
}

}  // namespace kafka
