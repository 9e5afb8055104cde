// SPDX-License-Identifier: Apache-2.0
#include "stream.hpp"

#include <functional>
#include <map>
#include <thread>
#include <utility>

#include <asio/bind_executor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>

#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/find_coordinator.hpp>
#include <kafka/protocol/list_offsets.hpp>
#include <kafka/protocol/offset_commit.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/record_batch_builder.hpp>

namespace kafka::peer {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;

Slice batch_of(const std::string& value) {
    protocol::RecordBatchBuilder builder{ByteBuffer()};
    (void)builder.append(
        protocol::RecordRef{.value = protocol::BytesView(std::string_view(value))});
    builder.seal({});
    return std::move(builder).take().release();
}

// The first error among the items of a response; 0 if there is none.
std::int16_t error_in(const ListOffsetsResponse& response) {
    for (const auto& topic : response.topics)
        for (const auto& row : topic.partitions)
            if (row.error_code != 0) return row.error_code;
    return 0;
}
std::int16_t error_in(const ProduceResponse& response) {
    for (const auto& topic : response.responses)
        for (const auto& row : topic.partition_responses)
            if (row.error_code != 0) return row.error_code;
    return 0;
}
std::int16_t error_in(const FetchResponse& response) {
    for (const auto& topic : response.responses)
        for (const auto& row : topic.partitions)
            if (row.error_code != 0) return row.error_code;
    return response.error_code;
}
std::int16_t error_in(const OffsetCommitResponse& response) {
    for (const auto& topic : response.topics)
        for (const auto& row : topic.partitions)
            if (row.error_code != 0) return row.error_code;
    return 0;
}
std::int16_t error_in(const FindCoordinatorResponse& response) {
    for (const auto& row : response.coordinators)
        if (row.error_code != 0) return row.error_code;
    return response.error_code;
}

}  // namespace

// One after the other; everything on its strand.
class Caller : public std::enable_shared_from_this<Caller> {
public:
    Caller(Stream& stream, asio::io_context& io, std::size_t number)
        : stream_(stream), number_(number), strand_(asio::make_strand(io)), timer_(strand_) {}

    void start() {
        asio::post(strand_, [self = shared_from_this()] { self->next(); });
    }
    void stop() {
        asio::post(strand_, [self = shared_from_this()] { self->timer_.cancel(); });
    }

private:
    void next() {
        if (stream_.stopping_) {
            --stream_.running_;
            return;
        }
        const auto& options = stream_.options_;
        ++stream_.under_way_;
        const auto turn = turn_++;
        kind_ = options.kinds[(turn + number_) % options.kinds.size()];
        partition_ = static_cast<std::int32_t>((turn + number_) %
                                               static_cast<std::size_t>(options.partitions));
        line_ = {};
        diagnostics_.clear();
        failures_.clear();
        began_ = Clock::now();
        if (kind_ == "produce")
            produce(turn);
        else if (kind_ == "fetch")
            fetch();
        else if (kind_ == "list_offsets")
            list_offsets();
        else if (kind_ == "commit")
            commit();
        else if (kind_ == "find")
            find();
        else
            metadata();
    }

    void produce(std::size_t turn) {
        const auto value =
            stream_.options_.name + "-" + std::to_string(number_) + "-" + std::to_string(turn);
        line_.add("value", value);
        ProduceRequest request;
        request.acks = -1;
        request.timeout_ms = static_cast<std::int32_t>(stream_.options_.deadline.count());
        auto& topic = request.topic_data.emplace_back();
        topic.name = stream_.options_.topic;
        auto& partition = topic.partition_data.emplace_back();
        partition.index = partition_;
        partition.records = batch_of(value);
        send(std::move(request));
    }
    void fetch() {
        FetchRequest request;
        request.max_wait_ms = 100;
        request.min_bytes = 1;
        auto& topic = request.topics.emplace_back();
        topic.topic = stream_.options_.topic;
        auto& partition = topic.partitions.emplace_back();
        partition.partition = partition_;
        partition.partition_max_bytes = 10'000;
        send(std::move(request));
    }
    void list_offsets() {
        ListOffsetsRequest request;
        request.replica_id = -1;
        auto& topic = request.topics.emplace_back();
        topic.name = stream_.options_.topic;
        for (std::int32_t i = 0; i < stream_.options_.partitions; ++i) {
            auto& partition = topic.partitions.emplace_back();
            partition.partition_index = i;
            partition.timestamp = -1;
        }
        send(std::move(request));
    }
    void commit() {
        OffsetCommitRequest request;
        request.group_id = stream_.options_.name + "-" + std::to_string(number_);
        auto& topic = request.topics.emplace_back();
        topic.name = stream_.options_.topic;
        auto& partition = topic.partitions.emplace_back();
        partition.partition_index = partition_;
        partition.committed_offset = 1;
        send(std::move(request));
    }
    void find() {
        FindCoordinatorRequest request;
        request.coordinator_keys = {stream_.options_.name + "-" + std::to_string(number_)};
        send(std::move(request));
    }
    void metadata() {
        stream_.client_.async_metadata(
            {stream_.options_.topic}, options(),
            asio::bind_executor(strand_, [self = shared_from_this()](std::error_code error,
                                                                     Client::Metadata known) {
                const auto* topic = known ? known->topic(self->stream_.options_.topic) : nullptr;
                if (topic) self->line_.add("id", to_string(topic->id));
                self->done(error, topic ? topic->error : std::int16_t{0});
            }));
    }

    ClientCallOptions options() {
        return {.timeout = stream_.options_.deadline,
                .diagnostics = &diagnostics_,
                .failures = &failures_};
    }

    template <class Request>
    void send(Request request) {
        using Response = typename Request::response_type;
        stream_.client_.async_call(
            std::move(request), options(),
            asio::bind_executor(strand_, [self = shared_from_this()](std::error_code error,
                                                                     const Response& response) {
                if constexpr (std::is_same_v<Response, ProduceResponse>) {
                    for (const auto& topic : response.responses) {
                        self->line_.add("id", to_string(topic.topic_id));
                        for (const auto& row : topic.partition_responses)
                            self->line_.add("offset", row.base_offset);
                    }
                }
                self->done(error, error ? std::int16_t{0} : error_in(response));
            }));
    }

    void done(std::error_code error, std::int16_t item) {
        const auto now = Clock::now();
        --stream_.under_way_;
        JsonLine line = std::move(line_);
        line.add("event", "call").add("kind", kind_).add("caller", number_);
        line.add("partition", partition_).add("at", milliseconds_of(began_));
        line.add("took", now - began_).add("late", now - began_ - stream_.options_.deadline);
        line.add("ok", !error && item == 0);
        if (error)
            line.add("error", diagnostics_.to_string(error)).add("code", error.message());
        else if (item != 0)
            line.add("error", std::string(broker_error_name(item)) +
                                  (failures_.empty() ? "" : ": " + failures_[0].failure.message()))
                .add("code", broker_error_name(item));
        stream_.log_.write(line);
        timer_.expires_after(stream_.stopping_ ? std::chrono::milliseconds(0)
                                               : stream_.options_.pause);
        timer_.async_wait([self = shared_from_this()](std::error_code) { self->next(); });
    }

    Stream& stream_;
    const std::size_t number_;
    asio::strand<asio::io_context::executor_type> strand_;
    asio::steady_timer timer_;
    std::size_t turn_ = 0;
    std::string kind_;
    std::int32_t partition_ = 0;
    Clock::time_point began_;
    JsonLine line_;
    Diagnostics diagnostics_;
    std::vector<BrokerFailure> failures_;
};

Stream::Stream(Runtime& runtime, Client& client, StreamOptions options, EventLog& log)
    : client_(client), options_(std::move(options)), log_(log) {
    for (std::size_t i = 0; i < options_.callers; ++i)
        callers_.push_back(std::make_shared<Caller>(*this, runtime.io, i));
}

Stream::~Stream() = default;

void Stream::start() {
    running_ = static_cast<int>(callers_.size());
    for (const auto& caller : callers_)
        caller->start();
}

void Stream::stop() {
    stopping_ = true;
    for (const auto& caller : callers_)
        caller->stop();
}

bool Stream::wait(std::chrono::milliseconds limit) {
    const auto end = Clock::now() + limit;
    while (running_ > 0 && Clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return running_ == 0;
}

}  // namespace kafka::peer
