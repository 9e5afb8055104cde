// SPDX-License-Identifier: Apache-2.0
// Records of an input to a topic: in order, each once, and a word about each that got lost.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <kafka/client_config.hpp>
#include <kafka/protocol/record.hpp>
#include <kafka/writer_config.hpp>

#include "delivery_failures.hpp"
#include "exit_status.hpp"
#include "runtime.hpp"
#include "writer_session.hpp"

namespace kasio {

/// Takes records until the first one that is not delivered. Made and used by the program's thread.
class Producer {
public:
    struct Counters {
        std::uint64_t records = 0;  ///< acknowledged
        std::uint64_t bytes = 0;    ///< of these: keys, values and headers, uncompressed
        std::uint64_t batch_bytes = 0;
        /// Batches that were sent again.
        std::uint64_t repeated = 0;
    };
    /// A larger record is more than brokers take unless they are told to (max.message.bytes): its
    /// end is awaited, so that what follows it is not written when it fails.
    static constexpr std::size_t usual_limit = 1'048'000;

    /// To `writer.topic`. Throws kafka::Error for a configuration that cannot work.
    Producer(Runtime& runtime, kafka::ClientConfig client, kafka::WriterConfig writer);
    /// Drops what is not delivered.
    ~Producer();
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;

    /// Hands a record over, waiting for room; `number` is its place in the input, from 1, growing.
    /// False: a record was not delivered, or a signal has ended the waiting: hand over no more.
    [[nodiscard]] bool add(const kafka::protocol::RecordRef& record, std::uint64_t number,
                           std::optional<std::int32_t> partition = std::nullopt);
    /// Waits for the end of all that was handed over; after a signal for at most
    /// WriterSession::last_moments. False: see problem().
    [[nodiscard]] bool finish();

    /// The first record that was not delivered and why, or the signal that came before it.
    [[nodiscard]] Problem problem() const;
    /// A sentence for each reason why records were not delivered.
    [[nodiscard]] std::vector<std::string> complaints(
        const DeliveryFailures::Place& place = {}) const;
    [[nodiscard]] Counters counters() const;
    /// Bytes of records delivered to each partition that got any.
    [[nodiscard]] std::vector<std::uint64_t> bytes_by_partition() const;

    /// See WriterSession::on_wait().
    void on_wait(std::function<void()> what);

private:
    struct State;

    [[nodiscard]] bool await_all();
    [[nodiscard]] std::string broker_of(const DeliveryFailures::Group& group) const;

    Runtime& runtime_;
    const std::string topic_;
    std::shared_ptr<State> state_;
    std::unique_ptr<WriterSession> session_;
    std::function<void()> on_wait_;
    std::uint64_t taken_ = 0;
};

}  // namespace kasio
