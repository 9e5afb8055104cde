// SPDX-License-Identifier: Apache-2.0
// BrokerRegistration, API key 62, v0-4, flexible from v0.
// Registers a broker with the controller (KIP-631).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct BrokerRegistrationResponse;

struct BrokerRegistrationRequest {
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

    using response_type = BrokerRegistrationResponse;
    KAFKA_API static const MessageInfo info;

    std::int32_t broker_id = 0;
    std::string cluster_id{};
    Uuid incarnation_id{};
    std::vector<Listener> listeners{};
    std::vector<Feature> features{};
    std::optional<std::string> rack = "";
    bool is_migrating_zk_broker = false;
    std::vector<Uuid> log_dirs{};
    std::int64_t previous_broker_epoch = -1;
    UnknownTags unknown_tags{};
};

struct BrokerRegistrationResponse {
    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::int64_t broker_epoch = -1;
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
