// SPDX-License-Identifier: Apache-2.0
// Writer: records to topics, batched, acknowledged, once and in order.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>

#include <kafka/client.hpp>
#include <kafka/detail/any_handler.hpp>
#include <kafka/detail/initiate.hpp>
#include <kafka/error.hpp>
#include <kafka/export.hpp>
#include <kafka/group_offsets.hpp>
#include <kafka/message.hpp>
#include <kafka/writer_config.hpp>
#include <kafka/writer_stats.hpp>

namespace kafka {

namespace client {
class WriterImpl;
}
namespace blocking {
class Writer;
}

/// Writes records to one topic or many.
///
///     kafka::Writer writer(client, {.topic = "orders"});
///     co_await writer.async_write_messages(messages, use_awaitable);  // all are acknowledged
///
///     writer.try_write({.key = id, .value = text}, cookie);           // at once; no allocation
///     co_await writer.async_flush(use_awaitable);
///
/// **Order.** Records of one thread for one partition are stored in the order in which they were
/// taken. One of async_write() that had to wait is taken when it completes.
///
/// **Outcome.** Each record that was taken ends once: acknowledged, failed, which means that it is
/// certainly not stored, or errc::outcome_unknown. It ends within WriterConfig::delivery_timeout.
///
/// **Copies.** Records are copied when they are taken; the caller's memory is free afterwards. What
/// has an owner (a Message has, a Record may) and is large is kept by that instead: Record::owner.
///
/// **Threads.** All members may be called from several threads at once, except construction,
/// destruction, assignment and moving. The network is served on the executor of the Client.
///
/// **Completion.** Handlers run on their associated executor, or on that of the Writer; never
/// inside the function that starts the operation.
///
/// **Cancellation** per operation: `terminal` and `partial` end it at once with
/// asio::error::operation_aborted. Records that were taken go on; of their results those that are
/// not known yet are errc::outcome_unknown. `total` does so only while no record was taken.
/// async_flush() and async_close() stop waiting, and nothing else.
///
/// **The end.** async_close() writes what was taken and ends the Writer. Destruction without it
/// drops what was taken, says so in the log, and waits for nobody: handlers are called with
/// errc::connection_closed (errc::outcome_unknown for what is in a request), on_records is not
/// called any more, but a call on another thread may still be under way. If the event loop is
/// destroyed instead, handlers are destroyed without being called. When the Client is closed,
/// everything ends with errc::connection_closed.
///
/// **Transactions** (KIP-98), with WriterConfig::transactional_id: all records of a transaction,
/// on whatever topics and partitions, and the offsets that were read for them, become visible to
/// readers of committed data at once, or never.
///
///     co_await writer.async_init_transactions(use_awaitable);         // once
///     co_await writer.async_begin_transaction(use_awaitable);
///     writer.try_write(...);
///     co_await writer.async_send_offsets_to_transaction(offsets, group, use_awaitable);
///     co_await writer.async_commit_transaction(use_awaitable);
///
/// Outside of a transaction records are refused with errc::no_transaction. The operations run one
/// after the other, in the order in which they were started. What an error of theirs, or of a
/// write, means:
/// - errc::transaction_failed: a record or an offset could not be stored (one that try_write()
///   refuses does not count), or time was over. All other records of the transaction fail with the
///   same. Abort it, then begin anew: nothing of it will be seen.
/// - errc::outcome_unknown, of a commit: its answer was lost. It is not repeated, since that could
///   end a later transaction. The Writer goes on under a new epoch with the next begin; whether the
///   transaction is visible is for the application to find out.
/// - error_kind::fatal, such as broker_errc::producer_fenced (another Writer has taken over the
///   transactional id), or any other that async_init_transactions() ends with, but
///   errc::request_timed_out: this Writer is at its end, everything ends with the same word.
/// - errc::no_transaction, errc::wrong_state, errc::invalid_argument: nothing has happened.
///
/// Where the cluster has finalized `transaction.version` 2, each transaction has an epoch of its
/// own (KIP-890), so that nothing late can get into a later one; that is found out anew at each
/// begin. Where it has not, the older protocol is used, and the epoch is raised after each failure
/// (KIP-360). async_close() aborts an open transaction; destruction leaves it to the cluster, after
/// transaction_timeout.
class KAFKA_API Writer {
public:
    using executor_type = asio::any_io_executor;

    /// Shares the client's connections and metadata. Throws kafka::Error (errc::invalid_argument,
    /// errc::unsupported_codec) for a configuration that cannot work; what() says why.
    Writer(Client& client, WriterConfig config);
    /// With a client of its own, which creates topics if the configuration says so.
    Writer(executor_type executor, ClientConfig client, WriterConfig config);
    Writer(Writer&&) noexcept;
    Writer& operator=(Writer&&) noexcept;
    ~Writer();

    [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }

    /// Writes messages; completes when all of them have ended. What fits is taken at once, on this
    /// thread; if the buffers are full, or the topic's partitions are not known, the others are
    /// copied and taken later, in order.
    /// Signature: `void(std::error_code, WriteResults)`. The error is that of the first message
    /// that failed; the results are complete in any case but when the Writer was destroyed.
    /// Errors: errc::delivery_timed_out, errc::outcome_unknown, errc::buffer_full (not taken within
    /// max_block), errc::invalid_argument (no topic), errc::topic_not_ready, the
    /// broker's word such as broker_errc::topic_authorization_failed or message_too_large,
    /// errc::connection_closed, operation_aborted.
    template <class CompletionToken>
    auto async_write_messages(std::span<const Message> messages, CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(std::error_code, WriteResults)>(
            InitiateMessages{this}, token, messages);
    }

    /// Takes a record, here and now, or says why not; no memory is allocated but for whole batches.
    /// Its end is told to WriterConfig::on_records with the cookie. With `more` another record
    /// follows at once: the last one of such a row must go without. One with `more` that tells no
    /// time may be given that of one of the 15 records before it in its batch.
    /// Errors: errc::buffer_full and errc::topic_not_ready (it would have to wait; the second
    /// starts the look-up), errc::invalid_argument (no topic, a time before 1970),
    /// broker_errc::unknown_topic_or_partition (no such partition), message_too_large,
    /// errc::connection_closed. A record that was not taken is not reported.
    [[nodiscard]] std::error_code try_write(const Record& record, std::uint64_t cookie = 0,
                                            bool more = false) noexcept;
    /// Takes records in their order until one is refused, and returns how many were taken: all of
    /// them, or `ec` says what is wrong with records[n]. Their cookies count up from
    /// `first_cookie`. Cheaper than one by one. Errors: as above.
    [[nodiscard]] std::size_t try_write(std::span<const Record> records, std::uint64_t first_cookie,
                                        std::error_code& ec) noexcept;

    /// As try_write(), but waits (at most for WriterConfig::max_block) for room and for the topic's
    /// partitions. Completes when the record was taken.
    /// Signature: `void(std::error_code)`. Errors: those of try_write(), those that a broker has to
    /// say of the topic, operation_aborted.
    template <class CompletionToken>
    auto async_write(const Record& record, std::uint64_t cookie, CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(std::error_code)>(InitiateWrite{this},
                                                                            token, record, cookie);
    }

    /// Writes a batch that was made elsewhere, such as one that is forwarded, compressed or not:
    /// one whole record batch of format 2, which is checked as a broker would, and goes as it is
    /// but for what numbers its producer. Copied, before this returns. It goes behind what was
    /// taken before it; if the buffers are full, or the topic's partitions are not known, it waits.
    /// `topic` "": the writer's own.
    /// Signature: `void(std::error_code, WriteResults)`, a result for each record. Errors: as
    /// async_write_messages(), and those of protocol::check_produced() (errc::corrupt_records,
    /// malformed_records, unsupported_codec), with no results, but the reason in their detail.
    template <class CompletionToken>
    auto async_write_batch(std::string_view topic, std::int32_t partition,
                           std::span<const std::uint8_t> batch, CompletionToken&& token) {
        return async_write_batch(topic, partition, Slice(batch.data(), batch.size()),
                                 std::forward<CompletionToken>(token));
    }
    /// The same for a batch with an owner, which keeps it if it is large, as Record::owner does.
    template <class CompletionToken>
    auto async_write_batch(std::string_view topic, std::int32_t partition, const Slice& batch,
                           CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(std::error_code, WriteResults)>(
            InitiateBatch{this}, token, topic, partition, batch);
    }

    /// Sends what was taken, without waiting for more; completes when all of it has ended. What
    /// becomes of it is told elsewhere.
    /// Signature: `void(std::error_code)`. Errors: errc::connection_closed, operation_aborted.
    template <class CompletionToken>
    auto async_flush(CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(std::error_code)>(InitiateFlush{this},
                                                                            token);
    }

    /// Takes nothing more, writes what was taken, and ends the Writer; what has not ended after
    /// `timeout` is given up. Default: WriterConfig::delivery_timeout. A commit that is under way
    /// is waited for; a transaction that is open is aborted, and its records end with
    /// operation_aborted.
    /// Signature: `void(std::error_code)`. Errors: errc::delivery_timed_out (something was given
    /// up), operation_aborted (it goes on all the same).
    template <class CompletionToken>
    auto async_close(std::chrono::milliseconds timeout, CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(std::error_code)>(InitiateClose{this},
                                                                            token, timeout);
    }
    template <class CompletionToken>
    auto async_close(CompletionToken&& token) {
        return async_close(config().delivery_timeout, std::forward<CompletionToken>(token));
    }

    /// Drops what was taken and is in no request: it ends with operation_aborted, or
    /// errc::outcome_unknown if an earlier try of it may be stored. An open transaction that loses
    /// records so has failed.
    void abort_buffered();

    // Transactions. Cancellation of these: `terminal` and `partial` stop waiting, with
    // asio::error::operation_aborted; the operation goes on, and the next one runs after it. What
    // has not begun, behind another, is taken back; `total` does only that. Their errors: those of
    // the list above, errc::request_timed_out, errc::connection_closed; the options' diagnostics
    // have the reason.

    /// The first of all: gets the producer's id from the cluster, aborts what an earlier Writer of
    /// this transactional id has left open, and fences that. It waits for the end of a transaction
    /// that is being committed. Time: WriterConfig::max_block; after errc::request_timed_out it may
    /// be called again. broker_errc::transactional_id_authorization_failed,
    /// invalid_transaction_timeout and their like are final. A second time: errc::wrong_state.
    /// Signature: `void(std::error_code)`.
    template <class CompletionToken>
    auto async_init_transactions(CompletionToken&& token) {
        return async_init_transactions({}, std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_init_transactions(TransactionOptions options, CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(std::error_code)>(
            InitiateTransaction{this}, token, TransactionStep::init, options);
    }

    /// From here on records are taken, and belong to the transaction. Asks nobody, unless a new
    /// epoch is needed first. Time: WriterConfig::max_block.
    /// Signature: `void(std::error_code)`. Errors: errc::wrong_state (one is open, or
    /// async_init_transactions() is missing), errc::transaction_failed (the last one was not
    /// aborted).
    template <class CompletionToken>
    auto async_begin_transaction(CompletionToken&& token) {
        return async_begin_transaction({}, std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_begin_transaction(TransactionOptions options, CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(std::error_code)>(
            InitiateTransaction{this}, token, TransactionStep::begin, options);
    }

    /// Takes no more records, waits until all that were taken, or wait for room, are acknowledged,
    /// and commits. Success: the transaction is committed. If a record failed, it is not:
    /// errc::transaction_failed. Time: WriterConfig::delivery_timeout, since it writes first; when
    /// it is over before the commit was sent, the transaction has failed, otherwise its outcome is
    /// unknown.
    /// Signature: `void(std::error_code)`. Errors: errc::transaction_failed, errc::outcome_unknown,
    /// errc::no_transaction. Cancelled: nobody is told what becomes of it.
    template <class CompletionToken>
    auto async_commit_transaction(CompletionToken&& token) {
        return async_commit_transaction({}, std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_commit_transaction(TransactionOptions options, CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(std::error_code)>(
            InitiateTransaction{this}, token, TransactionStep::commit, options);
    }

    /// Drops the records that are in no request, which end with operation_aborted, waits for the
    /// others, and aborts. Time: WriterConfig::delivery_timeout; after errc::request_timed_out the
    /// transaction is over all the same: the next begin waits until the cluster has confirmed it.
    /// Signature: `void(std::error_code)`. Errors: errc::no_transaction.
    template <class CompletionToken>
    auto async_abort_transaction(CompletionToken&& token) {
        return async_abort_transaction({}, std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_abort_transaction(TransactionOptions options, CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(std::error_code)>(
            InitiateTransaction{this}, token, TransactionStep::abort, options);
    }

    /// Has the group's offsets committed with the transaction, if it is committed. They must not be
    /// committed in another way as well. A member that is one no more is refused (KIP-447), which
    /// fails the transaction. Time: WriterConfig::max_block; when it is over the transaction has
    /// failed.
    /// Signature: `void(std::error_code)`. Errors: errc::transaction_failed, errc::no_transaction,
    /// errc::invalid_argument (no group, a negative offset, a partition twice).
    template <class CompletionToken>
    auto async_send_offsets_to_transaction(std::vector<GroupOffset> offsets, GroupMetadata group,
                                           CompletionToken&& token) {
        return async_send_offsets_to_transaction(std::move(offsets), std::move(group), {},
                                                 std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_send_offsets_to_transaction(std::vector<GroupOffset> offsets, GroupMetadata group,
                                           TransactionOptions options, CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(std::error_code)>(
            InitiateOffsets{this}, token, std::move(offsets), std::move(group), options);
    }

    /// Cumulative counts since the creation. Can be read at any time on any thread.
    [[nodiscard]] WriterStats stats() const;
    [[nodiscard]] const WriterConfig& config() const noexcept;

private:
    friend class blocking::Writer;
    template <class Object, auto Start, class Signature>
    friend struct detail::Initiate;

    void start_messages(std::span<const Message> messages,
                        detail::any_handler<void(std::error_code, WriteResults)> handler);
    void start_write(const Record& record, std::uint64_t cookie,
                     detail::any_handler<void(std::error_code)> handler);
    void start_batch(std::string_view topic, std::int32_t partition, const Slice& batch,
                     detail::any_handler<void(std::error_code, WriteResults)> handler);
    void start_flush(detail::any_handler<void(std::error_code)> handler);
    void start_close(std::chrono::milliseconds timeout,
                     detail::any_handler<void(std::error_code)> handler);
    enum class TransactionStep : std::uint8_t { init, begin, commit, abort };
    void start_transaction(TransactionStep step, const TransactionOptions& options,
                           detail::any_handler<void(std::error_code)> handler);
    void start_offsets(const std::vector<GroupOffset>& offsets, GroupMetadata group,
                       const TransactionOptions& options,
                       detail::any_handler<void(std::error_code)> handler);

    using InitiateMessages =
        detail::Initiate<Writer, &Writer::start_messages, void(std::error_code, WriteResults)>;
    using InitiateBatch =
        detail::Initiate<Writer, &Writer::start_batch, void(std::error_code, WriteResults)>;
    using InitiateWrite = detail::Initiate<Writer, &Writer::start_write, void(std::error_code)>;
    using InitiateFlush = detail::Initiate<Writer, &Writer::start_flush, void(std::error_code)>;
    using InitiateClose = detail::Initiate<Writer, &Writer::start_close, void(std::error_code)>;
    using InitiateTransaction =
        detail::Initiate<Writer, &Writer::start_transaction, void(std::error_code)>;
    using InitiateOffsets = detail::Initiate<Writer, &Writer::start_offsets, void(std::error_code)>;

    executor_type executor_;
    std::unique_ptr<Client> own_client_;
    std::shared_ptr<client::WriterImpl> impl_;
};

}  // namespace kafka
