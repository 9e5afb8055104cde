// SPDX-License-Identifier: Apache-2.0
// Data that brokers keep or pass on: the index of aborted transactions, forwarded principals.
#pragma once

#include <cstdint>
#include <string>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct AbortedTxn {
    KAFKA_API static const MessageInfo info;

    std::int64_t producer_id = 0;
    std::int64_t first_offset = 0;
    std::int64_t last_offset = 0;
    std::int64_t last_stable_offset = 0;  ///< read_committed ends here; -1: not known
};

struct DefaultPrincipalData {
    KAFKA_API static const MessageInfo info;

    std::string type{};
    std::string name{};
    bool token_authenticated = false;
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
