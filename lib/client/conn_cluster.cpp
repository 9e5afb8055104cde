// SPDX-License-Identifier: Apache-2.0
// Conn: the operations about brokers and topics.
#include <functional>
#include <tuple>

#include <kafka/conn.hpp>
#include <kafka/protocol/create_topics.hpp>
#include <kafka/protocol/delete_topics.hpp>
#include <kafka/protocol/metadata.hpp>

#include "base/escape.hpp"
#include "client/operation.hpp"
#include "client/topology.hpp"
#include "core/versions.hpp"
#include "io/session.hpp"

namespace kafka {
namespace {

using client::OperationFor;
using SessionPtr = std::shared_ptr<io::Session>;

/// One request whose response becomes the result.
template <class Request, class... Results>
class Asking final : public OperationFor<Results...> {
public:
    using Response = typename Request::response_type;
    using Base = OperationFor<Results...>;
    /// The request for that version, with the broker's time to do it in.
    using Make = std::function<Request(std::int16_t, std::chrono::milliseconds)>;
    /// Puts the result in place, or says what the answer tells of.
    using Judge = std::function<Failure(const Response&, Results&...)>;

    Asking(SessionPtr session, core::Time deadline, const CallOptions& options, Make make,
           Judge judge, typename Base::Handler handler)
        : Base(session->strand(), deadline, options.diagnostics, std::move(handler)),
          session_(std::move(session)),
          options_(options),
          make_(std::move(make)),
          judge_(std::move(judge)) {}

private:
    using Base::fail;
    void fail(const std::error_code& ec) override { this->end(ec, Results{}...); }
    void run() override {
        if (this->refuse_to_go_on()) return;
        // Where there is no version, or no connection, the call below finds it out as well.
        std::int16_t version = Request::info.versions.max;
        if (const auto* peer = session_->peer())
            if (const auto chosen = core::choose_version(Request::info, peer->table,
                                                         {options_.version, options_.unstable}))
                version = *chosen;
        this->has_effect();
        this->call(*session_, make_(version, client::brokers_share(this->left())), options_.version,
                   options_.unstable,
                   [this, version](const std::error_code& ec, const Response& response) {
                       if (ec) return this->fail(ec);
                       this->name_answer(*session_, Request::info, version);
                       std::tuple<Results...> results;
                       auto failure = std::apply(
                           [&](auto&... result) { return judge_(response, result...); }, results);
                       if (failure) return this->fail(std::move(failure));
                       std::apply([&](auto&... result) { this->finish(std::move(result)...); },
                                  results);
                   });
    }

    SessionPtr session_;
    CallOptions options_;
    Make make_;
    Judge judge_;
};

template <class Request, class... Results, class Make, class Judge>
void ask(const SessionPtr& session, std::chrono::milliseconds request_timeout,
         const CallOptions& options, Make make, Judge judge,
         detail::any_handler<void(std::error_code, Results...)> handler) {
    const auto deadline =
        core::after(std::chrono::steady_clock::now(), options.timeout.value_or(request_timeout));
    std::make_shared<Asking<Request, Results...>>(session, deadline, options, std::move(make),
                                                  std::move(judge), std::move(handler))
        ->begin();
}

/// The first failure of an answer about several topics, with a word about each.
class TopicFailures {
public:
    void add(const std::optional<std::string>& topic, std::int16_t code,
             const std::optional<std::string>& said) {
        if (code == 0) return;
        if (!failure_) failure_.code = broker_error(code);
        auto& text = failure_.detail;
        if (!text.empty()) text += "; ";
        text += "topic " + escaped(topic.value_or("?"), 255) + ": ";
        if (said && !said->empty())
            text += escaped(*said);
        else
            text += broker_error(code).message();
        if (broker_error(code) == broker_errc::not_controller)
            text += " (send it to the broker that async_controller() tells)";
    }
    [[nodiscard]] Failure take() { return std::move(failure_); }

private:
    Failure failure_;
};

Failure error_of(const protocol::MetadataResponse& response) {
    if (response.error_code == 0) return {};
    return Failure(broker_error(response.error_code));
}

}  // namespace

void Conn::start_brokers(
    CallOptions options,
    detail::any_handler<void(std::error_code, std::vector<BrokerMetadata>)> handler) {
    ask<protocol::MetadataRequest>(
        session_, request_timeout_, options,
        [](std::int16_t, std::chrono::milliseconds) { return client::ask_for_brokers(); },
        [](const protocol::MetadataResponse& response, std::vector<BrokerMetadata>& brokers) {
            brokers = client::brokers_of(response);
            return error_of(response);
        },
        std::move(handler));
}

void Conn::start_controller(CallOptions options,
                            detail::any_handler<void(std::error_code, BrokerMetadata)> handler) {
    ask<protocol::MetadataRequest>(
        session_, request_timeout_, options,
        [](std::int16_t, std::chrono::milliseconds) { return client::ask_for_brokers(); },
        [](const protocol::MetadataResponse& response, BrokerMetadata& controller) {
            if (auto failure = error_of(response)) return failure;
            controller = client::broker_of(response, response.controller_id);
            if (controller.id >= 0 && !controller.host.empty()) return Failure();
            return Failure(broker_errc::broker_not_available, "the broker knows of no controller");
        },
        std::move(handler));
}

void Conn::start_partitions(
    std::vector<std::string> topics, CallOptions options,
    detail::any_handler<void(std::error_code, std::vector<Partition>)> handler) {
    ask<protocol::MetadataRequest>(
        session_, request_timeout_, options,
        [topics = std::move(topics)](std::int16_t version, std::chrono::milliseconds) {
            return client::ask_for_topics(topics, version, false);
        },
        [](const protocol::MetadataResponse& response, std::vector<Partition>& partitions) {
            auto found = client::partitions_of(response);
            if (!found) return found.take_failure();
            partitions = *std::move(found);
            return Failure();
        },
        std::move(handler));
}

void Conn::start_create_topics(std::vector<NewTopic> topics, CallOptions options,
                               detail::any_handler<void(std::error_code)> handler) {
    using protocol::CreateTopicsRequest;
    ask<CreateTopicsRequest>(
        session_, request_timeout_, options,
        [topics = std::move(topics)](std::int16_t, std::chrono::milliseconds share) {
            CreateTopicsRequest request;
            request.timeout_ms = static_cast<std::int32_t>(share.count());
            for (const auto& topic : topics) {
                auto& row = request.topics.emplace_back();
                row.name = topic.name;
                row.num_partitions = topic.partitions;
                row.replication_factor = topic.replication_factor;
                for (const auto& [name, value] : topic.configs)
                    row.configs.push_back({.name = name, .value = value});
                std::int32_t number = 0;
                for (const auto& brokers : topic.assignments)
                    row.assignments.push_back({.partition_index = number++, .broker_ids = brokers});
            }
            return request;
        },
        [](const protocol::CreateTopicsResponse& response) {
            TopicFailures failures;
            for (const auto& topic : response.topics)
                failures.add(topic.name, topic.error_code, topic.error_message);
            return failures.take();
        },
        std::move(handler));
}

void Conn::start_delete_topics(std::vector<std::string> topics, CallOptions options,
                               detail::any_handler<void(std::error_code)> handler) {
    using protocol::DeleteTopicsRequest;
    ask<DeleteTopicsRequest>(
        session_, request_timeout_, options,
        [topics = std::move(topics)](std::int16_t version, std::chrono::milliseconds share) {
            DeleteTopicsRequest request;
            request.timeout_ms = static_cast<std::int32_t>(share.count());
            // From version 6 on a topic is a name or an id (KIP-516).
            if (version < 6) request.topic_names = topics;
            if (version >= 6)
                for (const auto& name : topics)
                    request.topics.push_back({.name = name});
            return request;
        },
        [](const protocol::DeleteTopicsResponse& response) {
            TopicFailures failures;
            for (const auto& topic : response.responses)
                failures.add(topic.name, topic.error_code, topic.error_message);
            return failures.take();
        },
        std::move(handler));
}

}  // namespace kafka
