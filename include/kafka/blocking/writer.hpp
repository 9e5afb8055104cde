// SPDX-License-Identifier: Apache-2.0
// blocking::Writer: kafka::Writer for programs without an event loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include <kafka/blocking/error.hpp>
#include <kafka/blocking/runtime.hpp>
#include <kafka/client_config.hpp>
#include <kafka/export.hpp>
#include <kafka/group_offsets.hpp>
#include <kafka/message.hpp>
#include <kafka/writer_config.hpp>
#include <kafka/writer_stats.hpp>

namespace kafka::blocking {

/// Writes records to one topic or many; see kafka::Writer for what the members do. Several threads
/// may write at once; all members are thread-safe, except construction, destruction, assignment and
/// moving. Failures are thrown as kafka::Error. WriterConfig::on_records and the log sink run on
/// the runtime's thread, where only try_write(), abort_buffered() and stats() may be called.
class KAFKA_API Writer {
public:
    /// With a runtime of its own, or one shared with other objects. Throws Error, as kafka::Writer.
    Writer(ClientConfig client, WriterConfig config, Runtime runtime = {});
    Writer(Writer&&) noexcept;
    Writer& operator=(Writer&&) noexcept;
    /// Does not wait: close() first.
    ~Writer();

    /// Waits until all of them have ended. Throws Error with the error of the first one that
    /// failed; `results`, if given, then has those of all.
    WriteResults write_messages(std::span<const Message> messages, WriteResults* results = nullptr);
    /// Waits until all records of a batch that was made elsewhere have ended: as
    /// kafka::Writer::async_write_batch(). Throws Error; `results` as above.
    WriteResults write_batch(std::string_view topic, std::int32_t partition,
                             std::span<const std::uint8_t> batch, WriteResults* results = nullptr);
    /// As in kafka::Writer.
    [[nodiscard]] std::error_code try_write(const Record& record, std::uint64_t cookie = 0,
                                            bool more = false) noexcept;
    [[nodiscard]] std::size_t try_write(std::span<const Record> records, std::uint64_t first_cookie,
                                        std::error_code& ec) noexcept;
    /// Waits (at most for WriterConfig::max_block) until the record was taken. Throws Error.
    void write(const Record& record, std::uint64_t cookie = 0);
    /// Waits until all that was taken has ended. Throws Error.
    void flush();
    /// Writes what was taken and ends the Writer. Throws Error (errc::delivery_timed_out) if
    /// something was given up. Default: WriterConfig::delivery_timeout.
    void close(std::optional<std::chrono::milliseconds> timeout = std::nullopt);
    void abort_buffered();

    // Transactions, as in kafka::Writer. They throw Error; its code() says what can be done now.
    void init_transactions(TransactionOptions options = {});
    void begin_transaction(TransactionOptions options = {});
    void commit_transaction(TransactionOptions options = {});
    void abort_transaction(TransactionOptions options = {});
    void send_offsets_to_transaction(const std::vector<GroupOffset>& offsets,
                                     const GroupMetadata& group, TransactionOptions options = {});

    [[nodiscard]] WriterStats stats() const;
    [[nodiscard]] const WriterConfig& config() const noexcept;

private:
    struct KAFKA_LOCAL Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace kafka::blocking
