// SPDX-License-Identifier: Apache-2.0
// AllocateProducerIds, API key 67, v0, flexible from v0.
// Gives a broker a block of producer ids; from brokers to the controller (KIP-730).
#pragma once

#include <cstdint>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct AllocateProducerIdsResponse;

struct AllocateProducerIdsRequest {
    using response_type = AllocateProducerIdsResponse;
    KAFKA_API static const MessageInfo info;

    std::int32_t broker_id = 0;
    std::int64_t broker_epoch = -1;
    UnknownTags unknown_tags{};
};

struct AllocateProducerIdsResponse {
    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::int64_t producer_id_start = 0;
    std::int32_t producer_id_len = 0;
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
