// SPDX-License-Identifier: Apache-2.0
// Clients for the simulation, of the library's own cores: a connection, and a producer on it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/protocol/init_producer_id.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/record_batch_builder.hpp>
#include <kafka/protocol/record_reader.hpp>

#include "core/conn_core.hpp"
#include "core/handshake.hpp"
#include "core/request_frame.hpp"
#include "core/versions.hpp"
#include "testing/simulation.hpp"

namespace kafka::testing {

/// One connection: ConnCore and Handshake over a stream of the simulation.
class SimConn : public SimulatedClient {
public:
    using OnOpen = std::function<void(Failure)>;
    using Done = std::function<void(const core::Completion&)>;

    /// `expected`: the cluster and the node to be checked with the broker (KIP-1242).
    SimConn(Simulation& simulation, const std::string& host, std::uint16_t port, OnOpen on_open,
            const std::optional<std::pair<std::string, std::int32_t>>& expected = {})
        : simulation_(simulation),
          core_(core::ConnLimits{.silence = std::chrono::milliseconds(2000)}),
          handshake_("kafka-asio", "sim"),
          on_open_(std::move(on_open)),
          stream_(simulation.connect(*this, host, port)) {
        if (expected) handshake_.expect(expected->first, expected->second);
    }
    ~SimConn() override {
        simulation_.close(stream_);
        simulation_.forget(*this);
    }

    [[nodiscard]] bool usable() const { return open_ && !core_.failed(); }
    /// Of an open connection.
    [[nodiscard]] const core::VersionTable& versions() const noexcept { return versions_; }
    /// Called once, when an open connection ends by itself.
    void on_end(std::function<void(Failure)> told) { on_end_ = std::move(told); }

    /// `done` is called later, exactly once, while this lives.
    std::uint64_t submit(const protocol::MessageInfo& info, const void* request,
                         std::int16_t version, std::chrono::milliseconds timeout, Done done) {
        core::Outgoing out;
        const auto id = out.id = ++last_id_;
        out.info = &info;
        out.version = version;
        out.deadline = simulation_.now() + timeout;
        REQUIRE(!core::encode_frame(info, request, version, "sim", out.frame));
        done_[id] = std::move(done);
        core_.submit(std::move(out));
        pump();
        return id;
    }
    void cancel(std::uint64_t id) {
        core_.cancel(id);
        pump();
    }

    /// The newest version up to `most`. `done` is called later, exactly once, while this lives.
    template <class R>
    void call(const R& request, std::function<void(Failure, typename R::response_type&)> done,
              std::int16_t most = 12, std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
        const auto version = std::min(most, R::info.stable().max);
        submit(R::info, &request, version, timeout,
               [done = std::move(done), version](const core::Completion& completion) {
                   typename R::response_type response;
                   auto failure = completion.failure;
                   if (!failure) failure = protocol::decode(response, version, completion.body);
                   done(std::move(failure), response);
               });
    }

    void on_connected(StreamId, const std::error_code& error) override {
        if (error) return fail({error, "connect"});
        open();
    }
    void on_bytes(StreamId, std::span<const std::uint8_t> bytes) override {
        while (!bytes.empty() && !core_.failed()) {
            const auto space = core_.read_space();
            const auto count = std::min(space.size(), bytes.size());
            std::copy_n(bytes.begin(), count, space.begin());
            bytes = bytes.subspan(count);
            core_.on_read(count, simulation_.now());
        }
        pump();
    }
    void on_closed(StreamId, const std::error_code& error) override {
        if (error) {
            core_.fail({error, "the connection broke"});
        } else {
            core_.on_eof();
        }
        pump();
    }
    void on_time() override {
        core_.on_time(simulation_.now());
        pump();
    }

private:
    void open() {
        if (handshake_.start() == core::Handshake::Step::send) ask();
    }
    void ask() {
        submit(protocol::ApiVersionsRequest::info, &handshake_.request(), handshake_.version(),
               std::chrono::seconds(5), [this](const core::Completion& completion) {
                   if (completion.failure) return fail(completion.failure);
                   switch (handshake_.resume(completion.body)) {
                       case core::Handshake::Step::send:
                           return ask();
                       case core::Handshake::Step::failed:
                           return fail(handshake_.failure());
                       case core::Handshake::Step::done:
                           versions_ = core::VersionTable(handshake_.take_response());
                           core_.set_open();
                           open_ = true;
                           return std::exchange(on_open_, nullptr)({});
                   }
               });
    }
    void fail(Failure failure) {
        if (auto told = std::exchange(on_open_, nullptr)) told(std::move(failure));
    }
    // A completion may destroy this object.
    void pump() {
        if (std::exchange(pumping_, true)) return;
        const std::weak_ptr<int> alive = alive_;
        for (;;) {
            while (core_.stage(simulation_.now())) {
                std::vector<std::uint8_t> bytes;
                for (const auto piece : core_.pieces())
                    bytes.insert(bytes.end(), piece.begin(), piece.end());
                simulation_.send(stream_, bytes);
                core_.on_written(simulation_.now());
            }
            auto completion = core_.take();
            if (!completion) break;
            const auto at = done_.find(completion->id);
            const auto done = std::move(at->second);
            done_.erase(at);
            done(*completion);
            if (alive.expired()) return;
        }
        pumping_ = false;
        simulation_.wake_at(*this, core_.next_deadline());
        if (open_ && core_.failed())
            if (const auto told = std::exchange(on_end_, nullptr)) told(core_.failure());
    }

    Simulation& simulation_;
    core::ConnCore core_;
    core::Handshake handshake_;
    OnOpen on_open_;
    std::function<void(Failure)> on_end_;
    core::VersionTable versions_;
    std::map<std::uint64_t, Done> done_;
    std::uint64_t last_id_ = 0;
    bool open_ = false;
    bool pumping_ = false;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
    StreamId stream_;
};

/// Writes the numbers 0, 1, ... to one partition, a record at a time, and goes on whatever
/// happens: idempotent, so that each is to be there once.
class SimProducer {
public:
    SimProducer(Simulation& simulation, std::string topic, std::int32_t partition, int count)
        : simulation_(simulation), topic_(std::move(topic)), partition_(partition), count_(count) {
        again();
    }

    [[nodiscard]] bool done() const noexcept { return acked_ == count_; }
    [[nodiscard]] int acked() const noexcept { return acked_; }
    [[nodiscard]] const std::string& fatal() const noexcept { return fatal_; }

private:
    static constexpr auto pause = std::chrono::milliseconds(20);

    // From the start: any broker knows where the leader is.
    void again() {
        if (std::exchange(waiting_, true)) return;
        simulation_.after(pause, [this] {
            waiting_ = false;
            const auto broker = static_cast<std::int32_t>(1 + simulation_.random().next() % 3);
            connect(simulation_.host(broker), simulation_.port(broker), [this] { find_leader(); });
        });
    }
    template <class Next>
    void connect(const std::string& host, std::uint16_t port, Next next) {
        // Never from inside of the old connection's own calls.
        simulation_.after(std::chrono::milliseconds(0), [this, host, port, next] {
            conn_ = std::make_unique<SimConn>(
                simulation_, host, port,
                [this, next](const Failure& failure) { failure ? again() : next(); });
        });
    }
    void find_leader() {
        protocol::MetadataRequest request;
        request.topics.emplace().emplace_back().name = topic_;
        conn_->call<protocol::MetadataRequest>(
            request, [this](const Failure& failure, protocol::MetadataResponse& response) {
                if (failure || response.topics.empty()) return again();
                for (const auto& partition : response.topics[0].partitions) {
                    if (partition.partition_index != partition_) continue;
                    for (const auto& broker : response.brokers) {
                        if (broker.node_id != partition.leader_id) continue;
                        return connect(broker.host, static_cast<std::uint16_t>(broker.port),
                                       [this] { next(); });
                    }
                }
                again();
            });
    }
    void next() {
        if (done()) return;
        if (producer_id_ >= 0) return produce();
        protocol::InitProducerIdRequest request;
        request.transactional_id.reset();
        conn_->call<protocol::InitProducerIdRequest>(
            request,
            [this](const Failure& failure, protocol::InitProducerIdResponse& response) {
                if (failure || response.error_code != 0) return again();
                producer_id_ = response.producer_id;
                produce();
            },
            4);
    }
    void produce() {
        const auto value = std::to_string(acked_);
        protocol::RecordBatchBuilder builder;
        const protocol::RecordRef record{.key = {}, .value = value, .headers = {}, .timestamp = 1};
        REQUIRE(builder.append(record));
        const auto sealed = builder.seal(
            {.producer_id = producer_id_, .producer_epoch = 0, .base_sequence = acked_});
        protocol::ProduceRequest request;
        request.acks = -1;
        request.timeout_ms = 1000;
        auto& data = request.topic_data.emplace_back();
        data.name = topic_;
        auto& part = data.partition_data.emplace_back();
        part.index = partition_;
        part.records = Slice::copy_of(sealed);
        conn_->call<protocol::ProduceRequest>(
            request,
            [this](const Failure& failure, protocol::ProduceResponse& response) {
                if (failure || response.responses.empty()) return again();
                const auto& answer = response.responses[0].partition_responses.at(0);
                if (answer.error_code == 0) {
                    ++acked_;
                    return next();
                }
                if (!is_retriable(broker_error(answer.error_code))) {
                    fatal_ = broker_error_name(answer.error_code);
                    return;
                }
                again();
            },
            9, std::chrono::milliseconds(1000));
    }

    Simulation& simulation_;
    std::string topic_;
    std::int32_t partition_;
    int count_;
    int acked_ = 0;
    std::int64_t producer_id_ = -1;
    bool waiting_ = false;
    std::string fatal_;
    std::unique_ptr<SimConn> conn_;
};

/// The values in a partition's log.
inline std::vector<std::string> stored_values(Simulation& simulation, std::string_view topic,
                                              std::int32_t partition) {
    std::vector<std::string> values;
    auto& log = simulation.brokers().cluster().find(topic)->partition(partition)->log;
    for (const auto& batch : log.batches()) {
        protocol::RecordReader reader(log.bytes_of(batch));
        while (const auto* record = reader.next())
            values.emplace_back(record->value.text());
    }
    return values;
}

}  // namespace kafka::testing
