// SPDX-License-Identifier: Apache-2.0
// What all connections share.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/protocol/message.hpp>
#include <kafka/uuid.hpp>

#include "../drivers/common/corpus.hpp"
#include "log.hpp"
#include "options.hpp"
#include "socket.hpp"
#include "stats.hpp"
#include "verifier.hpp"

namespace yardstick {

inline constexpr std::string_view topic_name = "bench";
inline constexpr kafka::Uuid topic_id{{0x62, 0x65, 0x6e, 0x63, 0x68, 0x2d, 0x41, 0x42, 0x8d, 0x45,
                                       0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b}};

/// An API that is advertised.
struct Advertised {
    const kafka::protocol::MessageInfo* request;
    kafka::protocol::VersionRange versions;
};

struct Broker {
    explicit Broker(const Options& wanted);

    const Options options;
    const std::vector<Advertised> apis;
    std::vector<std::uint16_t> ports;  // of the brokers, whose ids begin with 1
    std::optional<kafka_bench::Corpus> corpus;
    std::optional<Log> log;
    std::optional<Verifier> verifier;
    std::optional<TlsContext> tls;
    Stats stats;
    std::atomic<std::int32_t> next_session{1};
    std::unique_ptr<std::atomic<std::int64_t>[]> next_offsets;  // by partition

    [[nodiscard]] std::int32_t leader(std::int32_t partition) const {
        return partition % options.brokers + 1;
    }
    [[nodiscard]] bool has(std::int32_t partition) const {
        return partition >= 0 && partition < options.partitions;
    }
    [[nodiscard]] const Advertised* find(std::int16_t api) const;
};

/// What a profile advertises. The old one has nothing flexible: that is what most of what is on the
/// net was measured with.
[[nodiscard]] std::vector<Advertised> advertised(bool newest);

}  // namespace yardstick
