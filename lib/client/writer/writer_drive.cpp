// SPDX-License-Identifier: Apache-2.0
// WriterImpl: what ProduceCore wants done, over the cluster.
#include <algorithm>
#include <limits>
#include <mutex>
#include <utility>

#include <asio/error.hpp>

#include <kafka/client_call.hpp>
#include <kafka/codec.hpp>
#include <kafka/detail/pending_call.hpp>
#include <kafka/error.hpp>

#include "base/backoff.hpp"
#include "client/writer/writer_impl.hpp"
#include "client/writer/writer_transactions.hpp"
#include "core/split.hpp"
#include "core/versions.hpp"
#include "io/session.hpp"

namespace kafka::client {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds measure_queues_every{100};
constexpr std::int8_t topic_resource = 2;  // of DescribeConfigs
constexpr std::string_view compression_type = "compression.type";

}  // namespace

// A request. It ends when the session has its answer, or reads its bytes no more.
class WriterImpl::ProduceCall final : public detail::PendingCall {
public:
    ProduceCall(std::shared_ptr<WriterImpl> writer, WriteBroker& broker,
                ProduceCore::RequestId request)
        : PendingCall(protocol::ProduceResponse::info, &response_),
          writer_(std::move(writer)),
          broker_(&broker),
          generation_(broker.generation),
          request_(request) {}

    // From inside the session's work, which may be about to close its socket: the core hears of it
    // afterwards.
    void complete(const std::error_code& ec) override {
        writer_->answers_.push_back({broker_,
                                     generation_,
                                     request_,
                                     {ec, std::move(said.detail)},
                                     sent,
                                     std::move(response_)});
        writer_->wake();
    }

    Diagnostics said;

private:
    std::shared_ptr<WriterImpl> writer_;
    WriteBroker* broker_;
    unsigned generation_;
    ProduceCore::RequestId request_;
    protocol::ProduceResponse response_;
};

void WriterImpl::drive(Time now) {
    ProduceCore::Action action;
    for (;;) {
        while (core_.take(action))
            act(action, now);
        if (transactions_ && transactions_->act(now)) continue;
        // Those that failed at once.
        if (answers_.empty()) return;
        take_answers(now);
    }
}

void WriterImpl::act(ProduceCore::Action& action, Time now) {
    if (const auto* request = std::get_if<ProduceCore::SendProduce>(&action)) {
        send(*request, now);
    } else if (const auto* over = std::get_if<ProduceCore::Over>(&action)) {
        auto& batch = static_cast<WriteBatch&>(*over->batch);
        report(batch, over->first, over->count, over->outcome, now);
        if (over->last) ended(batch, now);
    } else if (auto* release = std::get_if<ProduceCore::Release>(&action)) {
        pool_.put(std::unique_ptr<WriteBatch>(static_cast<WriteBatch*>(release->batch.release())));
    } else if (const auto* connection = std::get_if<ProduceCore::WantConnection>(&action)) {
        connect(connection->broker);
    } else if (const auto* wanted = std::get_if<ProduceCore::WantMetadata>(&action)) {
        auto& topic = *by_index_[wanted->topic];
        topic.core_asks = true;
        if (!topic.asking) ask_topic(topic);
    } else if (std::holds_alternative<ProduceCore::WantProducerId>(action)) {
        ask_producer_id();
    } else if (const auto* note = std::get_if<ProduceCore::Note>(&action)) {
        log(note->level, note->message, note->detail);
    }
}

// Brokers.

WriteBroker& WriterImpl::broker_of(std::int32_t id) {
    auto& broker = brokers_[id];
    if (!broker) broker = std::make_unique<WriteBroker>(id);
    return *broker;
}

void WriterImpl::connect(std::int32_t id) {
    static_cast<void>(broker_of(id));
    cluster_->lease({id, ConnPurpose::produce, 0},
                    core::after(Clock::now(), config_.request_timeout),
                    [weak = weak_from_this(), id](Failure failure, io::Cluster::Lease lease) {
                        const auto self = weak.lock();
                        if (!self || self->state_.load() == State::closed) return;
                        auto& broker = self->broker_of(id);
                        const auto now = Clock::now();
                        if (failure) {
                            self->core_.on_disconnected(id, failure, now);
                        } else {
                            broker.lease = std::move(lease);
                            broker.late = false;
                            self->core_.on_connected(id, now);
                        }
                        self->run();
                    });
}

void WriterImpl::send(const ProduceCore::SendProduce& action, Time now) {
    auto& broker = broker_of(action.broker);
    const auto fail = [&](Failure failure) {
        answers_.push_back(
            {&broker, broker.generation, action.request, std::move(failure), false, {}});
    };
    const auto session = broker.lease.session();
    if (!session || !session->open())
        return fail({errc::connection_lost, "before the request was sent"});
    const auto& info = protocol::ProduceRequest::info;
    const auto version = core::choose_version(info, session->peer()->table);
    if (!version) return fail(version.failure());
    auto call = std::make_unique<ProduceCall>(shared_from_this(), broker, action.request);
    CallOptions options;
    options.version = std::min(*version, action.newest_version);
    // What is late has its connection closed, so that its bytes are not read any more.
    options.timeout = milliseconds::max();
    options.diagnostics = &call->said;
    broker.out.push_back({action.request, now});
    broker.in_flight.store(static_cast<unsigned>(broker.out.size()), std::memory_order_relaxed);
    broker.last_send.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    session->call(info, action.message, options, std::move(call));
}

void WriterImpl::lost(WriteBroker& broker, const Failure& failure, Time now) {
    ++broker.generation;
    broker.lease.release();
    core_.on_disconnected(broker.id, failure, now);
}

void WriterImpl::look_after_brokers(Time now) {
    for (const auto& [id, broker] : brokers_) {
        if (!broker->lease) continue;
        if (broker->out.empty()) {
            // An idle one has ended: better known before a request is made for it.
            if (!broker->lease->open()) lost(*broker, {errc::connection_lost, "while idle"}, now);
        } else if (!broker->late && broker->out.front().sent + config_.request_timeout <= now) {
            broker->late = true;
            broker->lease->close();
        }
    }
    if (measure_at_ > now) return;
    measure_at_ = now + measure_queues_every;
    std::erase_if(measured_, [this](WriteTopic* topic) {
        topic->measured = update_balancer(*topic);
        return !topic->measured;
    });
}

void WriterImpl::take_answers(Time now) {
    if (answers_.empty()) return;
    std::swap(answers_, taken_answers_);
    for (auto& answer : taken_answers_) {
        auto& broker = *answer.broker;
        if (!answer.failure) continue;
        if (broker.late && answer.sent && answer.failure.code == errc::connection_closed)
            answer.failure = {errc::request_timed_out,
                              "no answer within request_timeout (" +
                                  std::to_string(config_.request_timeout.count()) + " ms)"};
        if (answer.generation == broker.generation && broker.lease && !broker.lease->open())
            lost(broker, answer.failure, now);
    }
    for (auto& answer : taken_answers_) {
        auto& broker = *answer.broker;
        for (std::size_t i = 0; i < broker.out.size(); ++i) {
            if (broker.out[i].request != answer.request) continue;
            if (!answer.failure) {
                const std::lock_guard lock(stats_mutex_);
                stats_.request_time.add(static_cast<std::uint64_t>(
                    std::chrono::duration_cast<std::chrono::microseconds>(now - broker.out[i].sent)
                        .count()));
            }
            for (; i > 0; --i)
                broker.out[i] = broker.out[i - 1];
            broker.out.pop_front();
            break;
        }
        broker.in_flight.store(static_cast<unsigned>(broker.out.size()), std::memory_order_relaxed);
        if (answer.failure) {
            core_.on_failed(answer.request, answer.failure, answer.sent, now);
            continue;
        }
        // KIP-951.
        std::vector<core::LeaderHint> hints;
        for (const auto& topic : answer.response.responses)
            for (const auto& row : topic.partition_responses)
                if (row.error_code != 0 && row.current_leader.leader_id >= 0)
                    hints.push_back({topic.name, topic.topic_id, row.index,
                                     row.current_leader.leader_id,
                                     row.current_leader.leader_epoch});
        if (!hints.empty()) {
            std::vector<BrokerMetadata> endpoints;
            for (const auto& node : answer.response.node_endpoints)
                endpoints.push_back(
                    {node.node_id, node.host, static_cast<std::uint16_t>(node.port), node.rack});
            cluster_->apply_hints(hints, endpoints);
        }
        core_.on_response(answer.request, answer.response, now);
    }
    taken_answers_.clear();
}

void WriterImpl::ask_producer_id() {
    protocol::InitProducerIdRequest request;
    request.transactional_id = std::nullopt;
    request.transaction_timeout_ms = std::numeric_limits<std::int32_t>::max();
    ClientCallOptions options;
    options.timeout = config_.request_timeout;
    auto said = std::make_shared<Diagnostics>();
    options.diagnostics = said.get();
    cluster_->call(
        detail::call_type_of<protocol::InitProducerIdRequest>,
        std::make_shared<const protocol::InitProducerIdRequest>(std::move(request)), options,
        detail::make_call<protocol::InitProducerIdResponse>(
            [weak = weak_from_this(), said](std::error_code ec,
                                            const protocol::InitProducerIdResponse& response) {
                const auto self = weak.lock();
                if (!self) return;
                const auto now = Clock::now();
                if (ec)
                    self->core_.on_no_producer_id({ec, "InitProducerId: " + said->detail}, now);
                else if (response.error_code != 0)
                    self->core_.on_no_producer_id(
                        {broker_error(response.error_code), "InitProducerId"}, now);
                else
                    self->core_.on_producer_id({response.producer_id, response.producer_epoch},
                                               now);
                self->run();
            },
            asio::any_io_executor(strand_)));
}

// Topics.

void WriterImpl::ask_topic(WriteTopic& topic) {
    topic.ask_at = core::never;
    if (std::exchange(topic.asking, true)) return;
    ClientCallOptions options;
    options.timeout = config_.request_timeout;
    auto said = std::make_shared<Diagnostics>();
    options.diagnostics = said.get();
    cluster_->refresh_metadata(
        {topic.name}, options,
        {[weak = weak_from_this(), &topic, said](std::error_code ec,
                                                 const std::shared_ptr<const ClusterMetadata>&) {
             const auto self = weak.lock();
             if (!self || self->state_.load() == State::closed) return;
             self->on_topic(topic, {ec, std::move(said->detail)});
             self->wake();  // once for many that come together
         },
         asio::any_io_executor(strand_)});
}

// Those whose pause is over.
void WriterImpl::ask_topics(Time now) {
    ask_at_ = core::never;
    for (auto* topic : by_index_) {
        if (!topic) continue;
        if (topic->ask_at <= now)
            ask_topic(*topic);
        else
            ask_at_ = std::min(ask_at_, topic->ask_at);
    }
}

void WriterImpl::on_topic(WriteTopic& topic, const Failure& failure) {
    const auto now = Clock::now();
    topic.asking = false;
    if (failure)
        no_topic(topic, failure, now);
    else
        take_topic(topic, now);
}

void WriterImpl::take_topic(WriteTopic& topic, Time now) {
    const auto data = cluster_->topic(topic.name);
    if (!data || (data->error == 0 && data->partitions.empty()))
        return no_topic(
            topic, {broker_errc::unknown_topic_or_partition, "topic '" + topic.name + "'"}, now);
    if (data->error != 0)
        return no_topic(topic, {broker_error(data->error), "topic '" + topic.name + "'"}, now);
    if (!topic.seen) cluster_->hold_topic(topic.name);
    topic.seen = data;
    try_all_waiting_ = true;
    if (transactions_) transactions_->name_topic(topic.index, topic.name);
    topic.failures = 0;
    topic.ask_at = core::never;
    topic.last = {};
    topic.core_asks = false;
    const auto count = data->partitions.size();
    if (count > topic.partitions.size()) {
        while (topic.partitions.size() < count)
            topic.partitions.push_back(std::make_unique<WritePartition>(
                topic, static_cast<std::int32_t>(topic.partitions.size())));
        auto table = std::make_unique<WriteTopic::Table>();
        for (const auto& one : topic.partitions)
            table->push_back(one.get());
        topic.table.store(table.get(), std::memory_order_release);
        topic.tables.push_back(std::move(table));
    }
    for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
        const auto leader = i < count ? data->partitions[i].leader : -1;
        topic.partitions[i]->leader.store(leader < 0 ? nullptr : &broker_of(leader),
                                          std::memory_order_release);
    }
    static_cast<void>(update_balancer(topic));
    core_.on_leaders(topic.index, *data, now);
    if (config_.topic_compression && !std::exchange(topic.asked_configs, true)) ask_configs(topic);
}

void WriterImpl::ask_configs(WriteTopic& topic) {
    protocol::DescribeConfigsRequest request;
    auto& wanted = request.resources.emplace_back();
    wanted.resource_type = topic_resource;
    wanted.resource_name = topic.name;
    wanted.configuration_keys = {{std::string(compression_type)}};
    ClientCallOptions options;
    options.timeout = config_.request_timeout;
    auto said = std::make_shared<Diagnostics>();
    options.diagnostics = said.get();
    cluster_->call(
        detail::call_type_of<protocol::DescribeConfigsRequest>,
        std::make_shared<const protocol::DescribeConfigsRequest>(std::move(request)), options,
        detail::make_call<protocol::DescribeConfigsResponse>(
            [weak = weak_from_this(), &topic, said](
                std::error_code ec, const protocol::DescribeConfigsResponse& response) {
                const auto self = weak.lock();
                if (!self || self->state_.load() == State::closed) return;
                if (ec)
                    self->log(LogLevel::info, "The topic's compression.type is not known",
                              Failure(ec, said->detail).message());
                else
                    self->take_configs(topic, response);
            },
            asio::any_io_executor(strand_)));
}

void WriterImpl::take_configs(WriteTopic& topic,
                              const protocol::DescribeConfigsResponse& response) {
    for (const auto& result : response.results) {
        if (result.error_code != 0)
            log(LogLevel::info, "The topic's compression.type is not known",
                Failure(broker_error(result.error_code), result.error_message.value_or(""))
                    .message());
        for (const auto& row : result.configs) {
            if (row.name != compression_type || !row.value || *row.value == "producer") continue;
            const auto codec = *row.value == "uncompressed" ? Compression::none
                                                            : compression_from_name(*row.value);
            if (!codec || !codec::available(*codec)) {
                log(LogLevel::warning, "The topic's compression.type is not to be had", *row.value);
                continue;
            }
            topic.compressor = std::make_shared<Compressor>();
            topic.compressor->codec = *codec;
            if (*codec == config_.compression) topic.compressor->level = config_.compression_level;
        }
    }
}

// Tells it of the partitions and their queues. True: something is in those.
bool WriterImpl::update_balancer(WriteTopic& topic) {
    states_.clear();
    bool queued = false;
    const auto& partitions = topic.seen->partitions;
    for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
        const auto& own = *topic.partitions[i];
        const auto waiting = own.in_core + own.sealed_count.load(std::memory_order_relaxed);
        queued |= waiting > 0;
        if (i < partitions.size() && partitions[i].leader >= 0)
            states_.push_back({.partition = own.number, .queued = waiting});
    }
    topic.balancer.update(static_cast<std::int32_t>(partitions.size()), states_);
    return queued;
}

void WriterImpl::no_topic(WriteTopic& topic, const Failure& failure, Time now) {
    topic.last = failure;
    try_all_waiting_ = true;
    if (std::exchange(topic.core_asks, false)) core_.on_no_metadata(topic.index, failure, now);
    const bool hopeless = !is_retriable(failure.code);
    bool wanted = false;
    for (const auto& call : waiting_) {
        if (call->missing != &topic || call->over()) continue;
        if (!hopeless) {
            wanted = true;
            continue;
        }
        call->wait_for({}, nullptr);  // what comes behind may go on
        const auto waits_here = [&] {
            const auto* next = call->next_topic();
            return next && find_topic(*next) == &topic;
        };
        if (transactions_) transactions_->on_refused(failure.code, failure.detail);
        if (call->whole) call->fail_rest(failure.code, failure.message());
        for (; !call->whole && waits_here(); ++call->rest_at)
            call->set(call->rest_place + call->rest_at, {failure.code, -1, -1}, failure.message());
    }
    if (wanted) {
        const Backoff backoff{config_.retry_backoff, config_.retry_backoff_max};
        topic.ask_at = now + std::chrono::ceil<milliseconds>(backoff.delay(++topic.failures, 0.5));
        ask_at_ = std::min(ask_at_, topic.ask_at);
    } else if (!topic.seen) {
        topic.known.store(false, std::memory_order_release);  // whoever writes asks again
    }
}

void WriterImpl::metadata_changed(const io::Cluster::Topics& changed) {
    const auto now = Clock::now();
    for (const auto& data : changed) {
        if (data->error != 0 || data->partitions.empty()) continue;
        // One that want_topic() has numbered.
        auto* topic = topics_by_name_.find(data->name);
        if (topic && topic->index < by_index_.size() && by_index_[topic->index] == topic)
            take_topic(*topic, now);
    }
    wake();
}

}  // namespace kafka::client
