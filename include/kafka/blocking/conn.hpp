// SPDX-License-Identifier: Apache-2.0
// blocking::Conn: kafka::Conn for programs without an event loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <kafka/blocking/error.hpp>
#include <kafka/blocking/runtime.hpp>
#include <kafka/client_metadata.hpp>
#include <kafka/conn_config.hpp>
#include <kafka/export.hpp>
#include <kafka/new_topic.hpp>
#include <kafka/partition.hpp>
#include <kafka/protocol/api_versions.hpp>
#include <kafka/protocol/message.hpp>
#include <kafka/result.hpp>

namespace kafka {
class Conn;
}

namespace kafka::blocking {

/// A connection to one broker. Each call waits for its answer; several threads may call at once,
/// and their requests are pipelined. All members are thread-safe, except construction, destruction,
/// assignment and moving. Failures are thrown as kafka::Error. Every call ends within its time-out.
class KAFKA_API Conn {
public:
    /// With a runtime of its own, or one shared with other objects.
    explicit Conn(ConnConfig config = {}, Runtime runtime = {});
    Conn(Conn&&) noexcept;
    Conn& operator=(Conn&&) noexcept;
    ~Conn();

    /// Connects to "host:port" (the default port is 9092) and negotiates versions; once in the
    /// life of the object. Throws Error with the errors of kafka::Conn::async_connect.
    void connect(const std::string& address, ConnectOptions options = {});

    /// Sends a request and gives its response. Throws Error with the errors of
    /// kafka::Conn::async_call; what the broker says of the request's content is in the response.
    template <protocol::Request Request>
    typename Request::response_type call(const Request& request, const CallOptions& options = {}) {
        typename Request::response_type response;
        call(Request::info, &request, Request::response_type::info, &response, options);
        return response;
    }

    /// As the operations of kafka::Conn. Throw Error.
    std::vector<BrokerMetadata> brokers(const CallOptions& options = {});
    BrokerMetadata controller(const CallOptions& options = {});
    std::vector<Partition> partitions(std::vector<std::string> topics = {},
                                      const CallOptions& options = {});
    void create_topics(std::vector<NewTopic> topics, const CallOptions& options = {});
    void delete_topics(std::vector<std::string> topics, const CallOptions& options = {});

    /// Ends the connection; calls that wait on other threads fail with errc::connection_closed.
    void close();

    /// As in kafka::Conn.
    [[nodiscard]] bool is_open() const noexcept;
    [[nodiscard]] std::string peer() const;
    [[nodiscard]] const protocol::ApiVersionsResponse& api_versions() const noexcept;
    [[nodiscard]] Result<std::int16_t> version_for(const protocol::MessageInfo& request) const;
    /// Null if it is not encrypted, or before it is open. Valid as long as the Conn.
    [[nodiscard]] const TlsInfo* tls() const noexcept;
    [[nodiscard]] std::chrono::milliseconds throttle_time() const noexcept;
    [[nodiscard]] ConnStats stats() const noexcept;

private:
    friend class Dialer;
    friend class PartitionConn;
    // In this order: Conn({}, runtime) is a configuration's alone.
    Conn(Runtime runtime, kafka::Conn conn);
    void call(const protocol::MessageInfo& info, const void* request,
              const protocol::MessageInfo& response_info, void* response,
              const CallOptions& options);

    struct KAFKA_LOCAL Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace kafka::blocking
