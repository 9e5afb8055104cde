// SPDX-License-Identifier: Apache-2.0
// Uuid: topic ids, directory ids and the like.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <kafka/export.hpp>

namespace kafka {

/// 16 bytes in wire order. Kafka prints them as URL-safe base64 without padding (22 characters).
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    [[nodiscard]] bool is_zero() const noexcept { return *this == Uuid{}; }
    friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

/// Kafka's text form, as in `Uuid.toString()`: "AAAAAAAAAAAAAAAAAAAAAA" for zero.
[[nodiscard]] KAFKA_API std::string to_string(const Uuid& id);
/// Reads Kafka's text form; nothing if it is not one.
[[nodiscard]] KAFKA_API std::optional<Uuid> uuid_from_string(std::string_view text) noexcept;

}  // namespace kafka
