// SPDX-License-Identifier: Apache-2.0
// ControllerRegistration, API key 70, v0, flexible from v0.
// Registers a controller (KIP-919).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct ControllerRegistrationResponse;

struct ControllerRegistrationRequest {
    struct Listener {
        std::string name{};
        std::string host{};
        std::uint16_t port = 0;
        std::int16_t security_protocol = 0;
        UnknownTags unknown_tags{};
    };

    struct Feature {
        std::string name{};
        std::int16_t min_supported_version = 0;
        std::int16_t max_supported_version = 0;
        UnknownTags unknown_tags{};
    };

    using response_type = ControllerRegistrationResponse;
    KAFKA_API static const MessageInfo info;

    std::int32_t controller_id = 0;
    Uuid incarnation_id{};
    bool zk_migration_ready = false;
    std::vector<Listener> listeners{};
    std::vector<Feature> features{};
    UnknownTags unknown_tags{};
};

struct ControllerRegistrationResponse {
    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
