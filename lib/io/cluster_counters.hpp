// SPDX-License-Identifier: Apache-2.0
// ClusterCounters: what a client counts. Written on its strand, read on any thread, without locks.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include <kafka/client_stats.hpp>

#include "core/cluster_core.hpp"
#include "core/conn_core.hpp"

namespace kafka::io {

class ClusterCounters {
public:
    ClusterCounters() = default;
    ClusterCounters(const ClusterCounters&) = delete;
    ClusterCounters& operator=(const ClusterCounters&) = delete;
    ~ClusterCounters();

    // On the strand.
    void connected(std::int32_t broker);
    void connect_failed(std::int32_t broker);
    void disconnected(std::int32_t broker);
    void traffic(std::int32_t broker, const core::Traffic& traffic);
    void throttled(std::int32_t broker, std::int16_t api_key, std::int32_t milliseconds);
    void hook_failed() noexcept { add(failed_hooks_, 1); }
    void publish(const core::ClusterCore::Counters& calls, std::size_t connections) noexcept;

    // Anywhere.
    [[nodiscard]] ClientStats read() const;

private:
    using Count = std::atomic<std::uint64_t>;
    // Kafka 4.4's keys end with 94.
    static constexpr std::size_t keys = 96;
    struct Api {
        Count requests{0}, responses{0}, bytes_out{0}, bytes_in{0}, wait_ns{0}, max_wait_ns{0},
            throttled_ms{0};
    };
    // Never freed before the end, so that readers need no lock.
    struct Broker {
        std::int32_t id = -1;
        Broker* next = nullptr;
        Count connects{0}, connect_failures{0}, disconnects{0};
        std::array<Api, keys> apis{};
    };

    // One writer: no read-modify-write is needed.
    static void add(Count& to, std::uint64_t n) noexcept {
        to.store(to.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    Broker& broker(std::int32_t id);

    std::atomic<Broker*> first_{nullptr};
    std::size_t brokers_ = 0;
    Count calls_{0}, succeeded_{0}, failed_{0}, retries_{0}, refreshes_{0}, rebootstraps_{0},
        failed_hooks_{0}, connections_{0};
};

}  // namespace kafka::io
