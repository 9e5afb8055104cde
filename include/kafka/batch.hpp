// SPDX-License-Identifier: Apache-2.0
// Batch: the messages that one read brought.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <kafka/export.hpp>
#include <kafka/message.hpp>
#include <kafka/protocol/record.hpp>
#include <kafka/result.hpp>

namespace kafka {

/// Messages of one partition, in the order of their offsets, taken lazily out of the bytes that
/// arrived: each compressed record batch is decompressed, and each checksum compared, when its
/// turn comes. What a broker writes for itself (control records) is skipped, and so are messages
/// of aborted transactions unless the read was read_uncommitted, and those before the offset that
/// was asked for.
///
/// What is read moves the position of the connection that the Batch came from, until that one
/// seeks or begins another read. The Batch may outlive the connection. Move-only; not thread-safe,
/// but apart from the connection.
///
///     while (auto message = batch.read_message()) use(*message);
///     if (batch.failure()) ...
class KAFKA_API Batch {
public:
    /// Empty.
    Batch() noexcept;
    Batch(Batch&&) noexcept;
    Batch& operator=(Batch&&) noexcept;
    ~Batch();

    /// The next message. Nothing at the end, after a failure and after close().
    [[nodiscard]] std::optional<Message> read_message();
    /// The next message in place: nothing is copied and nothing allocated. Valid until the next
    /// call of a member that is not const. Null as above.
    [[nodiscard]] const protocol::RecordView* next();
    /// Copies the value of the next message into `buffer` and returns its size. If that is more
    /// than the buffer has, nothing was copied and the message is still the next. Nothing as above.
    [[nodiscard]] std::optional<std::size_t> read(std::span<std::uint8_t> buffer);

    /// Why reading stopped before the end. Errors: errc::corrupt_records (a checksum),
    /// errc::malformed_records, errc::decompression_failed, errc::unsupported_codec,
    /// errc::limit_exceeded (more than max_decompressed, or a batch larger than max_bytes from a
    /// broker that sends none). The position stays before what cannot be read; to leave it out,
    /// seek behind it. A cut record batch at the end is no failure: the next read brings it whole.
    [[nodiscard]] const Failure& failure() const noexcept;
    /// True when nothing arrived. False does not promise a message: all may be skipped.
    [[nodiscard]] bool empty() const noexcept;

    [[nodiscard]] const std::string& topic() const noexcept;
    [[nodiscard]] std::int32_t partition() const noexcept;
    /// The offset of the next message, as far as is known: skipped ones are not foreseen.
    [[nodiscard]] std::int64_t offset() const noexcept;
    /// The end of the partition when this was read. -1: not known.
    [[nodiscard]] std::int64_t high_watermark() const noexcept;
    /// The end of what no open transaction holds back. -1: not known.
    [[nodiscard]] std::int64_t last_stable_offset() const noexcept;
    /// The first offset of the log. -1: not known.
    [[nodiscard]] std::int64_t log_start_offset() const noexcept;
    /// What the broker's quotas asked for with this answer (KIP-219).
    [[nodiscard]] std::chrono::milliseconds throttle() const noexcept;
    /// Bytes of record batches that arrived.
    [[nodiscard]] std::size_t size() const noexcept;

    /// Lets go of the bytes. What was read and kept stays valid; what was not read is read next
    /// time. The destructor does the same.
    void close() noexcept;

    struct KAFKA_LOCAL Impl;
    /// For the library's own use.
    explicit Batch(std::unique_ptr<Impl> impl) noexcept;

private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace kafka
