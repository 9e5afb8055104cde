// SPDX-License-Identifier: Apache-2.0
// What ProduceCore's sources share.
#pragma once

#include "core/produce/produce_core.hpp"

namespace kafka::core {

struct ProduceBroker {
    explicit ProduceBroker(std::int32_t n) : id(n) {}

    const std::int32_t id;
    bool connected = false;
    bool asked = false;  // for a connection
    unsigned in_flight = 0;
    unsigned failures = 0;  // connections in a row that did not come about
    Time not_before{};      // to connect
    Time muted_until{};     // KIP-219
    Ring<ProducePartition*> ready;
};

struct ProduceCore::Request {
    RequestId id = 0;  // its place and how often it was used
    bool used = false;
    ProduceBroker* broker = nullptr;
    protocol::ProduceRequest message;
    std::vector<ProduceEntry*> entries;  // in the message's order
};

}  // namespace kafka::core
