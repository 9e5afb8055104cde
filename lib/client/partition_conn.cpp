// SPDX-License-Identifier: Apache-2.0
#include <kafka/partition_conn.hpp>

#include "client/partition_core.hpp"

namespace kafka {

PartitionConn::PartitionConn(Conn conn, std::string topic, std::int32_t partition,
                             BrokerMetadata broker)
    : Conn(std::move(conn)),
      core_(std::make_shared<client::PartitionCore>(session_, request_timeout_, std::move(topic),
                                                    partition, std::move(broker))) {}
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
Position PartitionConn::position() const {
    return core_->position->get();
}

void PartitionConn::start_read_batch(const FetchOptions& options, Handler<Batch> handler) {
    core_->read_batch(options, std::move(handler));
}
void PartitionConn::start_read_message(const FetchOptions& options, Handler<Message> handler) {
    core_->read_message(options, std::move(handler));
}
void PartitionConn::start_read(std::span<std::uint8_t> buffer, const FetchOptions& options,
                               Handler<std::size_t> handler) {
    core_->read(buffer, options, std::move(handler));
}
void PartitionConn::start_seek(std::int64_t offset, Whence whence, const SeekOptions& options,
                               Handler<std::int64_t> handler) {
    core_->seek(offset, whence, options, std::move(handler));
}
void PartitionConn::start_first_offset(const OffsetOptions& options,
                                       Handler<std::int64_t> handler) {
    core_->first_offset(options, std::move(handler));
}
void PartitionConn::start_last_offset(const OffsetOptions& options, Handler<std::int64_t> handler) {
    core_->last_offset(options, std::move(handler));
}
void PartitionConn::start_offsets(const OffsetOptions& options, Handler<OffsetRange> handler) {
    core_->offsets(options, std::move(handler));
}
void PartitionConn::start_offset_at(Timestamp time, const OffsetOptions& options,
                                    Handler<std::int64_t> handler) {
    core_->offset_at(time, options, std::move(handler));
}
void PartitionConn::start_write(const std::vector<Message>& messages, const WriteOptions& options,
                                Handler<WriteResult> handler) {
    core_->write(messages, options, std::move(handler));
}
void PartitionConn::start_write_value(Bytes value, const WriteOptions& options,
                                      Handler<WriteResult> handler) {
    Message message;
    message.value = std::move(value);
    core_->write({&message, 1}, options, std::move(handler));
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

}  // namespace kafka
