// SPDX-License-Identifier: Apache-2.0
// Where each API's requests go: a property of the API, not of its caller.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <kafka/hooks.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::core {

enum class Destination : std::uint8_t {
    any,          ///< the broker that is least busy
    every,        ///< all brokers; their answers make one
    controller,   ///< the broker that speaks for the controller
    leader,       ///< the leaders of the partitions named
    group,        ///< the coordinators of the groups named
    transaction,  ///< the coordinators of the transactional ids named
    share,        ///< the coordinators of the share groups' partitions named (KIP-932)
    resource,     ///< the broker that a resource names, otherwise any
    broker,       ///< one that the caller names
    refused,      ///< belongs to the opening of a connection
};

struct Route {
    std::int16_t api_key;
    Destination to;
    ConnPurpose purpose;
    /// Changes nothing on the broker: may be sent again although it may have been executed.
    bool read_only;
};

/// All APIs, ascending by key.
[[nodiscard]] std::span<const Route> routes() noexcept;
/// A broker that the caller must name, for keys that are not known.
[[nodiscard]] Route route_of(std::int16_t api_key) noexcept;

/// The codes of brokers that are not, or not yet, the right ones for such a destination. They have
/// done nothing: the request may go elsewhere, or there again, whatever it is.
[[nodiscard]] bool is_wrong_place(Destination to, std::int16_t code) noexcept;
/// Among those, the ones that say "there is no such topic" and may be right.
[[nodiscard]] bool is_unknown_topic(std::int16_t code) noexcept;
/// The code that stands in for a broker's when it could not be asked, in the place of an item:
/// NETWORK_EXCEPTION, REQUEST_TIMED_OUT, UNSUPPORTED_VERSION, or the broker's own.
[[nodiscard]] std::int16_t stand_in_code(const std::error_code& ec) noexcept;

/// A text at the top level of a request, such as its "groupId"; empty if there is none.
[[nodiscard]] std::string_view text_field(const protocol::MessageInfo& info, const void* message,
                                          std::string_view field);
/// The text that names the coordinator of a request for one group or transactional id.
[[nodiscard]] std::string_view coordinator_key(const Route& route,
                                               const protocol::MessageInfo& info,
                                               const void* request);
/// The first code in a response, on whatever level, for which `is_wrong_place` holds; 0 if none.
[[nodiscard]] std::int16_t find_wrong_place(Destination to, const protocol::MessageInfo& info,
                                            const void* response);
/// Top-level `errorCode` of a response; 0 if it has none.
[[nodiscard]] std::int16_t error_code_of(const protocol::MessageInfo& info, const void* response);

}  // namespace kafka::core
