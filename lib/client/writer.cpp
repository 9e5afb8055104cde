// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <kafka/blocking/error.hpp>
#include <kafka/writer.hpp>

#include "client/writer/writer_impl.hpp"
#include "client/writer/writer_transactions.hpp"
#include "io/cluster_driver.hpp"

namespace kafka {
namespace {

WriterConfig checked(WriterConfig config) {
    if (auto failure = check_writer_config(config))
        throw Error(failure.code, {{}, {}, std::move(failure.detail)});
    return config;
}

ClientConfig own_client(ClientConfig client, const WriterConfig& config) {
    client.auto_create_topics |= config.allow_auto_topic_creation;
    return client;
}

}  // namespace

Writer::Writer(Client& client, WriterConfig config) : executor_(client.get_executor()) {
    if (config.allow_auto_topic_creation && !client.cluster()->config().auto_create_topics)
        throw Error(errc::invalid_argument,
                    {{},
                     {},
                     "allow_auto_topic_creation needs ClientConfig::auto_create_topics of "
                     "the client that is shared"});
    impl_ = client::WriterImpl::make(client.cluster(), checked(std::move(config)));
}

Writer::Writer(executor_type executor, ClientConfig client, WriterConfig config)
    : executor_(executor) {
    auto own = checked(std::move(config));
    own_client_ = std::make_unique<Client>(executor, own_client(std::move(client), own));
    impl_ = client::WriterImpl::make(own_client_->cluster(), std::move(own));
    impl_->own_cluster();
}

Writer::Writer(Writer&&) noexcept = default;

Writer& Writer::operator=(Writer&& other) noexcept {
    Writer old(std::move(*this));
    executor_ = std::move(other.executor_);
    own_client_ = std::move(other.own_client_);
    impl_ = std::move(other.impl_);
    return *this;
}

Writer::~Writer() {
    if (impl_) impl_->forsake();
}

void Writer::start_messages(std::span<const Message> messages,
                            detail::any_handler<void(std::error_code, WriteResults)> handler) {
    impl_->write_messages(messages, std::move(handler));
}

std::error_code Writer::try_write(const Record& record, std::uint64_t cookie, bool more) noexcept {
    return impl_->try_write(record, cookie, more);
}

std::size_t Writer::try_write(std::span<const Record> records, std::uint64_t first_cookie,
                              std::error_code& ec) noexcept {
    return impl_->try_write(records, first_cookie, ec);
}

void Writer::start_write(const Record& record, std::uint64_t cookie,
                         detail::any_handler<void(std::error_code)> handler) {
    impl_->write(record, cookie, std::move(handler));
}

void Writer::start_batch(std::string_view topic, std::int32_t partition, const Slice& batch,
                         detail::any_handler<void(std::error_code, WriteResults)> handler) {
    impl_->write_batch(topic, partition, batch, std::move(handler));
}

void Writer::start_flush(detail::any_handler<void(std::error_code)> handler) {
    impl_->flush(std::move(handler));
}

void Writer::start_close(std::chrono::milliseconds timeout,
                         detail::any_handler<void(std::error_code)> handler) {
    impl_->close(timeout, std::move(handler));
}

void Writer::start_transaction(TransactionStep step, const TransactionOptions& options,
                               detail::any_handler<void(std::error_code)> handler) {
    using Operation = core::TransactionCore::Operation;
    constexpr std::array operations{Operation::init, Operation::begin, Operation::commit,
                                    Operation::abort};
    impl_->transact(operations[static_cast<std::size_t>(step)], options, {}, std::move(handler));
}

void Writer::start_offsets(const std::vector<GroupOffset>& offsets, GroupMetadata group,
                           const TransactionOptions& options,
                           detail::any_handler<void(std::error_code)> handler) {
    impl_->send_offsets(offsets, std::move(group), options, std::move(handler));
}

void Writer::abort_buffered() {
    impl_->abort_buffered();
}

WriterStats Writer::stats() const {
    return impl_->stats();
}

const WriterConfig& Writer::config() const noexcept {
    return impl_->config();
}

}  // namespace kafka
