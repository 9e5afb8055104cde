// SPDX-License-Identifier: Apache-2.0
// PartitionCore: what a PartitionConn is besides a Conn, and its operations. Shared with them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <kafka/batch.hpp>
#include <kafka/client_metadata.hpp>
#include <kafka/detail/any_handler.hpp>
#include <kafka/message.hpp>
#include <kafka/partition_options.hpp>
#include <kafka/uuid.hpp>

#include "client/read_position.hpp"
#include "core/time.hpp"

namespace kafka::io {
class Session;
}

namespace kafka::client {

class ReadTurns;

/// The public functions may be called from any thread.
class PartitionCore : public std::enable_shared_from_this<PartitionCore> {
public:
    template <class... Results>
    using Handler = detail::any_handler<void(std::error_code, Results...)>;

    PartitionCore(std::shared_ptr<io::Session> session, std::chrono::milliseconds request_timeout,
                  std::string topic, std::int32_t partition, BrokerMetadata broker);
    ~PartitionCore();

    // partition_read.cpp
    void read_batch(const FetchOptions& options, Handler<Batch> handler);
    void read_message(const FetchOptions& options, Handler<Message> handler);
    void read(std::span<std::uint8_t> buffer, const FetchOptions& options,
              Handler<std::size_t> handler);
    // partition_offsets.cpp
    void seek(std::int64_t offset, Whence whence, const SeekOptions& options,
              Handler<std::int64_t> handler);
    void first_offset(const OffsetOptions& options, Handler<std::int64_t> handler);
    void last_offset(const OffsetOptions& options, Handler<std::int64_t> handler);
    void offsets(const OffsetOptions& options, Handler<OffsetRange> handler);
    void offset_at(Timestamp time, const OffsetOptions& options, Handler<std::int64_t> handler);
    // partition_write.cpp
    void write(std::span<const Message> messages, const WriteOptions& options,
               Handler<WriteResult> handler);

    void set_required_acks(RequiredAcks acks) noexcept { acks_ = acks; }
    [[nodiscard]] RequiredAcks required_acks() const noexcept { return acks_; }
    void set_read_deadline(core::Time deadline) noexcept { read_deadline_ = deadline; }
    void set_write_deadline(core::Time deadline) noexcept { write_deadline_ = deadline; }

    /// Nothing: not asked for yet. Zero: the brokers have no ids.
    [[nodiscard]] std::optional<Uuid> topic_id() const;
    void set_topic_id(const Uuid& id);

    [[nodiscard]] core::Time read_end(std::optional<std::chrono::milliseconds> timeout) const;
    [[nodiscard]] core::Time write_end(std::optional<std::chrono::milliseconds> timeout) const;
    /// "topic orders partition 3"
    [[nodiscard]] std::string name() const;

    const std::shared_ptr<io::Session> session;
    const std::string topic;
    const std::int32_t partition;
    const BrokerMetadata broker;
    const std::shared_ptr<ReadPosition> position = std::make_shared<ReadPosition>();

    // The strand's of the session.
    const std::unique_ptr<ReadTurns> turns;
    /// What async_read_message left of a Batch.
    Batch rest;
    std::uint64_t rest_turn = 0;

private:
    const std::chrono::milliseconds request_timeout_;
    std::atomic<RequiredAcks> acks_{RequiredAcks::all};
    std::atomic<core::Time> read_deadline_{core::never};
    std::atomic<core::Time> write_deadline_{core::never};
    mutable std::mutex mutex_;
    std::optional<Uuid> topic_id_;
};

}  // namespace kafka::client
