// SPDX-License-Identifier: Apache-2.0
// EndTxn, API key 26, v0-5, flexible from v3.
// Commits or aborts a transaction (KIP-98); from v5 with a new epoch each time (KIP-890).
#pragma once

#include <cstdint>
#include <string>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct EndTxnResponse;

struct EndTxnRequest {
    using response_type = EndTxnResponse;
    KAFKA_API static const MessageInfo info;

    std::string transactional_id{};
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    bool committed = false;
    UnknownTags unknown_tags{};
};

struct EndTxnResponse {
    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::int16_t error_code = 0;
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
