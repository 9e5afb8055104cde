// SPDX-License-Identifier: Apache-2.0
// Lists of brokers, as in KAFKA_BROKERS.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/result.hpp>

namespace kasio {

/// Where a broker listens.
struct Address {
    std::string host;  ///< a name or a numeric address, IPv6 without brackets
    std::uint16_t port = 9092;

    friend bool operator==(const Address&, const Address&) = default;
};

/// "host:port", IPv6 in brackets.
[[nodiscard]] std::string to_string(const Address& address);

/// Reads "host[:port],..."; the port's default is 9092. IPv6 addresses stand in brackets where a
/// port follows. Blanks around entries, empty entries and "PLAINTEXT://" in front are ignored;
/// repeated ones count once. Errors: invalid_argument, naming the entry, also for an empty list.
[[nodiscard]] kafka::Result<std::vector<Address>> parse_addresses(std::string_view list);

}  // namespace kasio
