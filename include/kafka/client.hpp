// SPDX-License-Identifier: Apache-2.0
// Client: a cluster, for any request of the protocol.
#pragma once

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

#include <kafka/client_call.hpp>
#include <kafka/client_config.hpp>
#include <kafka/client_metadata.hpp>
#include <kafka/client_stats.hpp>
#include <kafka/detail/any_handler.hpp>
#include <kafka/detail/pending_call.hpp>
#include <kafka/error.hpp>
#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka {

namespace io {
class Cluster;
}
namespace blocking {
class Client;
}

/// A cluster: its connections and what is known of it, shared by everything that is made from this
/// object. Each request goes where its kind belongs: to any broker, the controller, the leaders of
/// its partitions, the coordinators of its groups or transactions. One that spans brokers is cut,
/// and its answers are made one again.
///
/// **Life.** Nothing is connected to before it is needed. Connections come back by themselves, with
/// pauses that grow; idle ones are closed. Copies are not made: move it, or share it by pointer.
///
/// **Threads.** All members may be called from several threads at once, except construction,
/// destruction, assignment and moving. The executor may be one of many threads: the object works
/// on a strand of it. Several clients, each on an executor of its own, share nothing.
///
/// **Completion.** Handlers run on their associated executor, or on that of the Client; never
/// inside the function that starts the operation.
///
/// **Time.** A call ends at its time-out at the latest, whatever it waits for: a connection,
/// metadata, a coordinator, a pause, an answer. Default: ConnConfig::request_timeout.
///
/// **Another try.** Within its time-out, a call is tried again where that cannot do harm: while it
/// certainly was not sent; when a broker answers that it is not (or not yet) the leader, the
/// controller or the coordinator, which means that it did nothing; and, for requests that only
/// read, whenever the connection is lost. A write that may have been executed is never repeated:
/// it fails with errc::connection_lost or errc::request_timed_out. A Produce that a leader wrote
/// before it lost its place is such a write, which its answer shows (NOT_LEADER_OR_FOLLOWER with a
/// base offset): it is repeated only where the batch has a producer's id and sequence number, by
/// which brokers know the second one.
///
/// **Cancellation** per operation: `terminal` and `partial` end it with
/// asio::error::operation_aborted, at once; `total` does so only while nothing of it was sent.
///
/// **Failure.** What no other try can mend (a refused authentication, a peer that is no broker)
/// fails the calls that wait for it at once; there is no further attempt before the next call.
///
/// **The end.** close() fails what is under way with errc::connection_closed. Destruction does the
/// same, and says so in the log if calls were under way. If the event loop is destroyed instead,
/// handlers are destroyed without being called. The Client must not outlive the execution context
/// of its executor. In a forked child it belongs to the parent: leave it alone.
class KAFKA_API Client {
public:
    using executor_type = asio::any_io_executor;
    using Metadata = std::shared_ptr<const ClusterMetadata>;

    Client(executor_type executor, ClientConfig config);
    /// From an execution context, such as asio::io_context.
    template <class Context>
    requires std::convertible_to<typename Context::executor_type, executor_type> Client(
        Context& context, ClientConfig config)
        : Client(executor_type(context.get_executor()), std::move(config)) {}
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;
    ~Client();

    [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }

    /// Sends a request where it belongs and gives its response. The request is kept until the call
    /// is done: copied, or moved where it is an rvalue; record data in it is shared, not copied.
    /// Produce, Fetch and others may name topics by name or by id: what the version needs is added,
    /// and names are put into the response.
    ///
    /// A request that spans brokers succeeds if one of them, or what is known of the topics, gives
    /// a result. An item whose broker could not be asked then has a code in its own place:
    /// NETWORK_EXCEPTION, REQUEST_TIMED_OUT, UNSUPPORTED_VERSION or what the broker refused with
    /// (for ListGroups and ListTransactions, the response's errorCode);
    /// ClientCallOptions::failures has the details. The order of the items may differ from that
    /// of the request. A Fetch in a session, ShareFetch, ShareAcknowledge and WriteTxnMarkers are
    /// never cut: errc::invalid_argument if they would have to be.
    ///
    /// Signature: `void(std::error_code, Response)`, with Response = Request::response_type.
    /// Errors: errc::request_timed_out, errc::connection_lost, what a connection fails with (see
    /// Conn::async_connect and Conn::async_call), the broker's word where there is no response to
    /// put it into (such as broker_errc::group_authorization_failed of a coordinator's look-up,
    /// broker_errc::broker_not_available for a broker that was named and is not there),
    /// errc::invalid_argument, errc::too_many_in_flight (ClientConfig::max_calls),
    /// errc::connection_closed, operation_aborted.
    template <class Request, class CompletionToken>
    requires protocol::Request<std::remove_cvref_t<Request>>
    auto async_call(Request&& request, CompletionToken&& token) {
        return async_call(std::forward<Request>(request), ClientCallOptions{},
                          std::forward<CompletionToken>(token));
    }
    template <class Request, class CompletionToken>
    requires protocol::Request<std::remove_cvref_t<Request>>
    auto async_call(Request&& request, ClientCallOptions options, CompletionToken&& token) {
        using Own = std::remove_cvref_t<Request>;
        return asio::async_initiate<CompletionToken,
                                    void(std::error_code, typename Own::response_type)>(
            InitiateCall<Own>{this}, token,
            std::shared_ptr<const void>(std::make_shared<Own>(std::forward<Request>(request))),
            options);
    }

    /// Asks for the metadata of these topics (none: for the brokers alone), which are in use from
    /// now on, and gives all that is then known. What a broker says of a topic instead of an
    /// answer is in TopicMetadata::error.
    /// Signature: `void(std::error_code, std::shared_ptr<const ClusterMetadata>)`; null on error.
    /// Errors: those of async_call that have to do with connections and time.
    template <class CompletionToken>
    auto async_metadata(std::vector<std::string> topics, CompletionToken&& token) {
        return async_metadata(std::move(topics), ClientCallOptions{},
                              std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_metadata(std::vector<std::string> topics, ClientCallOptions options,
                        CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(std::error_code, Metadata)>(
            InitiateMetadata{this}, token, std::move(topics), options);
    }
    /// What is known now, without asking. Never null; empty (version 0) before the first answer.
    [[nodiscard]] Metadata metadata() const;

    /// Cumulative counts since the creation. Can be read at any time on any thread, also after
    /// close(), without holding up the event loop.
    [[nodiscard]] ClientStats stats() const;

    /// The configured bootstrap addresses.
    [[nodiscard]] const std::string& bootstrap() const noexcept;

    /// Ends everything: calls fail with errc::connection_closed, connections are closed, soon.
    /// Calling it again does nothing.
    void close();
    /// The same; completes when all connections are closed and all calls are ended.
    /// Signature: `void(std::error_code)`, always without an error.
    template <class CompletionToken>
    auto async_close(CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(std::error_code)>(InitiateClose{this},
                                                                            token);
    }

    /// For the library's own use.
    [[nodiscard]] const std::shared_ptr<io::Cluster>& cluster() const noexcept { return cluster_; }

private:
    struct Initiate {  // named, with an executor: cancel_after and deferred ask for one
        using executor_type = Client::executor_type;
        [[nodiscard]] executor_type get_executor() const noexcept { return self->executor_; }
        Client* self;
    };
    template <class Request>
    struct InitiateCall : Initiate {
        explicit InitiateCall(Client* client) : Initiate{client} {}
        template <class Handler>
        void operator()(Handler&& handler, std::shared_ptr<const void> request,
                        ClientCallOptions options) const {
            self->start_call(detail::call_type_of<Request>, std::move(request), options,
                             detail::make_call<typename Request::response_type>(
                                 std::forward<Handler>(handler), self->executor_));
        }
    };
    struct InitiateMetadata : Initiate {
        explicit InitiateMetadata(Client* client) : Initiate{client} {}
        template <class Handler>
        void operator()(Handler&& handler, std::vector<std::string> topics,
                        ClientCallOptions options) const {
            self->start_metadata(std::move(topics), options,
                                 {std::forward<Handler>(handler), self->executor_});
        }
    };
    struct InitiateClose : Initiate {
        explicit InitiateClose(Client* client) : Initiate{client} {}
        template <class Handler>
        void operator()(Handler&& handler) const {
            self->start_close({std::forward<Handler>(handler), self->executor_});
        }
    };

    void start_call(const detail::CallType& type, std::shared_ptr<const void> request,
                    const ClientCallOptions& options, std::unique_ptr<detail::PendingCall> call);
    void start_metadata(std::vector<std::string> topics, const ClientCallOptions& options,
                        detail::any_handler<void(std::error_code, Metadata)> handler);
    void start_close(detail::any_handler<void(std::error_code)> handler);

    friend class blocking::Client;

    executor_type executor_;
    std::shared_ptr<io::Cluster> cluster_;
};

}  // namespace kafka
