// SPDX-License-Identifier: Apache-2.0
// AddOffsetsToTxn, API key 25, v0-4, flexible from v3.
// Adds a group's offsets to a transaction (KIP-98).
#pragma once

#include <cstdint>
#include <string>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct AddOffsetsToTxnResponse;

struct AddOffsetsToTxnRequest {
    using response_type = AddOffsetsToTxnResponse;
    KAFKA_API static const MessageInfo info;

    std::string transactional_id{};
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    std::string group_id{};
    UnknownTags unknown_tags{};
};

struct AddOffsetsToTxnResponse {
    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
