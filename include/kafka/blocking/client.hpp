// SPDX-License-Identifier: Apache-2.0
// blocking::Client: kafka::Client for programs without an event loop.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <kafka/blocking/error.hpp>
#include <kafka/blocking/runtime.hpp>
#include <kafka/client_call.hpp>
#include <kafka/client_config.hpp>
#include <kafka/client_metadata.hpp>
#include <kafka/client_stats.hpp>
#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::blocking {

/// A cluster. Each call waits for its answer; several threads may call at once. All members are
/// thread-safe, except construction, destruction, assignment and moving. Failures are thrown as
/// kafka::Error. Every call ends within its time-out. Hooks and the log sink run on the runtime's
/// thread.
class KAFKA_API Client {
public:
    /// With a runtime of its own, or one shared with other objects.
    explicit Client(ClientConfig config, Runtime runtime = {});
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;
    ~Client();

    /// Sends a request where it belongs and gives its response. Throws Error with the errors of
    /// kafka::Client::async_call; what brokers say of the request's content is in the response.
    template <protocol::Request Request>
    typename Request::response_type call(Request request, const ClientCallOptions& options = {}) {
        typename Request::response_type response;
        call(detail::call_type_of<Request>, std::make_shared<Request>(std::move(request)),
             &response, options);
        return response;
    }

    /// As kafka::Client::async_metadata. Never null.
    std::shared_ptr<const ClusterMetadata> fetch_metadata(std::vector<std::string> topics,
                                                          const ClientCallOptions& options = {});

    /// Ends everything; calls that wait on other threads fail with errc::connection_closed.
    /// Returns when all connections are closed.
    void close();

    /// As in kafka::Client.
    [[nodiscard]] std::shared_ptr<const ClusterMetadata> metadata() const;
    [[nodiscard]] ClientStats stats() const;
    [[nodiscard]] const std::string& bootstrap() const noexcept;

private:
    void call(const detail::CallType& type, std::shared_ptr<const void> request, void* response,
              const ClientCallOptions& options);

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace kafka::blocking
