// SPDX-License-Identifier: Apache-2.0
#include "cluster.hpp"

#include <algorithm>
#include <random>

#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>

#include <kafka/protocol/create_topics.hpp>
#include <kafka/protocol/delete_topics.hpp>

// Each co_await is a statement of its own with named operands: g++ 12 destroys some temporaries of
// a co_await expression twice.

namespace kasio {

using kafka::Failure;
using kafka::Result;
using kafka::protocol::CreateTopicsRequest;
using kafka::protocol::DeleteTopicsRequest;
using kafka::protocol::MetadataRequest;
using kafka::protocol::MetadataResponse;

kafka::ConnConfig default_conn(std::string client_id) {
    kafka::ConnConfig config;
    config.client_id = std::move(client_id);
    config.connect_timeout = milliseconds(5'000);
    return config;
}

namespace {

bool is_about_login(const std::error_code& error) noexcept {
    return error == kafka::errc::sasl_authentication_failed ||
           error == kafka::errc::sasl_mechanism_unsupported ||
           error == kafka::broker_errc::sasl_authentication_failed ||
           error == kafka::broker_errc::unsupported_sasl_mechanism;
}

}  // namespace

asio::awaitable<void> pause_for(milliseconds time) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, time);
    asio::error_code ignored;
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    co_await timer.async_wait(token);
}

asio::awaitable<bool> Retries::next() {
    const auto now = Clock::now();
    if (!deadline_) deadline_ = now + patience_;
    if (now >= *deadline_) co_return false;
    const auto left = std::chrono::ceil<milliseconds>(*deadline_ - now);
    co_await pause_for(std::min(wait_, left));
    wait_ = std::min(wait_ * 2, last_wait);
    co_return true;
}

Cluster::Cluster(asio::io_context& context, ClusterOptions options)
    : context_(context), options_(std::move(options)), refreshed_(context) {}

Cluster::~Cluster() = default;

void Cluster::close() {
    closed_ = true;
    if (seed_) seed_->close();
    for (auto& [id, node] : nodes_) {
        if (node->conn) node->conn->close();
    }
}

Failure Cluster::failure_of(const std::error_code& error, const kafka::Diagnostics& diagnostics) {
    std::string detail = diagnostics.detail;
    std::string where = diagnostics.api;
    if (!diagnostics.peer.empty() && detail.find(diagnostics.peer) == std::string::npos) {
        where += where.empty() ? "" : " to ";
        where += diagnostics.peer;
    }
    if (!where.empty()) detail += detail.empty() ? where : " (" + where + ")";
    return {error, std::move(detail)};
}

asio::awaitable<Result<ConnPtr>> Cluster::connect(Address address) {
    if (closed_) co_return Failure(kafka::errc::connection_closed);
    auto conn = std::make_shared<kafka::Conn>(context_, options_.conn);
    kafka::Diagnostics diagnostics;
    kafka::ConnectOptions options;
    options.diagnostics = &diagnostics;
    asio::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await conn->async_connect(address.host, address.port, options, token);
    if (!error && closed_) {
        conn->close();
        co_return Failure(kafka::errc::connection_closed);
    }
    if (error) {
        if (diagnostics.peer.empty()) diagnostics.peer = to_string(address);
        auto failure = failure_of(error, diagnostics);
        if (options_.conn.sasl && is_about_login(error)) {
            const std::string mechanism(options_.conn.sasl->name());
            if (failure.detail.find(mechanism) == std::string::npos)
                failure.detail = mechanism + ": " + failure.detail;
        }
        co_return failure;
    }
    co_return conn;
}

asio::awaitable<Result<ConnPtr>> Cluster::any() {
    if (seed_ && seed_->is_open()) co_return seed_;
    std::vector<Address> addresses;
    for (auto& [id, node] : nodes_) {
        if (node->conn && node->conn->is_open()) co_return node->conn;
        addresses.push_back(node->address);
    }
    // Brokers that are known first: the bootstrap addresses may have been of others.
    for (const auto& address : options_.bootstrap) {
        const bool known =
            std::find(addresses.begin(), addresses.end(), address) != addresses.end();
        if (!known) addresses.push_back(address);
    }
    Failure first;
    for (const auto& address : addresses) {
        auto conn = co_await connect(address);
        if (conn) {
            seed_ = *conn;
            co_return conn;
        }
        // The others would refuse as well, and may count wrong passwords.
        if (is_about_login(conn.failure().code)) co_return conn;
        if (!first) first = conn.take_failure();
    }
    const auto others = addresses.size() - 1;
    if (others > 0) {
        first.detail += first.detail.empty() ? "" : ", ";
        first.detail += others == 1 ? "and the other broker could not be reached either"
                                    : "and none of the other " + std::to_string(others) +
                                          " brokers could be reached";
    }
    co_return first;
}

asio::awaitable<Result<ConnPtr>> Cluster::broker(std::int32_t id) {
    const auto found = nodes_.find(id);
    if (found == nodes_.end()) {
        co_return Failure(kafka::broker_errc::broker_not_available,
                          "broker " + std::to_string(id) + " is not in the metadata");
    }
    const auto node = found->second;
    while (node->connecting)
        co_await node->changed.wait();
    if (node->conn && node->conn->is_open()) co_return node->conn;
    node->connecting = true;
    const auto address = node->address;
    auto conn = co_await connect(address);
    node->connecting = false;
    // The broker may have moved meanwhile: then this connection serves its user only.
    if (conn && node->address == address) node->conn = *conn;
    node->changed.notify();
    co_return conn;
}

asio::awaitable<Failure> Cluster::refresh() {
    if (refreshing_) {
        while (refreshing_)
            co_await refreshed_.wait();
        co_return refresh_result_;
    }
    refreshing_ = true;
    auto failure = co_await fetch_metadata();
    refreshing_ = false;
    refresh_result_ = failure;
    refreshed_.notify();
    co_return failure;
}

asio::awaitable<Failure> Cluster::fetch_metadata() {
    // A connection may have died unnoticed: as many attempts as there may be of such.
    Failure failure;
    for (std::size_t attempt = 0; attempt < nodes_.size() + 2; ++attempt) {
        auto conn = co_await any();
        if (!conn) co_return conn.take_failure();
        failure = co_await metadata_from(*conn);
        if (!failure || (*conn)->is_open()) co_return failure;
    }
    co_return failure;
}

asio::awaitable<Failure> Cluster::metadata_from(ConnPtr conn) {
    MetadataRequest request;
    request.allow_auto_topic_creation = false;
    if (!topic_.empty()) {
        MetadataRequest::Topic topic;
        topic.name = topic_;
        request.topics->push_back(std::move(topic));
    }
    auto response = co_await call(conn, std::move(request));
    if (!response) co_return response.take_failure();
    if (response->error_code != 0) co_return Failure(kafka::broker_error(response->error_code));
    take(*std::move(response));
    co_return Failure();
}

void Cluster::take(MetadataResponse response) {
    metadata_ = std::move(response);
    std::map<std::int32_t, std::shared_ptr<Node>> nodes;
    for (const auto& broker : metadata_.brokers) {
        const Address address{broker.host, static_cast<std::uint16_t>(broker.port)};
        auto& known = nodes_[broker.node_id];
        if (!known) known = std::make_shared<Node>(context_);
        if (known->address != address) {
            if (known->conn) known->conn->close();
            known->conn.reset();
            known->address = address;
        }
        nodes[broker.node_id] = known;
    }
    // A broker that is not listed at the moment may come back, with its connection still open.
    if (!nodes.empty()) nodes_ = std::move(nodes);
}

const MetadataResponse::Topic* Cluster::topic() const noexcept {
    for (const auto& topic : metadata_.topics) {
        if (topic.name == topic_) return &topic;
    }
    return nullptr;
}

std::int32_t Cluster::partition_count() const noexcept {
    const auto* known = topic();
    return known ? static_cast<std::int32_t>(known->partitions.size()) : 0;
}

std::int32_t Cluster::leader_of(std::int32_t partition) const noexcept {
    const auto* known = topic();
    if (!known) return -1;
    for (const auto& each : known->partitions) {
        if (each.partition_index == partition) return each.leader_id;
    }
    return -1;
}

std::string Cluster::broker_name(std::int32_t id) const {
    const auto found = nodes_.find(id);
    if (found == nodes_.end()) return std::to_string(id);
    return std::to_string(id) + " (" + to_string(found->second->address) + ")";
}

asio::awaitable<Failure> Cluster::with_retries(std::function<asio::awaitable<Failure>()> attempt) {
    Retries retries(options_.patience);
    while (true) {
        auto failure = co_await attempt();
        if (!failure || !kafka::is_retriable(failure.code)) co_return failure;
        const bool again = co_await retries.next();
        if (!again) co_return failure;
    }
}

asio::awaitable<Failure> Cluster::wait_for_topic() {
    Retries retries(options_.patience);
    while (true) {
        auto failure = co_await refresh();
        if (failure) co_return failure;
        const auto* known = topic();
        failure = Failure(kafka::broker_error(known ? known->error_code : std::int16_t{3}),
                          "topic " + topic_);
        if (known && known->error_code == 0) co_return Failure();
        // Topics do not come into being by waiting.
        if (failure.code == kafka::broker_errc::unknown_topic_or_partition ||
            !kafka::is_retriable(failure.code)) {
            co_return failure;
        }
        const bool again = co_await retries.next();
        if (!again) co_return failure;
    }
}

asio::awaitable<Result<ConnPtr>> Cluster::controller() {
    auto failure = co_await refresh();
    if (failure) co_return failure;
    const auto id = metadata_.controller_id;
    if (!nodes_.contains(id)) co_return co_await any();
    co_return co_await broker(id);
}

asio::awaitable<Failure> Cluster::create_once(NewTopic topic, bool& there) {
    auto conn = co_await controller();
    if (!conn) co_return conn.take_failure();
    CreateTopicsRequest request;
    request.timeout_ms = 30'000;
    CreateTopicsRequest::CreatableTopic wanted;
    wanted.name = topic.name;
    wanted.num_partitions = topic.partitions;
    wanted.replication_factor = topic.replication_factor;
    request.topics.push_back(std::move(wanted));
    auto response = co_await call(*conn, std::move(request));
    if (!response) co_return response.take_failure();
    for (const auto& result : response->topics) {
        if (result.error_code == 0) continue;
        const auto error = kafka::broker_error(result.error_code);
        there = error == kafka::broker_errc::topic_already_exists;
        if (there) continue;
        co_return Failure(error, "topic " + topic.name + ", " + result.error_message.value_or(""));
    }
    co_return Failure();
}

asio::awaitable<Failure> Cluster::create_topic(NewTopic topic, bool& there) {
    watch("");
    auto failure =
        co_await with_retries([this, &topic, &there] { return create_once(topic, there); });
    if (failure) co_return failure;
    watch(topic.name);
    // Brokers learn of a new topic one after the other.
    Retries retries(options_.patience);
    while (true) {
        failure = co_await refresh();
        if (!failure) {
            const auto* known = this->topic();
            failure = kafka::broker_error(known ? known->error_code : std::int16_t{3});
            for (std::int32_t p = 0; !failure && p < partition_count(); ++p) {
                if (leader_of(p) < 0) failure = Failure(kafka::broker_errc::leader_not_available);
            }
            if (!failure) co_return failure;
        }
        failure.detail = "topic " + topic.name;
        if (!kafka::is_retriable(failure.code)) co_return failure;
        const bool again = co_await retries.next();
        if (!again) co_return failure;
    }
}

asio::awaitable<Failure> Cluster::delete_topic(std::string name) {
    auto conn = co_await controller();
    if (!conn) co_return conn.take_failure();
    DeleteTopicsRequest request;
    request.timeout_ms = 30'000;
    // The older versions have a list of names, the newer ones a list of states.
    auto version = (*conn)->version_for(DeleteTopicsRequest::info);
    if (!version) co_return version.take_failure();
    if (*version >= 6) {
        DeleteTopicsRequest::DeleteTopicState state;
        state.name = name;
        request.topics.push_back(std::move(state));
    } else {
        request.topic_names.push_back(name);
    }
    auto response = co_await call(*conn, std::move(request));
    if (!response) co_return response.take_failure();
    for (const auto& result : response->responses) {
        if (result.error_code == 0) continue;
        co_return Failure(kafka::broker_error(result.error_code), "topic " + name);
    }
    co_return Failure();
}

}  // namespace kasio
