// SPDX-License-Identifier: Apache-2.0
// PartitionCore: reading.
#include <algorithm>

#include <kafka/protocol/fetch.hpp>

#include "client/batch_impl.hpp"
#include "client/partition_operation.hpp"
#include "client/read_turns.hpp"

namespace kafka::client {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::ListOffsetsRequest;
using std::chrono::milliseconds;

constexpr std::int16_t fetch_by_id = 13;  // KIP-516
// A read that goes on until there is a message does not ask more often.
constexpr milliseconds least_wait{50};

Failure check(const FetchOptions& options) {
    if (options.min_bytes < 0) return {errc::invalid_argument, "min_bytes is negative"};
    if (options.max_bytes < 1) return {errc::invalid_argument, "max_bytes is below 1"};
    if (options.min_bytes > options.max_bytes)
        return {errc::invalid_argument, "min_bytes is above max_bytes"};
    if (options.max_wait < milliseconds(0)) return {errc::invalid_argument, "max_wait is negative"};
    return {};
}

/// Fetches from the position. Reads of a connection take turns.
template <class Out>
class Read : public PartitionOperation<Out> {
public:
    using Base = PartitionOperation<Out>;

    Read(std::shared_ptr<PartitionCore> core, const FetchOptions& options,
         typename Base::Handler handler)
        : Base(core, core->read_end(options.timeout), options.diagnostics, std::move(handler)),
          options_(options),
          waiter_(std::make_shared<ReadTurns::Waiter>(this->strand())) {}

protected:
    /// Before anything is asked for: true if that was not needed.
    virtual bool serve_at_once() { return false; }
    virtual void take(Batch batch) = 0;
    [[nodiscard]] virtual milliseconds wait() const { return options_.max_wait; }

    void run() override {
        if (auto failure = check(options_)) return this->fail(std::move(failure));
        if (this->refuse_to_go_on()) return;
        core().turns->take(waiter_);
        if (waiter_->has_turn) return my_turn();
        waiter_->timer.expires_at(this->deadline());
        waiter_->timer.async_wait(this->step([this](const std::error_code&) {
            if (waiter_->has_turn) return my_turn();
            this->fail(Failure(errc::request_timed_out, "the time is over behind another read"));
        }));
    }
    using Base::fail;
    void fail(const std::error_code& ec) override {
        give_turn_back();
        Base::fail(ec);
    }
    void succeed(Out result) {
        give_turn_back();
        this->finish(std::move(result));
    }
    /// With a result beside the error.
    void refuse_with(const std::error_code& ec, Out result) {
        give_turn_back();
        this->end(ec, std::move(result));
    }

    void fetch() {
        this->with_version(FetchRequest::info, fetch_by_id,
                           [this](std::optional<std::int16_t> version) { from_position(version); });
    }
    [[nodiscard]] PartitionCore& core() noexcept { return *this->core_; }
    [[nodiscard]] std::uint64_t turn() const noexcept { return turn_; }

private:
    void my_turn() {
        if (!serve_at_once()) fetch();
    }
    void give_turn_back() { core().turns->give_back(*waiter_); }

    void from_position(std::optional<std::int16_t> version) {
        const auto [number, from] = core().position->begin_turn();
        turn_ = number;
        if (from.whence == Whence::absolute) return ask(version, from.offset);
        // The position is a place still: the broker knows its offset.
        const bool end = from.whence == Whence::end;
        const auto wanted = ask_for_offset(core(), end ? latest_timestamp : earliest_timestamp,
                                           options_.isolation, brokers_share(this->left()));
        this->call(*core().session, wanted, std::nullopt, false,
                   [this, version](const std::error_code& ec,
                                   const protocol::ListOffsetsResponse& response) {
                       if (ec) return fail(ec);
                       const auto offset = offset_in(response, core());
                       if (!offset) return Base::fail(offset.failure());
                       // Unless somebody seeked meanwhile.
                       if (!core().position->move(turn_, *offset)) return from_position(version);
                       ask(version, *offset);
                   });
    }

    void ask(std::optional<std::int16_t> version, std::int64_t offset) {
        FetchRequest request;
        request.max_wait_ms =
            static_cast<std::int32_t>(std::min(wait(), brokers_share(this->left())).count());
        request.min_bytes = options_.min_bytes;
        request.max_bytes = options_.max_bytes;
        request.isolation_level = static_cast<std::int8_t>(options_.isolation);
        auto& topic = request.topics.emplace_back();
        topic.topic = core().topic;
        topic.topic_id = core().topic_id().value_or(Uuid());
        auto& partition = topic.partitions.emplace_back();
        partition.partition = core().partition;
        partition.fetch_offset = offset;
        partition.partition_max_bytes = options_.max_bytes;
        this->call(*core().session, request, version, false,
                   [this, version, offset](const std::error_code& ec, FetchResponse response) {
                       if (ec) return fail(ec);
                       take_answer(*version, offset, response);
                   });
    }

    void take_answer(std::int16_t version, std::int64_t offset, FetchResponse& response) {
        const auto refuse = [&](Failure failure) {
            this->refuse(FetchRequest::info, version, std::move(failure));
        };
        if (response.error_code != 0)
            return refuse({broker_error(response.error_code), core().name()});
        auto* part = part_of(response.responses, core());
        if (!part)
            return refuse({errc::malformed_message, core().name() + " is not in the answer"});
        if (part->error_code != 0) {
            auto detail = core().name() + ", offset " + std::to_string(offset);
            if (part->log_start_offset >= 0)
                detail += ": the log begins at " + std::to_string(part->log_start_offset);
            if (part->high_watermark >= 0)
                detail += " and ends at " + std::to_string(part->high_watermark);
            detail += leader_text(part->current_leader, response.node_endpoints);
            return refuse({broker_error(part->error_code), std::move(detail)});
        }
        this->name_answer(*core().session, FetchRequest::info, version);
        take(Batch(std::make_unique<Batch::Impl>(core().topic, std::move(*part), offset,
                                                 response.throttle_time_ms, options_,
                                                 core().position, turn_)));
    }

    const FetchOptions options_;
    const std::shared_ptr<ReadTurns::Waiter> waiter_;
    std::uint64_t turn_ = 0;
};

class ReadBatch final : public Read<Batch> {
public:
    using Read<Batch>::Read;

private:
    void take(Batch batch) override { succeed(std::move(batch)); }
};

/// Takes one message from what is there, and fetches until there is one.
template <class Out>
class ReadOne : public Read<Out> {
public:
    using Read<Out>::Read;

protected:
    /// Ends the operation, and returns true, if there is a message.
    virtual bool take_one(Batch& batch) = 0;

private:
    bool serve_at_once() override {
        auto& core = this->core();
        if (!core.position->current(core.rest_turn)) {
            core.rest = {};
            return false;
        }
        return try_rest();
    }
    void take(Batch batch) override {
        this->core().rest = std::move(batch);
        this->core().rest_turn = this->turn();
        if (!try_rest()) this->fetch();
    }
    bool try_rest() {
        auto& rest = this->core().rest;
        if (take_one(rest)) return true;
        const auto failure = rest.failure();
        rest = {};
        if (!failure) return false;
        this->fail(Failure(failure.code, this->core().name() + ": " + failure.detail));
        return true;
    }
    milliseconds wait() const override { return std::max(Read<Out>::wait(), least_wait); }
};

class ReadMessage final : public ReadOne<Message> {
public:
    using ReadOne<Message>::ReadOne;

private:
    bool take_one(Batch& batch) override {
        auto message = batch.read_message();
        if (message) succeed(*std::move(message));
        return message.has_value();
    }
};

class ReadValue final : public ReadOne<std::size_t> {
public:
    ReadValue(std::shared_ptr<PartitionCore> core, std::span<std::uint8_t> buffer,
              const FetchOptions& options, Base::Handler handler)
        : ReadOne(std::move(core), options, std::move(handler)), buffer_(buffer) {}

private:
    bool take_one(Batch& batch) override {
        const auto size = batch.read(buffer_);
        if (!size) return false;
        if (*size <= buffer_.size()) {
            succeed(*size);
        } else {
            this->diagnostics_.detail = "the value has " + std::to_string(*size) +
                                        " bytes, the buffer " + std::to_string(buffer_.size());
            refuse_with(std::make_error_code(std::errc::no_buffer_space), *size);
        }
        return true;
    }

    std::span<std::uint8_t> buffer_;
};

}  // namespace

void PartitionCore::read_batch(const FetchOptions& options, Handler<Batch> handler) {
    std::make_shared<ReadBatch>(shared_from_this(), options, std::move(handler))->begin();
}
void PartitionCore::read_message(const FetchOptions& options, Handler<Message> handler) {
    std::make_shared<ReadMessage>(shared_from_this(), options, std::move(handler))->begin();
}
void PartitionCore::read(std::span<std::uint8_t> buffer, const FetchOptions& options,
                         Handler<std::size_t> handler) {
    std::make_shared<ReadValue>(shared_from_this(), buffer, options, std::move(handler))->begin();
}

}  // namespace kafka::client
