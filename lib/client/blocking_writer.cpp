// SPDX-License-Identifier: Apache-2.0
#include <kafka/blocking/writer.hpp>
#include <kafka/writer.hpp>

#include "client/blocking_wait.hpp"

namespace kafka::blocking {

struct Writer::Impl {
    Impl(ClientConfig client, WriterConfig config, Runtime shared)
        : runtime(std::move(shared)),
          writer(runtime.impl().loop->get_executor(), std::move(client), std::move(config)) {}

    template <class Start>
    void wait(Start start) {
        check_thread(runtime);
        Waiting waiting;
        start(Ending(waiting));
        if (const auto ec = waiting.wait()) throw Error(ec);
    }

    /// Throws the error with the results' detail; `all` then has the results.
    template <class Start>
    WriteResults results(Start start, WriteResults* all) {
        check_thread(runtime);
        Waiting waiting;
        WriteResults own;
        start([ending = Ending(waiting), &own](std::error_code ec, WriteResults each) mutable {
            own = std::move(each);
            ending(ec);
        });
        const auto ec = waiting.wait();
        if (!ec) return own;
        auto detail = own.detail;
        if (all) *all = std::move(own);
        throw Error(ec, {{}, {}, std::move(detail)});
    }

    Runtime runtime;
    kafka::Writer writer;
};

Writer::Writer(ClientConfig client, WriterConfig config, Runtime runtime)
    : impl_(std::make_unique<Impl>(std::move(client), std::move(config), std::move(runtime))) {}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

WriteResults Writer::write_messages(std::span<const Message> messages, WriteResults* results) {
    return impl_->results(
        [&](auto handler) { impl_->writer.async_write_messages(messages, std::move(handler)); },
        results);
}

WriteResults Writer::write_batch(std::string_view topic, std::int32_t partition,
                                 std::span<const std::uint8_t> batch, WriteResults* results) {
    return impl_->results(
        [&](auto handler) {
            impl_->writer.async_write_batch(topic, partition, batch, std::move(handler));
        },
        results);
}

std::error_code Writer::try_write(const Record& record, std::uint64_t cookie, bool more) noexcept {
    return impl_->writer.try_write(record, cookie, more);
}

std::size_t Writer::try_write(std::span<const Record> records, std::uint64_t first_cookie,
                              std::error_code& ec) noexcept {
    return impl_->writer.try_write(records, first_cookie, ec);
}

void Writer::write(const Record& record, std::uint64_t cookie) {
    // Nearly always there is nothing to wait for.
    if (!impl_->writer.try_write(record, cookie)) return;
    impl_->wait(
        [&](auto handler) { impl_->writer.async_write(record, cookie, std::move(handler)); });
}

void Writer::flush() {
    impl_->wait([&](auto handler) { impl_->writer.async_flush(std::move(handler)); });
}

void Writer::close(std::optional<std::chrono::milliseconds> timeout) {
    impl_->wait([&](auto handler) {
        impl_->writer.async_close(timeout.value_or(config().delivery_timeout), std::move(handler));
    });
}

void Writer::abort_buffered() {
    impl_->writer.abort_buffered();
}

void Writer::init_transactions(TransactionOptions options) {
    wait_for(impl_->runtime, options, [&](const TransactionOptions& own, auto handler) {
        impl_->writer.async_init_transactions(own, std::move(handler));
    });
}

void Writer::begin_transaction(TransactionOptions options) {
    wait_for(impl_->runtime, options, [&](const TransactionOptions& own, auto handler) {
        impl_->writer.async_begin_transaction(own, std::move(handler));
    });
}

void Writer::commit_transaction(TransactionOptions options) {
    wait_for(impl_->runtime, options, [&](const TransactionOptions& own, auto handler) {
        impl_->writer.async_commit_transaction(own, std::move(handler));
    });
}

void Writer::abort_transaction(TransactionOptions options) {
    wait_for(impl_->runtime, options, [&](const TransactionOptions& own, auto handler) {
        impl_->writer.async_abort_transaction(own, std::move(handler));
    });
}

void Writer::send_offsets_to_transaction(const std::vector<GroupOffset>& offsets,
                                         const GroupMetadata& group, TransactionOptions options) {
    wait_for(impl_->runtime, options, [&](const TransactionOptions& own, auto handler) {
        impl_->writer.async_send_offsets_to_transaction(offsets, group, own, std::move(handler));
    });
}

WriterStats Writer::stats() const {
    return impl_->writer.stats();
}

const WriterConfig& Writer::config() const noexcept {
    return impl_->writer.config();
}

}  // namespace kafka::blocking
