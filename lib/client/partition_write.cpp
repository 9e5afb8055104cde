// SPDX-License-Identifier: Apache-2.0
// PartitionCore: writing.
#include <algorithm>

#include <kafka/codec.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/record_batch_builder.hpp>

#include "base/escape.hpp"
#include "client/partition_operation.hpp"

namespace kafka::client {
namespace {

using protocol::ProduceRequest;
using protocol::ProduceResponse;
using std::chrono::milliseconds;

constexpr std::int16_t produce_by_id = 13;  // KIP-516
constexpr std::int16_t produce_zstd = 7;    // KIP-110

std::int64_t now_ms() {
    using std::chrono::system_clock;
    return std::chrono::duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

Failure misplaced(const PartitionCore& core, const Message& message, std::size_t index) {
    const auto which = "message " + std::to_string(index);
    if (!message.topic.empty() && message.topic != core.topic)
        return {errc::invalid_argument, which + " is for topic " + escaped(message.topic, 255) +
                                            ", the connection for " + core.name()};
    if (message.partition >= 0 && message.partition != core.partition)
        return {errc::invalid_argument, which + " is for partition " +
                                            std::to_string(message.partition) +
                                            ", the connection for " + core.name()};
    return {};
}

/// The messages as one record batch.
Result<Slice> encode(const PartitionCore& core, std::span<const Message> messages,
                     const WriteOptions& options) {
    if (!codec::available(options.compression))
        return Failure(errc::unsupported_codec,
                       std::string(to_string(options.compression)) + " was not compiled in");
    protocol::RecordBatchBuilder builder;
    std::vector<protocol::RecordHeaderView> headers;
    const auto now = now_ms();
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto& message = messages[i];
        if (auto failure = misplaced(core, message, i)) return failure;
        headers.clear();
        for (const auto& header : message.headers)
            headers.push_back({header.key, header.value.view()});
        const protocol::RecordRef record{
            .key = message.key.view(),
            .value = message.value.view(),
            .headers = headers,
            .timestamp = message.timestamp ? message.timestamp->time_since_epoch().count() : now};
        if (record.timestamp < 0)
            return Failure(errc::invalid_argument,
                           "message " + std::to_string(i) + " has a timestamp before 1970");
        if (!builder.append(record))
            return Failure(errc::invalid_argument,
                           "message " + std::to_string(i) +
                               " does not fit: a record batch is smaller than 2 GiB");
    }
    if (options.compression == Compression::none) {
        (void)builder.seal({});
        return std::move(builder).take().release();
    }
    ByteBuffer out;
    auto sealed = builder.seal_into(out, {}, options.compression, codec::compress, options.level);
    if (!sealed) return sealed.take_failure();
    return std::move(out).release();
}

class Write final : public PartitionOperation<WriteResult> {
public:
    Write(std::shared_ptr<PartitionCore> core, Result<Slice> batch, const WriteOptions& options,
          RequiredAcks acks, Handler handler)
        : PartitionOperation(core, core->write_end(options.timeout), options.diagnostics,
                             std::move(handler)),
          batch_(std::move(batch)),
          options_(options),
          acks_(acks) {}

private:
    void run() override {
        if (!batch_) return PartitionOperation::fail(batch_.take_failure());
        if (batch_->empty()) return finish({.partition = core_->partition});
        if (refuse_to_go_on()) return;
        with_version(ProduceRequest::info, produce_by_id,
                     [this](std::optional<std::int16_t> version) { send(version); });
    }

    void send(std::optional<std::int16_t> version) {
        if (options_.compression == Compression::zstd && version && *version < produce_zstd)
            return refuse(ProduceRequest::info, *version,
                          {errc::unsupported_version,
                           "zstd needs Produce v7, which the broker does not have (KIP-110)"});
        ProduceRequest request;
        request.acks = static_cast<std::int16_t>(acks_);
        request.timeout_ms = static_cast<std::int32_t>(brokers_share(left()).count());
        auto& topic = request.topic_data.emplace_back();
        topic.name = core_->topic;
        topic.topic_id = core_->topic_id().value_or(Uuid());
        auto& data = topic.partition_data.emplace_back();
        data.index = core_->partition;
        data.records = *batch_;
        has_effect();
        call(*core_->session, request, version, false,
             [this, version](const std::error_code& ec, const ProduceResponse& response) {
                 if (ec) return fail(ec);
                 take_answer(*version, response);
             });
    }

    void take_answer(std::int16_t version, const ProduceResponse& response) {
        WriteResult result{.partition = core_->partition, .bytes = batch_->size()};
        if (acks_ == RequiredAcks::none) return finish(result);
        const auto* part = part_of(response.responses, *core_);
        if (!part)
            return refuse(ProduceRequest::info, version,
                          {errc::malformed_message, core_->name() + " is not in the answer"});
        if (part->error_code != 0) return refuse_part(version, response, *part);
        result.base_offset = part->base_offset;
        result.log_start_offset = part->log_start_offset;
        if (part->log_append_time_ms >= 0)
            result.append_time = Timestamp(milliseconds(part->log_append_time_ms));
        finish(result);
    }

    void refuse_part(std::int16_t version, const ProduceResponse& response,
                     const ProduceResponse::PartitionProduceResponse& part) {
        constexpr std::size_t shown = 5;
        auto detail = core_->name();
        if (part.error_message && !part.error_message->empty())
            detail += ": " + escaped(*part.error_message);
        if (options_.record_errors) options_.record_errors->clear();
        for (const auto& row : part.record_errors) {
            const auto said = escaped(row.batch_index_error_message.value_or(""));
            if (options_.record_errors) options_.record_errors->push_back({row.batch_index, said});
            if (&row - part.record_errors.data() >= static_cast<std::ptrdiff_t>(shown)) continue;
            detail += "; message " + std::to_string(row.batch_index);
            if (!said.empty()) detail += ": " + said;
        }
        if (part.record_errors.size() > shown)
            detail += "; and " + std::to_string(part.record_errors.size() - shown) + " more";
        detail += leader_text(part.current_leader, response.node_endpoints);
        refuse(ProduceRequest::info, version, {broker_error(part.error_code), std::move(detail)});
    }

    Result<Slice> batch_;
    const WriteOptions options_;
    const RequiredAcks acks_;
};

}  // namespace

void PartitionCore::write(std::span<const Message> messages, const WriteOptions& options,
                          Handler<WriteResult> handler) {
    Result<Slice> batch =
        messages.empty() ? Result<Slice>(Slice()) : encode(*this, messages, options);
    std::make_shared<Write>(shared_from_this(), std::move(batch), options,
                            options.acks.value_or(required_acks()), std::move(handler))
        ->begin();
}

}  // namespace kafka::client
