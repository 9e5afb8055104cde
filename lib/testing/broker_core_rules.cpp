// SPDX-License-Identifier: Apache-2.0
// The way of a request when rules or the history have a part in it.
#include <algorithm>
#include <array>

#include "testing/barrier_state.hpp"
#include "testing/broker_core.hpp"
#include "testing/exchange.hpp"
#include "testing/handlers.hpp"
#include "testing/message_tree.hpp"

namespace kafka::testing {
namespace {

using detail::ActionKind;

RequestView view_of(const Connection& connection, const Exchange& exchange) {
    return {.info = *exchange.api->request,
            .message = exchange.request.get(),
            .version = exchange.version,
            .client_id = exchange.client_id,
            .principal = connection.principal,
            .broker = connection.broker,
            .connection = connection.id};
}

ErrorLevel level_of(const Exchange& exchange, const Exchange::Part& part) {
    if (part.action->level) return *part.action->level;
    if (!part.rule->partitions.empty()) return ErrorLevel::partition;
    return natural_level(exchange.subjects);
}

// The items of a request that a rule refuses, at its level.
std::vector<Item> refused_items(const Exchange& exchange, const Exchange::Part& part,
                                ErrorLevel level) {
    const auto selected = items_of(*part.rule);
    std::vector<Item> items;
    for (auto item : exchange.subjects.items) {
        if (!selected(item)) continue;
        if (level != ErrorLevel::partition) item.partition.reset();
        if (std::find(items.begin(), items.end(), item) == items.end()) items.push_back(item);
    }
    return items;
}

// An answer without a result for anything that is named by more than topics.
void name_keys(const Exchange& exchange, void* response) {
    constexpr int first_version_with_lists = 4;
    const auto key = exchange.api->request->api_key;
    const auto* request = exchange.request.get();
    if (key == protocol::InitProducerIdRequest::info.api_key) {
        static_cast<protocol::InitProducerIdResponse*>(response)->producer_epoch = -1;
    } else if (key == protocol::DescribeTransactionsRequest::info.api_key) {
        auto& answer = *static_cast<protocol::DescribeTransactionsResponse*>(response);
        const auto& asked = *static_cast<const protocol::DescribeTransactionsRequest*>(request);
        for (const auto& id : asked.transactional_ids)
            answer.transaction_states.emplace_back().transactional_id = id;
    } else if (key == protocol::OffsetFetchRequest::info.api_key) {
        auto& answer = *static_cast<protocol::OffsetFetchResponse*>(response);
        const auto& asked = *static_cast<const protocol::OffsetFetchRequest*>(request);
        for (const auto& group : asked.groups)
            answer.groups.emplace_back().group_id = group.group_id;
    }
    if (key != protocol::FindCoordinatorRequest::info.api_key) return;
    auto& answer = *static_cast<protocol::FindCoordinatorResponse*>(response);
    if (exchange.version < first_version_with_lists) {
        answer.node_id = -1;
        answer.port = -1;
        return;
    }
    const auto& asked = *static_cast<const protocol::FindCoordinatorRequest*>(request);
    auto& rows = answer.coordinators;
    for (const auto& name : asked.coordinator_keys) {
        auto& row = rows.emplace_back();
        row.key = name;
        row.node_id = -1;
        row.port = -1;
    }
}

bool names_all_topics(const void* message, int version) {
    const auto& request = *static_cast<const protocol::MetadataRequest*>(message);
    return !request.topics || (version == 0 && request.topics->empty());
}

}  // namespace

void BrokerCore::watch(Connection& connection, const ServedApi& api, protocol::RequestHeader header,
                       const Slice& body, Now now) {
    auto exchange = std::make_unique<Exchange>();
    exchange->number = ++last_number_;
    exchange->api = &api;
    exchange->version = header.request_api_version;
    exchange->correlation_id = header.correlation_id;
    exchange->client_id = header.client_id.value_or("");
    exchange->request = api.make_request();
    if (auto failure = protocol::decode_all(*api.request, exchange->request.get(),
                                            exchange->version, body, {})) {
        return close(connection, "malformed request", failure.message());
    }
    if (recording_) begin_record(connection, *exchange, body, now);
    if (!rules_.empty()) {
        exchange->subjects =
            subjects_of({*api.request, exchange->request.get(), exchange->version, cluster_});
        add_session(connection, *exchange);
        exchange->rules = rules_.for_request(view_of(connection, *exchange), exchange->subjects);
    }
    for (const auto& rule : exchange->rules) {
        for (const auto& action : rule->actions)
            exchange->parts.push_back({rule.get(), &action});
    }
    connection.exchange = std::move(exchange);
    proceed(connection, now);
}

// What a request means without naming it: the partitions of its fetch session, or all topics.
void BrokerCore::add_session(Connection& connection, Exchange& exchange) {
    auto& items = exchange.subjects.items;
    if (exchange.api->request->api_key == protocol::MetadataRequest::info.api_key &&
        names_all_topics(exchange.request.get(), exchange.version)) {
        for (const auto& [name, topic] : cluster_.topics())
            items.push_back({{}, name, topic->id, std::nullopt});
    }
    if (exchange.api->request->api_key != protocol::FetchRequest::info.api_key) return;
    const auto& request = *static_cast<const protocol::FetchRequest*>(exchange.request.get());
    const auto session = sessions(connection.broker).peek(request.session_id);
    if (!session) return;
    for (const auto& fetched : session->partitions) {
        const auto* topic = session->by_ids ? cluster_.find(fetched.topic_id)
                                            : cluster_.find(std::string_view(fetched.topic));
        if (!topic) continue;
        Item item{{}, topic->name, fetched.topic_id, fetched.wanted.partition};
        if (std::find(items.begin(), items.end(), item) == items.end()) {
            items.push_back(std::move(item));
        }
    }
}

void BrokerCore::begin_record(const Connection& connection, const Exchange& exchange,
                              const Slice& body, Now now) {
    if (began_ == never) began_ = now.time;
    auto& call = history_.emplace_back();
    call.number = exchange.number;
    call.connection = connection.id;
    call.broker = connection.broker;
    call.api_key = exchange.api->request->api_key;
    call.version = static_cast<std::int16_t>(exchange.version);
    call.correlation_id = exchange.correlation_id;
    call.api = exchange.api->request->api;
    call.client_id = exchange.client_id;
    call.principal = connection.principal;
    call.received = now.time - began_;
    call.in_flight = 1 + connection.requests.size() + connection.behind;
    call.request_body = body;
}

RecordedCall* BrokerCore::recorded(const Exchange& exchange) {
    const auto at = std::lower_bound(
        history_.begin(), history_.end(), exchange.number,
        [](const RecordedCall& call, std::uint64_t number) { return call.number < number; });
    return at != history_.end() && at->number == exchange.number ? &*at : nullptr;
}

// Goes as far as it can; called again when a wait may be over.
void BrokerCore::proceed(Connection& connection, Now now) {
    auto& exchange = *connection.exchange;
    if (exchange.phase == Exchange::Phase::before) {
        if (!pass(connection, Stage::before, now)) return;
        exchange.phase = Exchange::Phase::handling;
        if (!serve(connection, now)) return;
        if (connection.closing) return;
    }
    if (exchange.phase == Exchange::Phase::handling) {
        // A fetch that waits is woken through what it waits for.
        if (connection.parked) return;
        exchange.phase = Exchange::Phase::after;
        exchange.next = 0;
    }
    if (pass(connection, Stage::after, now)) finish(connection, now);
}

// The parts of a stage, one after the other; false if one of them has to be waited for, or if
// there is nothing to go on with.
bool BrokerCore::pass(Connection& connection, Stage stage, Now now) {
    auto& exchange = *connection.exchange;
    for (;; ++exchange.next) {
        if (now.time < exchange.until) return false;
        if (exchange.barrier) {
            if (!exchange.barrier->open_for(exchange.ticket)) return false;
            exchange.barrier->leave();
            exchange.barrier.reset();
            at_barriers_.erase(connection.id);
            continue;  // behind the part that it waited for
        }
        if (exchange.next >= exchange.parts.size()) return true;
        const auto& action = *exchange.parts[exchange.next].action;
        if (action.stage != stage) continue;
        switch (action.kind) {
            case ActionKind::delay:
                exchange.until = now.time + action.time;
                deadlines_.emplace(exchange.until, connection.id);
                break;
            case ActionKind::hold:
                exchange.ticket = action.barrier->enter();
                exchange.barrier = action.barrier;
                at_barriers_.insert(connection.id);
                --exchange.next;  // comes to it again, to ask
                break;
            case ActionKind::disconnect:
                end(connection, action.ending);
                return false;
            case ActionKind::hang:
                exchange.until = never;
                return false;
            case ActionKind::stop_reading:
                act(connection.id, Action::Kind::stop_reading);
                connection.reads_again = now.time + action.time;
                deadlines_.emplace(connection.reads_again, connection.id);
                break;
            default:
                break;
        }
    }
}

// Handles the request, or what is left of it. False if the answer comes later or not at all.
bool BrokerCore::serve(Connection& connection, Now now) {
    auto& exchange = *connection.exchange;
    for (const auto& part : exchange.parts) {
        if (part.action->kind != ActionKind::reply) continue;
        auto response = exchange.api->make_response();
        part.action->edit(view_of(connection, exchange), response.get());
        answer_watched(connection, *exchange.api->response, response.get(), now);
        return !connection.closing;
    }
    if (refuse(connection, now)) return !connection.closing;
    Call call{*this, cluster_, connection, exchange.version, exchange.correlation_id, now};
    const auto done = exchange.api->handle(call, exchange.request.get());
    if (done == Done::closed || connection.closing) return false;
    if (done == Done::silent && exchange.closes) {
        end(connection, Ending::close);
        return false;
    }
    return done != Done::parked;
}

// Takes out of the request what rules refuse; true if nothing is left to handle and the answer is
// made.
bool BrokerCore::refuse(Connection& connection, Now now) {
    auto& exchange = *connection.exchange;
    const auto& api = *exchange.api;
    const bool fetches = api.request->api_key == protocol::FetchRequest::info.api_key;
    const MessageView request{*api.request, exchange.request.get(), exchange.version, cluster_};
    const bool unanswered = number_at_top(request, "acks") == 0;
    const auto key = api.request->api_key;
    const bool logs_in = key == protocol::SaslHandshakeRequest::info.api_key ||
                         key == protocol::SaslAuthenticateRequest::info.api_key;
    bool all = false;
    for (const auto& part : exchange.parts) {
        if (part.action->kind != ActionKind::error) continue;
        const auto level = level_of(exchange, part);
        const auto error = part.action->error;
        // A login that failed is the connection's end.
        exchange.ends_connection |= logs_in && error != broker_errc::none;
        auto items =
            level < ErrorLevel::topic ? std::vector<Item>{} : refused_items(exchange, part, level);
        if (items.empty()) {
            if (level >= ErrorLevel::topic && !exchange.subjects.items.empty()) continue;
            if (unanswered && error != broker_errc::none) {
                end(connection, Ending::close);
                return true;
            }
            auto response = api.make_response();
            name_keys(exchange, response.get());
            const MessageView view{*api.response, response.get(), exchange.version, cluster_};
            if (set_error(
                    view, level, [](const Item&) { return true; }, error) == 0) {
                // It has none there: then what it names fails.
                for (const auto& item : exchange.subjects.items)
                    items.push_back(item);
            }
            if (items.empty()) {
                answer_watched(connection, *api.response, response.get(), now);
                return true;
            }
        }
        exchange.closes |= unanswered && error != broker_errc::none;
        exchange.refused.push_back({std::move(items), error});
        if (fetches) continue;  // forced_error() is asked when they are read
        auto rest = api.make_request();
        const auto& refused = exchange.refused.back().items;
        copy_without({*api.request, exchange.request.get(), exchange.version, cluster_}, rest.get(),
                     [&](const Item& item) {
                         return std::any_of(refused.begin(), refused.end(), [&](const Item& one) {
                             return one.topic == item.topic &&
                                    (!one.partition || one.partition == item.partition);
                         });
                     });
        exchange.request = std::move(rest);
        const auto left =
            subjects_of({*api.request, exchange.request.get(), exchange.version, cluster_});
        all |= left.items.empty();
    }
    if (!all) return false;
    if (exchange.closes) {
        end(connection, Ending::close);
        return true;
    }
    if (!unanswered) {
        auto response = api.make_response();
        answer_watched(connection, *api.response, response.get(), now);
    }
    return true;
}

std::optional<broker_errc> BrokerCore::forced_error(const Connection& connection,
                                                    std::string_view topic,
                                                    std::int32_t partition) const {
    if (!connection.exchange) return std::nullopt;
    for (const auto& refused : connection.exchange->refused) {
        for (const auto& item : refused.items) {
            if (item.topic == topic && (!item.partition || *item.partition == partition)) {
                return refused.error;
            }
        }
    }
    return std::nullopt;
}

// Changes the response; `owned` holds it when it had to be copied.
Failure BrokerCore::edit(Connection& connection, protocol::AnyMessage& owned, void* response) {
    auto& exchange = *connection.exchange;
    const auto& api = *exchange.api;
    const auto view = [&] {
        return MessageView{*api.response, owned ? owned.get() : response, exchange.version,
                           cluster_};
    };
    const auto replace = [&](auto&& copy) {
        auto fresh = api.make_response();
        copy(fresh.get());
        owned = std::move(fresh);
    };
    if (api.request->api_key != protocol::FetchRequest::info.api_key) {
        for (const auto& refused : exchange.refused) {
            replace(
                [&](void* to) { copy_with_refusals(view(), to, refused.items, refused.error); });
        }
    }
    for (const auto& part : exchange.parts) {
        const auto& action = *part.action;
        const auto selected = items_of(*part.rule);
        switch (action.kind) {
            case ActionKind::error_after:
                static_cast<void>(
                    set_error(view(), level_of(exchange, part), selected, action.error));
                break;
            case ActionKind::drop_items:
                replace([&](void* to) { copy_without(view(), to, selected); });
                break;
            case ActionKind::repeat_items:
                replace([&](void* to) {
                    copy_repeated(view(), to, selected, static_cast<int>(action.first));
                });
                break;
            case ActionKind::set:
                if (!part.rule->response && check_path(*api.response, action.path)) break;
                if (auto failure = set_field(view(), action.path, action.value)) return failure;
                break;
            case ActionKind::edit:
                action.edit(view_of(connection, exchange), view().message);
                break;
            default:
                break;
        }
    }
    return {};
}

void BrokerCore::answer_watched(Connection& connection, const protocol::MessageInfo& info,
                                void* response, Now now) {
    auto& exchange = *connection.exchange;
    protocol::AnyMessage owned{nullptr, [](void*) {}};
    protocol::Gather frame;
    auto failure = edit(connection, owned, response);
    if (!failure) {
        failure = encode(info, owned ? owned.get() : response, exchange.version,
                         exchange.correlation_id, frame);
    }
    if (failure) return close(connection, "cannot encode an answer", failure.message());
    exchange.answer = frame.flat().release();
    if (auto* call = recorded(exchange)) {
        call->answered = now.time - began_;
        call->was_answered = true;
        const auto header = protocol::response_header_version(info, exchange.version);
        call->response_body = exchange.answer.part(header == 0 ? 8 : 9);
    }
}

// The answer goes out, or what rules make of it; the next request's turn.
void BrokerCore::finish(Connection& connection, Now now) {
    const auto exchange = std::move(connection.exchange);
    bool swallowed = exchange->answer.null();
    std::vector<const detail::RuleAction*> bytes;
    for (const auto& part : exchange->parts) {
        if (part.action->kind == ActionKind::swallow) swallowed = true;
        if (is_about_bytes(part.action->kind)) bytes.push_back(part.action);
    }
    ready_.push_back(connection.id);
    std::vector<WireStep> steps;
    if (swallowed) {
        // Nothing goes out.
    } else if (!bytes.empty()) {
        steps = plan_wire(exchange->answer, exchange->number, bytes);
    } else {
        steps.emplace_back().bytes = exchange->answer;
    }
    if (exchange->ends_connection) steps.emplace_back().kind = WireStep::Kind::close;
    enqueue(connection, std::move(steps), now);
    // Behind the answer: what follows is answered at once.
    act(connection.id, Action::Kind::next);
}

Result<RuleId> BrokerCore::add_rule(const Rule& rule, const std::function<void()>& on_release) {
    auto id = rules_.add(rule);
    if (!id) return id;
    for (const auto& action : rule.data().actions) {
        if (action.barrier && on_release) action.barrier->on_release(on_release);
    }
    watching_ = true;
    return id;
}

bool BrokerCore::remove_rule(RuleId id) {
    const bool removed = rules_.remove(id);
    watching_ = recording_ || !rules_.empty();
    return removed;
}

void BrokerCore::clear_rules() {
    rules_.clear();
    watching_ = recording_;
}

void BrokerCore::record(bool on) {
    recording_ = on;
    watching_ = recording_ || !rules_.empty();
}

std::uint64_t BrokerCore::count(std::int16_t api_key) const noexcept {
    for (std::size_t i = 0; i < apis_.size(); ++i) {
        if (apis_[i].request->api_key == api_key) return counts_[i];
    }
    return 0;
}

bool BrokerCore::limit_versions(std::int16_t api_key, protocol::VersionRange versions) {
    for (auto& api : apis_) {
        if (api.request->api_key != api_key) continue;
        const auto both = api.request->stable().intersect(versions);
        if (both.empty()) return false;
        api.versions = both;
        return true;
    }
    return false;
}

}  // namespace kafka::testing
