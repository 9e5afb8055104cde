// SPDX-License-Identifier: Apache-2.0
// The facts about each error code of the protocol, as one table.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace kafka {

/// What a client may do about a broker error.
enum class Remedy : std::uint8_t {
    none,     ///< the same request will fail again
    retry,    ///< Kafka's RetriableException: try again after a pause
    refresh,  ///< Kafka's InvalidMetadataException, which is retriable too: ask for metadata first
};

struct BrokerError {
    std::int16_t code;
    Remedy remedy;
    std::string_view name;     ///< Kafka's
    std::string_view meaning;  ///< ours, a clause without capital and period
};

/// Ascending by code, without a gap from -1 on.
[[nodiscard]] std::span<const BrokerError> broker_errors() noexcept;
/// The row of a code; null for codes that Kafka 4.4 does not know.
[[nodiscard]] const BrokerError* find_broker_error(int code) noexcept;

}  // namespace kafka
