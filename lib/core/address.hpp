// SPDX-License-Identifier: Apache-2.0
// "host:port" as people write it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <kafka/error.hpp>
#include <kafka/result.hpp>

namespace kafka::core {

constexpr std::uint16_t default_port = 9092;

struct Address {
    std::string host;  ///< a name or a number, an IPv6 number without its brackets
    std::uint16_t port = default_port;

    friend bool operator==(const Address&, const Address&) = default;
};

/// "host", "host:port", "1.2.3.4:port", "[::1]:port", "[::1]", "::1". Spaces around it are left
/// out; without a port it is `port`. Error: invalid_argument, with what is wrong.
[[nodiscard]] Result<Address> parse_address(std::string_view text,
                                            std::uint16_t port = default_port);
/// The reverse: brackets around an IPv6 number.
[[nodiscard]] std::string to_string(const Address& address);

}  // namespace kafka::core
