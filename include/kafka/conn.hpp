// SPDX-License-Identifier: Apache-2.0
// Conn: one connection to one broker, for any request of the protocol.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>

#include <kafka/client_metadata.hpp>
#include <kafka/conn_config.hpp>
#include <kafka/detail/any_handler.hpp>
#include <kafka/detail/initiate.hpp>
#include <kafka/detail/pending_call.hpp>
#include <kafka/error.hpp>
#include <kafka/export.hpp>
#include <kafka/new_topic.hpp>
#include <kafka/partition.hpp>
#include <kafka/protocol/api_versions.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka {

namespace io {
class Session;
}
namespace blocking {
class Conn;
}

/// A connection to one broker: requests of any API, at the newest version that both sides have,
/// pipelined, answered in any completion token's way.
///
/// **Life.** A Conn is for one connection: it connects once; after a failure make another. Requests
/// on it are answered in order, so one that the broker holds (a Fetch that waits for data, a
/// JoinGroup) holds up those behind it.
///
/// **Threads.** All members may be called from several threads at once, except construction,
/// destruction, assignment and moving. The executor may be one of many threads: the object works
/// on a strand of it.
///
/// **Completion.** Handlers run on their associated executor, or on that of the Conn; never inside
/// the function that starts the operation.
///
/// **Cancellation** per operation: `terminal` and `partial` end it with
/// asio::error::operation_aborted, at once; `total` does so only while the request is not sent.
/// A request that was sent is abandoned: it may take effect, its answer is read and dropped, and
/// the connection stays open. Time-outs have codes of their own and work in the same way.
///
/// **Failure.** What ends the connection fails everything in flight with the same error; details
/// (peer, API, cause) go to the Diagnostics of each call.
///
/// **The end.** close() fails what is in flight with errc::connection_closed. Destruction does the
/// same, and says so in the log if requests were in flight. If the event loop is destroyed instead,
/// handlers are destroyed without being called. The Conn must not outlive the execution context of
/// its executor. In a forked child the connection belongs to the parent: leave it alone.
class KAFKA_API Conn {
public:
    using executor_type = asio::any_io_executor;

    // Overloads, not default arguments: in `Conn conn(co_await this_coro::executor)` g++ 12 would
    // copy a default ConnConfig bit by bit.
    explicit Conn(executor_type executor);
    Conn(executor_type executor, ConnConfig config);
    /// From an execution context, such as asio::io_context.
    template <class Context>
    requires std::convertible_to<typename Context::executor_type, executor_type>
    explicit Conn(Context& context) : Conn(executor_type(context.get_executor())) {}
    template <class Context>
    requires std::convertible_to<typename Context::executor_type, executor_type> Conn(
        Context& context, ConnConfig config)
        : Conn(executor_type(context.get_executor()), std::move(config)) {}
    Conn(Conn&&) noexcept;
    Conn& operator=(Conn&&) noexcept;
    ~Conn();

    [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }

    /// Connects to "host:port" ("host", "[::1]:9092", ...; the default port is 9092): resolves the
    /// name, tries its addresses, sets up TLS, negotiates versions and logs in, as the
    /// configuration says. What blocks is done on ConnConfig::blocking_executor. Signature:
    /// `void(std::error_code)`. Errors: errc::invalid_argument (the address or the configuration),
    /// errc::resolve_failed, the system's (such as "connection refused", of the first address; the
    /// Diagnostics name all), errc::connect_timed_out, errc::connection_lost, errc::not_kafka, the
    /// broker's answer, errc::unsupported_version, errc::malformed_message, errc::tls_failed,
    /// errc::certificate_rejected, errc::client_certificate_rejected, errc::tls_unsupported,
    /// errc::sasl_authentication_failed, errc::sasl_mechanism_unsupported, errc::already_connected,
    /// errc::connection_closed, operation_aborted. The Conn cannot be used after a failure, except
    /// after errc::already_connected.
    template <class CompletionToken>
    auto async_connect(std::string address, CompletionToken&& token) {
        return async_connect(std::move(address), ConnectOptions{},
                             std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_connect(std::string address, ConnectOptions options, CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(std::error_code)>(
            InitiateConnect{this}, token, std::move(address), std::uint16_t{0}, options);
    }
    /// The same with the port apart. `host` is a name or a number, without brackets.
    template <class CompletionToken>
    auto async_connect(std::string host, std::uint16_t port, CompletionToken&& token) {
        return async_connect(std::move(host), port, ConnectOptions{},
                             std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_connect(std::string host, std::uint16_t port, ConnectOptions options,
                       CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(std::error_code)>(
            InitiateConnect{this, true}, token, std::move(host), port, options);
    }

    /// Sends a request and gives its response. The request is encoded before this function returns
    /// (with lazy tokens: when the operation is started); record data in it is kept, not copied.
    /// A Produce request with acks=0 has no answer: it completes with an empty response when it is
    /// written.
    /// In a coroutine compiled by g++ 12, give a request that is made with `{.field = ...}` a name
    /// first: that compiler copies such temporaries of a co_await expression bit by bit.
    /// Signature: `void(std::error_code, Response)`, with Response = Request::response_type. The
    /// error code tells of the call; what the broker says of its content is in the response.
    /// Errors: errc::not_connected, errc::unsupported_api, errc::unsupported_version,
    /// errc::not_in_version, errc::invalid_argument, errc::too_many_in_flight,
    /// errc::request_timed_out, errc::limit_exceeded (the connection stays open),
    /// errc::malformed_*, errc::frame_too_large, errc::unexpected_correlation,
    /// errc::connection_lost, errc::connection_closed, operation_aborted; where the connection
    /// could not log in again, what connecting would have given.
    template <class Request, class CompletionToken>
    requires protocol::Request<std::remove_cvref_t<Request>>
    auto async_call(Request&& request, CompletionToken&& token) {
        return async_call(std::forward<Request>(request), CallOptions{},
                          std::forward<CompletionToken>(token));
    }
    template <class Request, class CompletionToken>
    requires protocol::Request<std::remove_cvref_t<Request>>
    auto async_call(Request&& request, CallOptions options, CompletionToken&& token) {
        using Response = typename std::remove_cvref_t<Request>::response_type;
        return asio::async_initiate<CompletionToken, void(std::error_code, Response)>(
            InitiateCall{this}, token, std::forward<Request>(request), options);
    }

    // What this broker knows of its cluster, and topics. Each is one async_call, with its errors
    // and those of the broker (broker_errc); the Diagnostics have the broker's own words.

    /// The brokers of the cluster. Signature: `void(std::error_code, std::vector<BrokerMetadata>)`.
    template <class CompletionToken>
    auto async_brokers(CompletionToken&& token) {
        return async_brokers(CallOptions{}, std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_brokers(CallOptions options, CompletionToken&& token) {
        return initiate<&Conn::start_brokers, void(std::error_code, std::vector<BrokerMetadata>)>(
            token, options);
    }
    /// The broker that is the controller; with KRaft the one through which its clients are to reach
    /// it. Signature: `void(std::error_code, BrokerMetadata)`. Error:
    /// broker_errc::broker_not_available, for a cluster that has none now.
    template <class CompletionToken>
    auto async_controller(CompletionToken&& token) {
        return async_controller(CallOptions{}, std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_controller(CallOptions options, CompletionToken&& token) {
        return initiate<&Conn::start_controller, void(std::error_code, BrokerMetadata)>(token,
                                                                                        options);
    }
    /// The partitions of these topics, or of all topics if none is named. Nothing is created by
    /// asking. Signature: `void(std::error_code, std::vector<Partition>)`. The first topic that
    /// has an error gives it; what is wrong with a partition is in Partition::error.
    template <class CompletionToken>
    auto async_partitions(std::vector<std::string> topics, CompletionToken&& token) {
        return async_partitions(std::move(topics), CallOptions{},
                                std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_partitions(std::vector<std::string> topics, CallOptions options,
                          CompletionToken&& token) {
        return initiate<&Conn::start_partitions, void(std::error_code, std::vector<Partition>)>(
            token, std::move(topics), options);
    }
    /// Creates topics. Signature: `void(std::error_code)`. The first topic that has an error gives
    /// it, and the Diagnostics name all such; others may have been created. With KRaft any broker
    /// passes it on; broker_errc::not_controller from an older cluster means that only the broker
    /// that async_controller() tells does it. Partitions are there, and have leaders, soon after
    /// the completion, not at it.
    template <class CompletionToken>
    auto async_create_topics(std::vector<NewTopic> topics, CompletionToken&& token) {
        return async_create_topics(std::move(topics), CallOptions{},
                                   std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_create_topics(std::vector<NewTopic> topics, CallOptions options,
                             CompletionToken&& token) {
        return initiate<&Conn::start_create_topics, void(std::error_code)>(token, std::move(topics),
                                                                           options);
    }
    /// Deletes topics by name. Signature and errors: as async_create_topics.
    template <class CompletionToken>
    auto async_delete_topics(std::vector<std::string> topics, CompletionToken&& token) {
        return async_delete_topics(std::move(topics), CallOptions{},
                                   std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_delete_topics(std::vector<std::string> topics, CallOptions options,
                             CompletionToken&& token) {
        return initiate<&Conn::start_delete_topics, void(std::error_code)>(token, std::move(topics),
                                                                           options);
    }

    /// Ends the connection: everything in flight fails with errc::connection_closed, soon. Calling
    /// it again does nothing.
    void close();

    /// Connected and negotiated, and not ended as far as is known.
    [[nodiscard]] bool is_open() const noexcept;
    /// "host:port (address)"; empty before the connection is open.
    [[nodiscard]] std::string peer() const;
    /// What the broker said of itself: versions and features. Default-constructed before the
    /// connection is open; stays the same afterwards. Valid as long as the Conn.
    [[nodiscard]] const protocol::ApiVersionsResponse& api_versions() const noexcept;
    /// The version that a call of this request would take: `conn.version_for(FetchRequest::info)`.
    /// Errors: errc::not_connected, errc::unsupported_api, errc::unsupported_version.
    [[nodiscard]] Result<std::int16_t> version_for(const protocol::MessageInfo& request) const;
    /// How the connection is encrypted; null if it is not, or before it is open. Valid as long as
    /// the Conn.
    [[nodiscard]] const TlsInfo* tls() const noexcept;
    /// What the broker last asked for (KIP-219); 0: nothing.
    [[nodiscard]] std::chrono::milliseconds throttle_time() const noexcept;
    [[nodiscard]] ConnStats stats() const noexcept;

private:
    struct Initiate {  // named, with an executor: cancel_after and deferred ask for one
        using executor_type = Conn::executor_type;
        [[nodiscard]] executor_type get_executor() const noexcept { return self->executor_; }
        Conn* self;
    };
    struct InitiateConnect : Initiate {
        bool port_apart;
        explicit InitiateConnect(Conn* conn, bool apart = false)
            : Initiate{conn}, port_apart(apart) {}
        template <class Handler>
        void operator()(Handler&& handler, std::string address, std::uint16_t port,
                        ConnectOptions options) const {
            self->start_connect(std::move(address), port, port_apart, options,
                                {std::forward<Handler>(handler), self->executor_});
        }
    };
    struct InitiateCall : Initiate {
        explicit InitiateCall(Conn* conn) : Initiate{conn} {}
        template <class Handler, class Request>
        void operator()(Handler&& handler, const Request& request, CallOptions options) const {
            self->start_call(Request::info, &request, options,
                             detail::make_call<typename Request::response_type>(
                                 std::forward<Handler>(handler), self->executor_));
        }
    };

    template <auto Start, class Signature, class CompletionToken, class... Args>
    auto initiate(CompletionToken& token, Args... args) {
        return asio::async_initiate<CompletionToken, Signature>(
            detail::Initiate<Conn, Start, Signature>{this}, token, std::move(args)...);
    }

    void start_connect(std::string address, std::uint16_t port, bool port_apart,
                       ConnectOptions options, detail::any_handler<void(std::error_code)> handler);
    void start_call(const protocol::MessageInfo& info, const void* request,
                    const CallOptions& options, std::unique_ptr<detail::PendingCall> call);
    void start_brokers(
        CallOptions options,
        detail::any_handler<void(std::error_code, std::vector<BrokerMetadata>)> handler);
    void start_controller(CallOptions options,
                          detail::any_handler<void(std::error_code, BrokerMetadata)> handler);
    void start_partitions(
        std::vector<std::string> topics, CallOptions options,
        detail::any_handler<void(std::error_code, std::vector<Partition>)> handler);
    void start_create_topics(std::vector<NewTopic> topics, CallOptions options,
                             detail::any_handler<void(std::error_code)> handler);
    void start_delete_topics(std::vector<std::string> topics, CallOptions options,
                             detail::any_handler<void(std::error_code)> handler);

    friend class blocking::Conn;
    friend class PartitionConn;  // works on the session itself
    template <class, auto, class>
    friend struct detail::Initiate;

    executor_type executor_;
    std::chrono::milliseconds request_timeout_;
    std::shared_ptr<io::Session> session_;
};

}  // namespace kafka
