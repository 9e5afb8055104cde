// SPDX-License-Identifier: Apache-2.0
// PartitionConn: a Conn bound to a partition of a topic, to read and write its messages.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/async_result.hpp>

#include <kafka/batch.hpp>
#include <kafka/client_metadata.hpp>
#include <kafka/conn.hpp>
#include <kafka/detail/initiate.hpp>
#include <kafka/export.hpp>
#include <kafka/message.hpp>
#include <kafka/partition_options.hpp>

namespace kafka {

namespace client {
class PartitionCore;
struct Binding;
}  // namespace client
namespace blocking {
class PartitionConn;
}

/// A connection to the leader of a partition, with a position in it. It is a Conn, with all that
/// a Conn can do; Dialer::async_dial_leader() makes one. There is no magic in it: one connection,
/// no retries, no other leader than this. When the partition moves, operations fail with
/// broker_errc::not_leader_or_follower (whose Diagnostics name the new leader where the broker
/// does), and the way on is to dial the leader again. For more, use a Reader or a Writer.
///
/// **Order.** Operations on one connection are answered in the order in which they were started: a
/// read that waits for messages holds up a write behind it, for FetchOptions::max_wait at a time.
///
/// **Position.** It begins at the first offset of the log. It follows what is taken out of the
/// Batch of the latest read. A topic that is deleted and created again is another topic: where
/// brokers know topics by ids, operations then fail with broker_errc::unknown_topic_id.
///
/// **Time.** Each operation ends by its own time-out, which is ConnConfig::request_timeout unless
/// it is told another, and by the deadline for its kind, with errc::request_timed_out. A write
/// that ended so may have taken effect.
///
/// **Cancellation.** Reads and questions end on every type of it, with
/// asio::error::operation_aborted; writes as Conn's calls do: `total` ends one only while it was
/// not sent. The connection lives on.
///
/// **Threads, completion, failure, the end:** as Conn.
class KAFKA_API PartitionConn : public Conn {
public:
    /// Binds a connection, which may be opened before or later. `broker` is only told on.
    PartitionConn(Conn conn, std::string topic, std::int32_t partition, BrokerMetadata broker = {});
    PartitionConn(PartitionConn&&) noexcept;
    PartitionConn& operator=(PartitionConn&&) noexcept;
    ~PartitionConn();

    [[nodiscard]] const std::string& topic() const noexcept;
    [[nodiscard]] std::int32_t partition() const noexcept;
    /// The leader, as the cluster told of it; its id is -1 if this was made without.
    [[nodiscard]] const BrokerMetadata& broker() const noexcept;

    // ---- Reading.

    /// Asks for record batches from the position on, and waits until there are min_bytes, at most
    /// max_wait. It may come back empty. The rest of an earlier Batch is asked for anew. Signature:
    /// `void(std::error_code, Batch)`. Errors: those of Conn::async_call;
    /// broker_errc::offset_out_of_range (retention removed what was there, or the log was cut),
    /// not_leader_or_follower, unknown_topic_or_partition, topic_authorization_failed, ...;
    /// errc::invalid_argument (the options). What is wrong with records is in Batch::failure().
    template <class CompletionToken>
    auto async_read_batch(CompletionToken&& token) {
        return async_read_batch(FetchOptions{}, std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_read_batch(FetchOptions options, CompletionToken&& token) {
        return start<&PartitionConn::start_read_batch, void(std::error_code, Batch)>(token,
                                                                                     options);
    }
    /// Reads the next message, and waits for it until the time-out. What else arrived with it is
    /// kept for the next calls, which then cost no round trip (their options count from the next
    /// question on). Signature: `void(std::error_code, Message)`. Errors: as async_read_batch, and
    /// those of Batch::failure().
    template <class CompletionToken>
    auto async_read_message(CompletionToken&& token) {
        return async_read_message(FetchOptions{}, std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_read_message(FetchOptions options, CompletionToken&& token) {
        return start<&PartitionConn::start_read_message, void(std::error_code, Message)>(token,
                                                                                         options);
    }
    /// The same for the value alone, into `buffer`, which must stay valid until the completion.
    /// Signature: `void(std::error_code, std::size_t)` with the value's size. Error, besides:
    /// std::errc::no_buffer_space, with the size that the buffer ought to have; the message is
    /// then still the next.
    template <class CompletionToken>
    auto async_read(std::span<std::uint8_t> buffer, CompletionToken&& token) {
        return async_read(buffer, FetchOptions{}, std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_read(std::span<std::uint8_t> buffer, FetchOptions options, CompletionToken&& token) {
        return start<&PartitionConn::start_read, void(std::error_code, std::size_t)>(token, buffer,
                                                                                     options);
    }

    // ---- The position.

    [[nodiscard]] Position position() const;
    /// Moves the position, after a look at whether it is in the log, and gives it as an offset.
    /// Signature: `void(std::error_code, std::int64_t)`. Errors: those of Conn::async_call, the
    /// broker's, and broker_errc::offset_out_of_range, whose Diagnostics name the first and the
    /// last offset; the position then stays.
    template <class CompletionToken>
    auto async_seek(std::int64_t offset, Whence whence, CompletionToken&& token) {
        return async_seek(offset, whence, SeekOptions{}, std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_seek(std::int64_t offset, Whence whence, SeekOptions options,
                    CompletionToken&& token) {
        return start<&PartitionConn::start_seek, void(std::error_code, std::int64_t)>(
            token, offset, whence, options);
    }

    // ---- Offsets of the log. Errors: those of Conn::async_call, and the broker's.

    /// Signature: `void(std::error_code, std::int64_t)`.
    template <class CompletionToken>
    auto async_first_offset(CompletionToken&& token) {
        return async_first_offset(OffsetOptions{}, std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_first_offset(OffsetOptions options, CompletionToken&& token) {
        return start<&PartitionConn::start_first_offset, void(std::error_code, std::int64_t)>(
            token, options);
    }
    /// The offset behind the newest message. Signature: `void(std::error_code, std::int64_t)`.
    template <class CompletionToken>
    auto async_last_offset(CompletionToken&& token) {
        return async_last_offset(OffsetOptions{}, std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_last_offset(OffsetOptions options, CompletionToken&& token) {
        return start<&PartitionConn::start_last_offset, void(std::error_code, std::int64_t)>(
            token, options);
    }
    /// Both. Signature: `void(std::error_code, OffsetRange)`.
    template <class CompletionToken>
    auto async_offsets(CompletionToken&& token) {
        return async_offsets(OffsetOptions{}, std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_offsets(OffsetOptions options, CompletionToken&& token) {
        return start<&PartitionConn::start_offsets, void(std::error_code, OffsetRange)>(token,
                                                                                        options);
    }
    /// The offset of the first message with that timestamp or a later one; -1 if there is none.
    /// Signature: `void(std::error_code, std::int64_t)`. Error, besides: errc::invalid_argument
    /// (before 1970).
    template <class CompletionToken>
    auto async_offset_at(Timestamp time, CompletionToken&& token) {
        return async_offset_at(time, OffsetOptions{}, std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_offset_at(Timestamp time, OffsetOptions options, CompletionToken&& token) {
        return start<&PartitionConn::start_offset_at, void(std::error_code, std::int64_t)>(
            token, time, options);
    }

    // ---- Writing.

    /// Writes messages as one record batch: all of them or none. They are encoded, and compressed,
    /// before this function returns (with lazy tokens: when the operation is started). Without
    /// messages there is nothing to do, which succeeds. Not idempotent: after a failure that leaves
    /// the outcome open, writing again may write twice.
    /// In a coroutine compiled by g++ 12, give messages made with `{.field = ...}` a name first:
    /// that compiler copies such temporaries of a co_await expression bit by bit.
    /// Signature: `void(std::error_code, WriteResult)`. Errors: those of Conn::async_call;
    /// errc::invalid_argument (a message for another topic or partition, a level, more than 2 GiB),
    /// errc::unsupported_codec, errc::compression_failed; broker_errc::not_leader_or_follower,
    /// message_too_large, invalid_record, not_enough_replicas, topic_authorization_failed, ...
    template <class CompletionToken>
    auto async_write_messages(std::vector<Message> messages, CompletionToken&& token) {
        return async_write_messages(std::move(messages), WriteOptions{},
                                    std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_write_messages(std::vector<Message> messages, WriteOptions options,
                              CompletionToken&& token) {
        return start<&PartitionConn::start_write, void(std::error_code, WriteResult)>(
            token, std::move(messages), options);
    }
    /// The same for one message that has only a value.
    template <class CompletionToken>
    auto async_write(Bytes value, CompletionToken&& token) {
        return async_write(std::move(value), WriteOptions{}, std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_write(Bytes value, WriteOptions options, CompletionToken&& token) {
        return start<&PartitionConn::start_write_value, void(std::error_code, WriteResult)>(
            token, std::move(value), options);
    }
    /// For writes that are started from now on. Default RequiredAcks::all.
    void set_required_acks(RequiredAcks acks) noexcept;
    [[nodiscard]] RequiredAcks required_acks() const noexcept;

    // ---- Deadlines, for operations of this class (not of Conn) that are started from now on. One
    // ---- in the past fails them at once. time_point::max(): none, the default.

    void set_deadline(std::chrono::steady_clock::time_point deadline) noexcept;
    /// Of everything but writing.
    void set_read_deadline(std::chrono::steady_clock::time_point deadline) noexcept;
    void set_write_deadline(std::chrono::steady_clock::time_point deadline) noexcept;

private:
    template <class... Results>
    using Handler = detail::any_handler<void(std::error_code, Results...)>;

    template <auto Start, class Signature, class CompletionToken, class... Args>
    auto start(CompletionToken& token, Args... args) {
        return asio::async_initiate<CompletionToken, Signature>(
            detail::Initiate<PartitionConn, Start, Signature>{this}, token, std::move(args)...);
    }

    void start_read_batch(const FetchOptions& options, Handler<Batch> handler);
    void start_read_message(const FetchOptions& options, Handler<Message> handler);
    void start_read(std::span<std::uint8_t> buffer, const FetchOptions& options,
                    Handler<std::size_t> handler);
    void start_seek(std::int64_t offset, Whence whence, const SeekOptions& options,
                    Handler<std::int64_t> handler);
    void start_first_offset(const OffsetOptions& options, Handler<std::int64_t> handler);
    void start_last_offset(const OffsetOptions& options, Handler<std::int64_t> handler);
    void start_offsets(const OffsetOptions& options, Handler<OffsetRange> handler);
    void start_offset_at(Timestamp time, const OffsetOptions& options,
                         Handler<std::int64_t> handler);
    void start_write(const std::vector<Message>& messages, const WriteOptions& options,
                     Handler<WriteResult> handler);
    void start_write_value(Bytes value, const WriteOptions& options, Handler<WriteResult> handler);

    friend class blocking::PartitionConn;
    friend struct client::Binding;
    template <class, auto, class>
    friend struct detail::Initiate;

    std::shared_ptr<client::PartitionCore> core_;
};

}  // namespace kafka
