// SPDX-License-Identifier: Apache-2.0
// blocking::PartitionConn: kafka::PartitionConn for programs without an event loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <kafka/blocking/batch.hpp>
#include <kafka/blocking/conn.hpp>
#include <kafka/client_metadata.hpp>
#include <kafka/export.hpp>
#include <kafka/message.hpp>
#include <kafka/partition_options.hpp>

namespace kafka {
class PartitionConn;
}
namespace kafka::client {
class PartitionCore;
}

namespace kafka::blocking {

/// A connection to the leader of a partition, with a position in it; a blocking::Conn besides. Each
/// call waits for its end; several threads may call at once. See kafka::PartitionConn for what the
/// members do and the errors that they throw as kafka::Error. Dialer::dial_leader() makes one.
class KAFKA_API PartitionConn : public Conn {
public:
    /// Binds a connection, which may be opened before or later. `broker` is only told on.
    PartitionConn(Conn conn, std::string topic, std::int32_t partition, BrokerMetadata broker = {});
    PartitionConn(PartitionConn&&) noexcept;
    PartitionConn& operator=(PartitionConn&&) noexcept;
    ~PartitionConn();

    [[nodiscard]] const std::string& topic() const noexcept;
    [[nodiscard]] std::int32_t partition() const noexcept;
    [[nodiscard]] const BrokerMetadata& broker() const noexcept;

    Batch read_batch(const FetchOptions& options = {});
    /// Waits for a message until the time-out.
    Message read_message(const FetchOptions& options = {});
    /// The size of the value that was read into `buffer`. Throws std::errc::no_buffer_space if it
    /// is too small; the message is then still the next.
    std::size_t read(std::span<std::uint8_t> buffer, const FetchOptions& options = {});

    [[nodiscard]] Position position() const;
    std::int64_t seek(std::int64_t offset, Whence whence, const SeekOptions& options = {});

    std::int64_t first_offset(const OffsetOptions& options = {});
    std::int64_t last_offset(const OffsetOptions& options = {});
    OffsetRange offsets(const OffsetOptions& options = {});
    std::int64_t offset_at(Timestamp time, const OffsetOptions& options = {});

    WriteResult write_messages(const std::vector<Message>& messages,
                               const WriteOptions& options = {});
    WriteResult write(Bytes value, const WriteOptions& options = {});
    void set_required_acks(RequiredAcks acks) noexcept;
    [[nodiscard]] RequiredAcks required_acks() const noexcept;

    void set_deadline(std::chrono::steady_clock::time_point deadline) noexcept;
    void set_read_deadline(std::chrono::steady_clock::time_point deadline) noexcept;
    void set_write_deadline(std::chrono::steady_clock::time_point deadline) noexcept;

private:
    friend class Dialer;
    PartitionConn(kafka::PartitionConn conn, Runtime runtime);
    template <class Out, class Start, class Options, class... Args>
    KAFKA_LOCAL Out wait(Start start, const Options& options, Args... args);

    std::shared_ptr<client::PartitionCore> core_;
};

}  // namespace kafka::blocking
