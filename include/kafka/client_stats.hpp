// SPDX-License-Identifier: Apache-2.0
// Counts of a client since its creation. Plain data; nothing is ever reset.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace kafka {

/// One API on one broker.
struct ApiStats {
    std::int16_t api_key = -1;
    std::uint64_t requests = 0;   ///< handed to the system
    std::uint64_t responses = 0;  ///< received
    std::uint64_t bytes_out = 0;
    std::uint64_t bytes_in = 0;
    std::chrono::nanoseconds wait{0};        ///< from request to response, all added up
    std::chrono::nanoseconds max_wait{0};    ///< the longest
    std::chrono::milliseconds throttled{0};  ///< asked for by the broker (KIP-219), added up
};

struct BrokerStats {
    std::int32_t broker_id = -1;  ///< below 0: all bootstrap addresses together
    std::uint64_t connects = 0;   ///< connections that came about
    std::uint64_t connect_failures = 0;
    std::uint64_t disconnects = 0;    ///< open connections that ended, for whatever reason
    std::vector<ApiStats> apis = {};  ///< those that were used, ascending by key
};

struct ClientStats {
    std::uint64_t calls = 0;      ///< begun
    std::uint64_t succeeded = 0;  ///< calls; what is neither succeeded nor failed is under way
    std::uint64_t failed = 0;     ///< calls
    std::uint64_t retries = 0;    ///< requests, or parts of requests, sent anew
    std::uint64_t metadata_refreshes = 0;
    std::uint64_t rebootstraps = 0;
    std::uint64_t failed_hooks = 0;  ///< hooks that threw
    std::size_t connections = 0;     ///< open now
    std::vector<BrokerStats> brokers = {};
};

}  // namespace kafka
