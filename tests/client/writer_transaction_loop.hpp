// SPDX-License-Identifier: Apache-2.0
// A Writer with a transactional id, and what readers of committed data see of it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kafka/blocking/dialer.hpp>
#include <kafka/blocking/partition_conn.hpp>

#include "client/writer_loop.hpp"

namespace kafka::testing {

using Values = std::vector<std::string>;

// What the cluster has finalized: 0 is the protocol of KIP-98, 2 that of KIP-890.
inline constexpr std::array<std::int16_t, 2> both{0, 2};

inline WriterConfig transactional(std::string id = "tx") {
    WriterConfig config{.topic = "t"};
    config.transactional_id = std::move(id);
    config.retry_backoff = 10ms;
    config.retry_backoff_max = 50ms;
    return config;
}

inline ClientConfig quick() {
    ClientConfig config;
    config.retry_backoff = 10ms;
    config.retry_backoff_max = 50ms;
    return config;
}

struct Transactional : WriterLoop {
    explicit Transactional(const Broker& broker, WriterConfig config = transactional())
        : WriterLoop(broker.bootstrap(), std::move(config), quick()) {}

    TransactionOptions with(std::optional<std::chrono::milliseconds> timeout) {
        said.clear();
        return {timeout, &said};
    }
    using Timeout = std::optional<std::chrono::milliseconds>;
    std::error_code init(Timeout timeout = {}) {
        Wait<> wait;
        writer.async_init_transactions(with(timeout), wait.handler());
        return wait.get(60s);
    }
    std::error_code begin(Timeout timeout = {}) {
        Wait<> wait;
        writer.async_begin_transaction(with(timeout), wait.handler());
        return wait.get(60s);
    }
    std::error_code commit(Timeout timeout = {}) {
        Wait<> wait;
        writer.async_commit_transaction(with(timeout), wait.handler());
        return wait.get(60s);
    }
    std::error_code abort(Timeout timeout = {}) {
        Wait<> wait;
        writer.async_abort_transaction(with(timeout), wait.handler());
        return wait.get(60s);
    }
    std::error_code offsets(std::vector<GroupOffset> all, GroupMetadata group = {"g"}) {
        Wait<> wait;
        writer.async_send_offsets_to_transaction(std::move(all), std::move(group),
                                                 with(std::nullopt), wait.handler());
        return wait.get(60s);
    }
    /// A whole transaction.
    void transact(const std::string& value) {
        REQUIRE_FALSE(begin());
        REQUIRE_FALSE(write({message(value)}));
        REQUIRE_FALSE(commit());
    }
    bool told_of(std::string_view text) { return said.detail.find(text) != std::string::npos; }

    Diagnostics said;
};

/// What a reader of committed data gets.
inline Values committed(const Broker& broker, const std::string& topic = "t",
                        std::int32_t partition = 0) {
    const blocking::Dialer dialer;
    auto conn = dialer.dial_leader(broker.bootstrap(), topic, partition);
    const auto end = conn.last_offset({.isolation = Isolation::read_committed});
    conn.seek(0, Whence::absolute);
    Values values;
    std::int64_t at = 0;
    for (int i = 0; at < end && i < 10'000; ++i) {
        auto batch = conn.read_batch();
        while (auto one = batch.read_message())
            values.emplace_back(one->value.text());
        at = batch.offset();
    }
    CHECK(at == end);
    return values;
}

}  // namespace kafka::testing
