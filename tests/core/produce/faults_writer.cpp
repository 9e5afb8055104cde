// SPDX-License-Identifier: Apache-2.0
#include "core/produce/faults_writer.hpp"

#include <algorithm>
#include <limits>

#include <kafka/protocol/find_coordinator.hpp>

#include "base/crc32c.hpp"

namespace kafka::core::produce_faults {
namespace {

/// A core that has something to do this often without time passing never ends.
constexpr unsigned most_runs_at_once = 5'000;
constexpr std::int8_t group_key = 0, transaction_key = 1;

std::vector<std::uint32_t> checksums_of(const protocol::ProduceRequest& message) {
    std::vector<std::uint32_t> all;
    for (const auto& topic : message.topic_data)
        for (const auto& one : topic.partition_data)
            all.push_back(crc32c(one.records.bytes()));
    return all;
}

std::string coordinator_key(const TransactionCore::Request& request) {
    if (const auto* offsets = std::get_if<protocol::TxnOffsetCommitRequest>(&request))
        return "g" + offsets->group_id;
    return "t";
}

/// The first error in an answer.
std::int16_t code_of(const TransactionCore::Response& response) {
    struct Visitor {
        std::int16_t operator()(const protocol::InitProducerIdResponse& one) const {
            return one.error_code;
        }
        std::int16_t operator()(const protocol::AddPartitionsToTxnResponse& one) const {
            for (const auto& topic : one.results_by_topic_v3_and_below)
                for (const auto& row : topic.results_by_partition)
                    if (row.partition_error_code != 0) return row.partition_error_code;
            return 0;
        }
        std::int16_t operator()(const protocol::AddOffsetsToTxnResponse& one) const {
            return one.error_code;
        }
        std::int16_t operator()(const protocol::TxnOffsetCommitResponse& one) const {
            for (const auto& topic : one.topics)
                for (const auto& row : topic.partitions)
                    if (row.error_code != 0) return row.error_code;
            return 0;
        }
        std::int16_t operator()(const protocol::EndTxnResponse& one) const {
            return one.error_code;
        }
    };
    return std::visit(Visitor(), response);
}

}  // namespace

FaultWriter::FaultWriter(World& world, Options options, OnOver on_over, OnDone on_done)
    : world_(world),
      options_(std::move(options)),
      on_over_(std::move(on_over)),
      on_done_(std::move(on_done)),
      transaction_(options_.transaction ? std::make_unique<TransactionCore>(*options_.transaction)
                                        : nullptr),
      core_(options_.produce, transaction_.get()),
      metadata_({}) {
    core_.add_topic("t");
    if (transaction_) transaction_->name_topic(0, "t");
}

FaultWriter::~FaultWriter() {
    world_.simulation.forget(*this);
}

std::unique_ptr<FaultBatch> FaultWriter::new_batch() {
    if (pool_.empty()) return std::make_unique<FaultBatch>();
    auto batch = std::move(pool_.back());
    pool_.pop_back();
    return batch;
}

void FaultWriter::submit(std::unique_ptr<FaultBatch> batch) {
    core_.submit(std::move(batch), world_.now());
    schedule();
}

void FaultWriter::close() {
    if (std::exchange(closed_, true)) return;
    core_.close({errc::connection_closed, "the test is over"}, world_.now());
    for (auto& [key, link] : links_)
        if (link.conn) link.conn->close({errc::connection_closed, "the test is over"});
    schedule();
}

bool FaultWriter::idle() const {
    return core_.idle() && std::all_of(links_.begin(), links_.end(),
                                       [](const auto& one) { return one.second.out.empty(); });
}

// Everything is done here, and never from inside of somebody's call.
void FaultWriter::schedule() {
    if (std::exchange(scheduled_, true)) return;
    world_.simulation.after(milliseconds(0), [this, alive = std::weak_ptr<int>(alive_)] {
        if (!alive.expired()) run();
    });
}

void FaultWriter::event(std::function<void()> what) {
    events_.push_back(std::move(what));
    schedule();
}

void FaultWriter::on_time() {
    const auto now = world_.now();
    if (core_.next_deadline() <= now) core_.on_time(now);
    if (transaction_ && transaction_->next_deadline() <= now) transaction_->on_time(now);
    schedule();
}

void FaultWriter::run() {
    scheduled_ = false;
    const auto now = world_.now();
    runs_ = now == last_run_ ? runs_ + 1 : 0;
    last_run_ = now;
    if (runs_ > most_runs_at_once) return world_.wrong("a hot loop");
    for (bool more = true; more;) {
        more = false;
        while (!events_.empty()) {
            const auto what = std::move(events_.front());
            events_.pop_front();
            what();
            more = true;
        }
        ProduceCore::Action action;
        while (core_.take(action)) {
            act(action);
            more = true;
        }
        if (!transaction_) continue;
        TransactionCore::Action told;
        while (transaction_->take(told)) {
            act(told);
            more = true;
        }
        if (!more && transaction_->waits_for_flush() && core_.barrier_over(core_.barrier())) {
            transaction_->on_flushed(now);
            more = !transaction_->waits_for_flush();
        }
    }
    look_after_links();
    auto next = core_.next_deadline();
    if (transaction_) next = std::min(next, transaction_->next_deadline());
    for (const auto& [key, link] : links_)
        if (!link.out.empty() && !link.late)
            next = std::min(next, link.out.front().sent + options_.request_timeout);
    world_.simulation.wake_at(*this, next);
    old_.clear();
}

void FaultWriter::act(ProduceCore::Action& action) {
    if (const auto* request = std::get_if<ProduceCore::SendProduce>(&action)) {
        send(*request);
    } else if (const auto* over = std::get_if<ProduceCore::Over>(&action)) {
        if (over->batch->deadline < world_.now())
            world_.wrong("a batch ended behind its delivery timeout");
        on_over_(*over);
    } else if (auto* release = std::get_if<ProduceCore::Release>(&action)) {
        // Used again at once: who still reads it reads something else.
        std::unique_ptr<FaultBatch> batch(static_cast<FaultBatch*>(release->batch.release()));
        auto bytes = batch->encoded.bytes();
        std::fill(bytes.begin(), bytes.end(), std::uint8_t{0xdb});
        batch->reset();
        batch->records.clear();
        pool_.push_back(std::move(batch));
    } else if (const auto* wanted = std::get_if<ProduceCore::WantConnection>(&action)) {
        const auto id = wanted->broker;
        open({id, Purpose::produce}, [this, id](const Failure& failure) {
            if (failure)
                core_.on_disconnected(id, failure, world_.now());
            else
                core_.on_connected(id, world_.now());
        });
    } else if (std::holds_alternative<ProduceCore::WantMetadata>(action)) {
        ask_metadata();
    } else if (std::holds_alternative<ProduceCore::WantProducerId>(action)) {
        ask_producer_id();
    }
}

void FaultWriter::act(TransactionCore::Action& action) {
    if (auto* request = std::get_if<TransactionCore::Send>(&action)) {
        send(std::make_shared<Sent>(Sent{request->id, std::move(request->request),
                                         request->oldest_version, request->newest_version}));
    } else if (const auto* done = std::get_if<TransactionCore::Done>(&action)) {
        if (done->operation == TransactionCore::Operation::init &&
            done->result == TransactionCore::Result::success)
            ++identities_;
        on_done_(*done);
    } else if (std::holds_alternative<TransactionCore::GateChanged>(action)) {
        core_.on_gate(world_.now());
    } else if (const auto* abort = std::get_if<TransactionCore::AbortBatches>(&action)) {
        core_.abort_waiting(abort->why, world_.now());
    }
}

// Connections.

void FaultWriter::open(const Key& key, std::function<void(const Failure&)> told) {
    if (closed_) return event([told] { told({errc::connection_closed, "closed"}); });
    auto& link = links_[key];
    if (link.conn && link.conn->usable()) return event([told] { told({}); });
    link.waiting.push_back(std::move(told));
    if (link.conn && link.conn->opening()) return;
    if (link.conn) old_.push_back(std::move(link.conn));  // its end will be told of in a moment
    const auto generation = ++link.generation;
    const auto end_waiting = [this, key](const Failure& failure) {
        auto& one = links_[key];
        if (failure && one.conn && !one.conn->usable() && !one.conn->opening())
            old_.push_back(std::move(one.conn));
        for (const auto& waiter : std::exchange(one.waiting, {}))
            waiter(failure);
    };
    const auto* broker = metadata_.broker(key.first);
    if (key.second == Purpose::produce && !broker) {
        world_.simulation.after(
            milliseconds(50), [this, end_waiting, alive = std::weak_ptr<int>(alive_)] {
                if (alive.expired()) return;
                event([end_waiting] {
                    end_waiting({errc::connect_timed_out, "the broker is not known"});
                });
            });
        return;
    }
    // The coordinator's address came with its id.
    const auto host = broker ? broker->host : world_.simulation.host(key.first);
    const auto port = broker ? broker->port : world_.simulation.port(key.first);
    link.late = false;
    link.conn = std::make_unique<FaultConn>(
        world_.simulation, world_.bytes, host, port, options_.connect_timeout,
        [this, end_waiting](const Failure& failure) {
            event([end_waiting, failure] { end_waiting(failure); });
        },
        [this, key, generation](const Failure& failure) {
            event([this, key, generation, failure] { lost(key, generation, failure); });
        });
}

// Once for each connection.
void FaultWriter::lost(const Key& key, unsigned generation, const Failure& failure) {
    auto& link = links_[key];
    if (link.generation != generation || !link.conn) return;
    old_.push_back(std::move(link.conn));
    if (key.second == Purpose::produce) core_.on_disconnected(key.first, failure, world_.now());
}

// What is late has its connection closed, so that its bytes are not read any more.
void FaultWriter::look_after_links() {
    for (auto& [key, link] : links_) {
        if (link.out.empty() || link.late || !link.conn ||
            link.out.front().sent + options_.request_timeout > world_.now())
            continue;
        link.late = true;
        link.conn->close({errc::request_timed_out, "no answer to Produce"});
    }
}

// Produce.

void FaultWriter::send(const ProduceCore::SendProduce& action) {
    const auto id = action.broker;
    const auto request = action.request;
    auto& link = links_[{id, Purpose::produce}];
    link.out.push_back({request, world_.now(), action.message, checksums_of(*action.message)});
    const auto fail = [&](const Failure& failure) {
        event([this, id, request, failure] { take_answer(id, request, failure, false, {}); });
    };
    if (!link.conn || !link.conn->usable())
        return fail({errc::connection_lost, "before the request was sent"});
    const auto& info = protocol::ProduceRequest::info;
    const auto newest = choose_version(info, link.conn->versions());
    if (!newest) return fail(newest.failure());
    const auto version = std::min(*newest, action.newest_version);
    const auto failure =
        link.conn->submit(info, action.message, version, never, options_.produce.acks != 0,
                          [this, id, request, version](const Completion& over) {
                              auto response = std::make_shared<protocol::ProduceResponse>();
                              auto why = over.failure;
                              if (!why && options_.produce.acks != 0)
                                  why = protocol::decode(*response, version, over.body);
                              event([this, id, request, why, sent = over.sent, response] {
                                  take_answer(id, request, why, sent, *response);
                              });
                          });
    if (failure) fail(failure);
}

void FaultWriter::take_answer(std::int32_t broker, ProduceCore::RequestId request, Failure failure,
                              bool sent, const protocol::ProduceResponse& response) {
    auto& link = links_[{broker, Purpose::produce}];
    auto& out = link.out;
    const auto at = std::find_if(out.begin(), out.end(),
                                 [&](const Out& one) { return one.request == request; });
    if (at == out.end()) return world_.wrong("a request ended twice");
    // Nobody may write there before this.
    if (checksums_of(*at->message) != at->checksums)
        world_.wrong("the bytes of a request changed before its end");
    out.erase(at);
    if (failure) {
        if (link.conn && !link.conn->usable() && !link.conn->opening())
            lost({broker, Purpose::produce}, link.generation, failure);
        return core_.on_failed(request, failure, sent, world_.now());
    }
    const auto version = metadata_.version();
    take_hints(response);
    core_.on_response(request, response, world_.now());
    if (metadata_.version() != version) take_metadata();
}

// KIP-951.
void FaultWriter::take_hints(const protocol::ProduceResponse& response) {
    std::vector<BrokerMetadata> endpoints;
    for (const auto& node : response.node_endpoints)
        if (usable_address(node.host, node.port))
            endpoints.push_back(
                {node.node_id, node.host, static_cast<std::uint16_t>(node.port), node.rack});
    for (const auto& topic : response.responses) {
        for (const auto& row : topic.partition_responses) {
            if (row.error_code == 0 || row.current_leader.leader_id < 0) continue;
            static_cast<void>(metadata_.apply_hint(topic.name, topic.topic_id, row.index,
                                                   row.current_leader.leader_id,
                                                   row.current_leader.leader_epoch, endpoints));
        }
    }
}

void FaultWriter::ask_metadata() {
    const auto now = world_.now();
    metadata_.want("t", now);
    metadata_.demand();
    if (metadata_.asking()) return;
    auto request = std::make_shared<protocol::MetadataRequest>(metadata_.ask(now));
    world_.cluster.call<protocol::MetadataRequest>(
        *request, options_.request_timeout,
        [this, request, alive = std::weak_ptr<int>(alive_)](const Failure& failure,
                                                            protocol::MetadataResponse& response) {
            if (alive.expired()) return;
            event([this, request, failure, answer = response]() mutable {
                const auto time = world_.now();
                auto why = failure;
                if (why) {
                    metadata_.failed(time, 0.5);
                } else {
                    why = metadata_
                              .update(*request, std::move(answer),
                                      protocol::MetadataRequest::info.stable().max, time, 0.5)
                              .failure;
                }
                if (why)
                    core_.on_no_metadata(0, why, time);
                else
                    take_metadata();
            });
        });
}

void FaultWriter::take_metadata() {
    const auto* topic = metadata_.topic("t");
    if (!topic || !topic->data || (topic->data->error == 0 && topic->data->partitions.empty()))
        return core_.on_no_metadata(0, {broker_errc::unknown_topic_or_partition, "topic 't'"},
                                    world_.now());
    if (topic->data->error != 0)
        return core_.on_no_metadata(0, {broker_error(topic->data->error), "topic 't'"},
                                    world_.now());
    core_.on_leaders(0, *topic->data, world_.now());
}

void FaultWriter::ask_producer_id() {
    protocol::InitProducerIdRequest request;
    request.transactional_id.reset();
    request.transaction_timeout_ms = std::numeric_limits<std::int32_t>::max();
    world_.cluster.call<protocol::InitProducerIdRequest>(
        request, options_.request_timeout,
        [this, alive = std::weak_ptr<int>(alive_)](const Failure& failure,
                                                   protocol::InitProducerIdResponse& response) {
            if (alive.expired()) return;
            event([this, failure, answer = response] {
                const auto now = world_.now();
                if (failure) return core_.on_no_producer_id(failure, now);
                if (answer.error_code != 0)
                    return core_.on_no_producer_id(
                        {broker_error(answer.error_code), "InitProducerId"}, now);
                ++identities_;
                core_.on_producer_id({answer.producer_id, answer.producer_epoch}, now);
            });
        });
}

// Transactions.

void FaultWriter::send(std::shared_ptr<Sent> sent) {
    const auto key = coordinator_key(sent->request);
    if (const auto at = coordinators_.find(key); at != coordinators_.end())
        return send_to(at->second, sent);
    protocol::FindCoordinatorRequest request;
    const bool group = key[0] == 'g';
    request.key_type = group ? group_key : transaction_key;
    request.coordinator_keys = {group ? key.substr(1) : options_.transaction->transactional_id};
    world_.cluster.call<protocol::FindCoordinatorRequest>(
        request, options_.request_timeout,
        [this, sent, key, alive = std::weak_ptr<int>(alive_)](
            const Failure& failure, protocol::FindCoordinatorResponse& response) {
            if (alive.expired()) return;
            event([this, sent, key, failure, answer = response] {
                const auto* row = answer.coordinators.empty() ? nullptr : &answer.coordinators[0];
                auto why = failure;
                if (!why && !row) why = {errc::malformed_message, "FindCoordinator"};
                if (!why && row->error_code != 0)
                    why = {broker_error(row->error_code), "FindCoordinator"};
                if (why) return transaction_->on_failed(sent->id, why, false, world_.now());
                coordinators_[key] = row->node_id;
                send_to(row->node_id, sent);
            });
        });
}

void FaultWriter::forget_coordinator(const Sent& sent) {
    coordinators_.erase(coordinator_key(sent.request));
}

void FaultWriter::send_to(std::int32_t coordinator, const std::shared_ptr<Sent>& sent) {
    open({coordinator, Purpose::control}, [this, coordinator, sent](const Failure& unopened) {
        const auto fail = [this, sent](const Failure& why, bool was_sent) {
            forget_coordinator(*sent);
            transaction_->on_failed(sent->id, why, was_sent, world_.now());
        };
        if (unopened) return fail(unopened, false);
        auto& conn = links_[{coordinator, Purpose::control}].conn;
        if (!conn || !conn->usable()) return fail({errc::connection_lost, "idle"}, false);
        const auto submit = [&](const auto& request) {
            using Request = std::decay_t<decltype(request)>;
            using Response = typename Request::response_type;
            const auto newest = choose_version(Request::info, conn->versions());
            if (!newest) return fail(newest.failure(), false);
            const auto version = std::min(*newest, sent->newest);
            if (version < sent->oldest) return fail({errc::unsupported_version, ""}, false);
            const auto failure = conn->submit(
                Request::info, &request, version, after(world_.now(), options_.request_timeout),
                true, [this, coordinator, sent, version, fail](const Completion& over) {
                    auto response = std::make_shared<TransactionCore::Response>();
                    auto why = over.failure;
                    Response decoded;
                    if (!why) why = protocol::decode(decoded, version, over.body);
                    *response = std::move(decoded);
                    event([this, coordinator, sent, why, response, fail, was_sent = over.sent] {
                        if (why) {
                            // Some hang up when nobody answers; others ask again behind it.
                            auto& link = links_[{coordinator, Purpose::control}];
                            if (why.code == errc::request_timed_out && link.conn &&
                                world_.chance(50))
                                link.conn->close({errc::connection_closed, "no answer"});
                            return fail(why, was_sent);
                        }
                        const auto code = static_cast<broker_errc>(code_of(*response));
                        if (code == broker_errc::not_coordinator ||
                            code == broker_errc::coordinator_not_available)
                            forget_coordinator(*sent);
                        transaction_->on_answer(sent->id, *response, world_.now());
                    });
                });
            if (failure) fail(failure, false);
        };
        std::visit(submit, sent->request);
    });
}

}  // namespace kafka::core::produce_faults
