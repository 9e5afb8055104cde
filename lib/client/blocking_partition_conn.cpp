// SPDX-License-Identifier: Apache-2.0
#include <kafka/blocking/partition_conn.hpp>
#include <kafka/partition_conn.hpp>

#include "client/blocking_conn_impl.hpp"
#include "client/partition_core.hpp"

namespace kafka::blocking {

PartitionConn::PartitionConn(kafka::PartitionConn conn, Runtime runtime)
    : Conn(std::move(runtime), std::move(static_cast<kafka::Conn&>(conn))),
      core_(std::move(conn.core_)) {}

PartitionConn::PartitionConn(Conn conn, std::string topic, std::int32_t partition,
                             BrokerMetadata broker)
    : PartitionConn(kafka::PartitionConn(std::move(conn.impl_->conn), std::move(topic), partition,
                                         std::move(broker)),
                    conn.impl_->runtime) {}
PartitionConn::PartitionConn(PartitionConn&&) noexcept = default;
PartitionConn& PartitionConn::operator=(PartitionConn&&) noexcept = default;
PartitionConn::~PartitionConn() = default;

const std::string& PartitionConn::topic() const noexcept {
    return core_->topic;
}
std::int32_t PartitionConn::partition() const noexcept {
    return core_->partition;
}
const BrokerMetadata& PartitionConn::broker() const noexcept {
    return core_->broker;
}

template <class Out, class Start, class Options, class... Args>
Out PartitionConn::wait(Start start, const Options& options, Args... args) {
    Out out{};
    const auto& runtime = impl_->runtime;
    wait_for(runtime, options, out, [&](const Options& own, auto handler) {
        (*core_.*start)(args..., own,
                        client::PartitionCore::Handler<Out>(std::move(handler),
                                                            runtime.impl().loop->get_executor()));
    });
    return out;
}

Batch PartitionConn::read_batch(const FetchOptions& options) {
    return Batch(wait<kafka::Batch>(&client::PartitionCore::read_batch, options));
}
Message PartitionConn::read_message(const FetchOptions& options) {
    return wait<Message>(&client::PartitionCore::read_message, options);
}
std::size_t PartitionConn::read(std::span<std::uint8_t> buffer, const FetchOptions& options) {
    return wait<std::size_t>(&client::PartitionCore::read, options, buffer);
}

Position PartitionConn::position() const {
    return core_->position->get();
}
std::int64_t PartitionConn::seek(std::int64_t offset, Whence whence, const SeekOptions& options) {
    return wait<std::int64_t>(&client::PartitionCore::seek, options, offset, whence);
}

std::int64_t PartitionConn::first_offset(const OffsetOptions& options) {
    return wait<std::int64_t>(&client::PartitionCore::first_offset, options);
}
std::int64_t PartitionConn::last_offset(const OffsetOptions& options) {
    return wait<std::int64_t>(&client::PartitionCore::last_offset, options);
}
OffsetRange PartitionConn::offsets(const OffsetOptions& options) {
    return wait<OffsetRange>(&client::PartitionCore::offsets, options);
}
std::int64_t PartitionConn::offset_at(Timestamp time, const OffsetOptions& options) {
    return wait<std::int64_t>(&client::PartitionCore::offset_at, options, time);
}

WriteResult PartitionConn::write_messages(const std::vector<Message>& messages,
                                          const WriteOptions& options) {
    return wait<WriteResult>(&client::PartitionCore::write, options,
                             std::span<const Message>(messages));
}
WriteResult PartitionConn::write(Bytes value, const WriteOptions& options) {
    Message one;
    one.value = std::move(value);
    return wait<WriteResult>(&client::PartitionCore::write, options,
                             std::span<const Message>(&one, 1));
}
void PartitionConn::set_required_acks(RequiredAcks acks) noexcept {
    core_->set_required_acks(acks);
}
RequiredAcks PartitionConn::required_acks() const noexcept {
    return core_->required_acks();
}

void PartitionConn::set_deadline(std::chrono::steady_clock::time_point deadline) noexcept {
    core_->set_read_deadline(deadline);
    core_->set_write_deadline(deadline);
}
void PartitionConn::set_read_deadline(std::chrono::steady_clock::time_point deadline) noexcept {
    core_->set_read_deadline(deadline);
}
void PartitionConn::set_write_deadline(std::chrono::steady_clock::time_point deadline) noexcept {
    core_->set_write_deadline(deadline);
}

}  // namespace kafka::blocking
