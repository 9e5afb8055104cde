// SPDX-License-Identifier: Apache-2.0
// A session with a cluster: where its brokers are, one connection to each when needed, and the
// leaders of one topic's partitions.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <kafka/conn.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/result.hpp>

#include "addresses.hpp"
#include "runtime.hpp"

namespace kasio {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// How connections are made where nothing is said: as `client_id`, within 5 s.
[[nodiscard]] kafka::ConnConfig default_conn(std::string client_id = "kasio");

struct ClusterOptions {
    std::vector<Address> bootstrap;
    kafka::ConnConfig conn = default_conn();
    /// How long failures that may pass are tried again, from the first one on.
    milliseconds patience{60'000};
};

/// A topic to be made.
struct NewTopic {
    std::string name;
    std::int32_t partitions = 1;
    /// -1: what the cluster has as its default.
    std::int16_t replication_factor = -1;
};

using ConnPtr = std::shared_ptr<kafka::Conn>;

/// Waits on the loop.
asio::awaitable<void> pause_for(milliseconds time);

/// Waits between attempts, ever longer, until a deadline.
class Retries {
public:
    explicit Retries(milliseconds patience) : patience_(patience) {}

    /// Waits before another attempt. False: the time is up.
    asio::awaitable<bool> next();
    /// An attempt has succeeded.
    void reset() {
        deadline_.reset();
        wait_ = first_wait;
    }

private:
    static constexpr milliseconds first_wait{50};
    static constexpr milliseconds last_wait{1'000};

    milliseconds patience_;
    std::optional<Clock::time_point> deadline_;
    milliseconds wait_ = first_wait;
};

/// Lives on the loop: members are called from there only, except the constructor and what says
/// otherwise.
class Cluster {
public:
    Cluster(asio::io_context& context, ClusterOptions options);
    /// After close().
    ~Cluster();
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    [[nodiscard]] asio::io_context& context() noexcept { return context_; }
    [[nodiscard]] const ClusterOptions& options() const noexcept { return options_; }

    /// Any connection that is open; opens one if there is none.
    asio::awaitable<kafka::Result<ConnPtr>> any();
    /// A connection to that broker.
    asio::awaitable<kafka::Result<ConnPtr>> broker(std::int32_t id);

    /// Asks for the brokers and, if one is watched, the topic, anew. Calls at the same time share
    /// one request.
    asio::awaitable<kafka::Failure> refresh();
    /// The topic whose leaders are wanted. `create` lets brokers make it, as they are configured.
    void watch(std::string topic) { topic_ = std::move(topic); }
    /// Waits until the watched topic is there. Errors: also unknown_topic_or_partition.
    asio::awaitable<kafka::Failure> wait_for_topic();
    /// Makes a topic that is not there and waits until all its partitions have leaders; `there`
    /// says that one of that name was there before. It becomes the watched one.
    asio::awaitable<kafka::Failure> create_topic(NewTopic topic, bool& there);
    asio::awaitable<kafka::Failure> delete_topic(std::string name);

    /// What the last refresh() brought.
    [[nodiscard]] const kafka::protocol::MetadataResponse& metadata() const noexcept {
        return metadata_;
    }
    /// The watched topic; null if it is not known.
    [[nodiscard]] const kafka::protocol::MetadataResponse::Topic* topic() const noexcept;
    [[nodiscard]] std::int32_t partition_count() const noexcept;
    /// -1: none at the moment.
    [[nodiscard]] std::int32_t leader_of(std::int32_t partition) const noexcept;
    /// "2 (localhost:9092)"
    [[nodiscard]] std::string broker_name(std::int32_t id) const;

    /// Calls an API. The failure's detail names the API and the peer.
    template <class Request>
    static asio::awaitable<kafka::Result<typename Request::response_type>> call(
        ConnPtr conn, Request request, milliseconds timeout) {
        kafka::Diagnostics diagnostics;
        kafka::CallOptions options;
        options.timeout = timeout;
        options.diagnostics = &diagnostics;
        asio::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        auto response = co_await conn->async_call(request, options, token);
        if (error) co_return failure_of(error, diagnostics);
        co_return std::move(response);
    }
    template <class Request>
    asio::awaitable<kafka::Result<typename Request::response_type>> call(ConnPtr conn,
                                                                         Request request) {
        return call(std::move(conn), std::move(request), options_.conn.request_timeout);
    }

    /// Ends all connections: what is in flight fails.
    void close();

private:
    struct Node {
        Address address;
        ConnPtr conn;
        bool connecting = false;
        Event changed;

        explicit Node(asio::io_context& context) : changed(context) {}
    };

    static kafka::Failure failure_of(const std::error_code& error,
                                     const kafka::Diagnostics& diagnostics);
    asio::awaitable<kafka::Result<ConnPtr>> connect(Address address);
    asio::awaitable<kafka::Failure> fetch_metadata();
    asio::awaitable<kafka::Failure> metadata_from(ConnPtr conn);
    void take(kafka::protocol::MetadataResponse response);
    asio::awaitable<kafka::Result<ConnPtr>> controller();
    asio::awaitable<kafka::Failure> create_once(NewTopic topic, bool& there);
    asio::awaitable<kafka::Failure> with_retries(
        std::function<asio::awaitable<kafka::Failure>()> attempt);

    asio::io_context& context_;
    const ClusterOptions options_;
    std::string topic_;
    ConnPtr seed_;  // the first connection, made before brokers had numbers
    std::map<std::int32_t, std::shared_ptr<Node>> nodes_;
    kafka::protocol::MetadataResponse metadata_;
    bool closed_ = false;
    bool refreshing_ = false;
    kafka::Failure refresh_result_;
    Event refreshed_;
};

}  // namespace kasio
