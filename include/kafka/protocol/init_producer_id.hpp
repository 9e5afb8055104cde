// SPDX-License-Identifier: Apache-2.0
// InitProducerId, API key 22, v0-6, flexible from v2.
// Gets a producer id and epoch for idempotence, and fences older instances of a transactional id
// (KIP-98, KIP-360; v6 two-phase commit, KIP-939).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct InitProducerIdResponse;

struct InitProducerIdRequest {
    using response_type = InitProducerIdResponse;
    KAFKA_API static const MessageInfo info;

    std::optional<std::string> transactional_id = "";
    std::int32_t transaction_timeout_ms = 0;  ///< milliseconds
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;
    bool enable2_pc = false;
    bool keep_prepared_txn = false;
    UnknownTags unknown_tags{};
};

struct InitProducerIdResponse {
    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = 0;
    std::int64_t ongoing_txn_producer_id = -1;
    std::int16_t ongoing_txn_producer_epoch = -1;
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
