// SPDX-License-Identifier: Apache-2.0
// Dialer: makes connections to brokers and to the leaders of partitions, and looks these up.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>

#include <kafka/client_metadata.hpp>
#include <kafka/conn.hpp>
#include <kafka/detail/initiate.hpp>
#include <kafka/dialer_config.hpp>
#include <kafka/export.hpp>
#include <kafka/partition.hpp>
#include <kafka/partition_conn.hpp>

namespace kafka {

/// An executor and a configuration: a plain value, to be copied at will. It holds no connection; an
/// operation takes what it needs with it, and goes on when the Dialer is gone.
///
/// **Addresses** are "host:port" (the default port is 9092; see Conn::async_connect), or several
/// separated by commas, of which the first that can be reached is used. TLS expects the
/// certificate of the host that is connected to.
///
/// **Cancellation** on every type, with asio::error::operation_aborted; whatever was opened is
/// closed. **Threads:** members that are const may be called from several threads at once.
/// **Completion:** handlers run on their associated executor, or on that of the Dialer; never
/// inside the function that starts the operation. If the event loop is destroyed, handlers are
/// destroyed without being called.
///
/// **Errors** of all operations: those of Conn::async_connect. Of look-ups besides: those of
/// Conn::async_call; broker_errc::unknown_topic_or_partition, topic_authorization_failed,
/// invalid_topic_exception. A look-up uses a connection of its own, for that moment.
class KAFKA_API Dialer {
public:
    using executor_type = asio::any_io_executor;

    // Overloads, not default arguments: see Conn.
    explicit Dialer(executor_type executor);
    Dialer(executor_type executor, DialerConfig config);
    /// From an execution context, such as asio::io_context.
    template <class Context>
    requires std::convertible_to<typename Context::executor_type, executor_type>
    explicit Dialer(Context& context) : Dialer(executor_type(context.get_executor())) {}
    template <class Context>
    requires std::convertible_to<typename Context::executor_type, executor_type> Dialer(
        Context& context, DialerConfig config)
        : Dialer(executor_type(context.get_executor()), std::move(config)) {}
    Dialer(const Dialer&);
    Dialer(Dialer&&) noexcept;
    Dialer& operator=(const Dialer&);
    Dialer& operator=(Dialer&&) noexcept;
    ~Dialer();

    [[nodiscard]] executor_type get_executor() const noexcept { return executor_; }
    [[nodiscard]] const DialerConfig& config() const noexcept { return config_; }
    [[nodiscard]] DialerConfig& config() noexcept { return config_; }

    /// Connects to a broker. Signature: `void(std::error_code, Conn)`; with an error the Conn is
    /// one that was never connected.
    template <class CompletionToken>
    auto async_dial(std::string address, CompletionToken&& token) const {
        return async_dial(std::move(address), DialOptions{}, std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_dial(std::string address, DialOptions options, CompletionToken&& token) const {
        return start<&Dialer::start_dial, void(std::error_code, Conn)>(token, std::move(address),
                                                                       options);
    }
    /// Asks the broker at `address` for the leader of a partition, and connects to that one. While
    /// there is no leader, or it cannot be reached (it may just have gone), asks again, with
    /// pauses, until the time-out. Signature: `void(std::error_code, PartitionConn)`. Errors,
    /// besides: broker_errc::leader_not_available, when the time is over; the PartitionConn then
    /// was never connected.
    template <class CompletionToken>
    auto async_dial_leader(std::string address, std::string topic, std::int32_t partition,
                           CompletionToken&& token) const {
        return async_dial_leader(std::move(address), std::move(topic), partition, DialOptions{},
                                 std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_dial_leader(std::string address, std::string topic, std::int32_t partition,
                           DialOptions options, CompletionToken&& token) const {
        return start<&Dialer::start_dial_leader, void(std::error_code, PartitionConn)>(
            token, std::move(address), std::move(topic), partition, options);
    }
    /// Connects to the leader of a partition that was looked up before. Signature:
    /// `void(std::error_code, PartitionConn)`. Errors, besides: broker_errc::leader_not_available,
    /// if it had none.
    template <class CompletionToken>
    auto async_dial_partition(Partition partition, CompletionToken&& token) const {
        return async_dial_partition(std::move(partition), DialOptions{},
                                    std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_dial_partition(Partition partition, DialOptions options,
                              CompletionToken&& token) const {
        return start<&Dialer::start_dial_partition, void(std::error_code, PartitionConn)>(
            token, std::move(partition), options);
    }

    /// The partitions of a topic, those without a leader as well. Signature:
    /// `void(std::error_code, std::vector<Partition>)`.
    template <class CompletionToken>
    auto async_lookup_partitions(std::string address, std::string topic,
                                 CompletionToken&& token) const {
        return async_lookup_partitions(std::move(address), std::move(topic), DialOptions{},
                                       std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_lookup_partitions(std::string address, std::string topic, DialOptions options,
                                 CompletionToken&& token) const {
        return start<&Dialer::start_lookup_partitions,
                     void(std::error_code, std::vector<Partition>)>(token, std::move(address),
                                                                    std::move(topic), options);
    }
    /// One partition, with or without a leader. Signature: `void(std::error_code, Partition)`.
    template <class CompletionToken>
    auto async_lookup_partition(std::string address, std::string topic, std::int32_t partition,
                                CompletionToken&& token) const {
        return async_lookup_partition(std::move(address), std::move(topic), partition,
                                      DialOptions{}, std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_lookup_partition(std::string address, std::string topic, std::int32_t partition,
                                DialOptions options, CompletionToken&& token) const {
        return start<&Dialer::start_lookup_partition, void(std::error_code, Partition)>(
            token, std::move(address), std::move(topic), partition, options);
    }
    /// The leader of a partition; asks until there is one, as async_dial_leader does. Signature:
    /// `void(std::error_code, BrokerMetadata)`.
    template <class CompletionToken>
    auto async_lookup_leader(std::string address, std::string topic, std::int32_t partition,
                             CompletionToken&& token) const {
        return async_lookup_leader(std::move(address), std::move(topic), partition, DialOptions{},
                                   std::forward<CompletionToken>(token));
    }
    template <class CompletionToken>
    auto async_lookup_leader(std::string address, std::string topic, std::int32_t partition,
                             DialOptions options, CompletionToken&& token) const {
        return start<&Dialer::start_lookup_leader, void(std::error_code, BrokerMetadata)>(
            token, std::move(address), std::move(topic), partition, options);
    }

private:
    template <class Result>
    using Handler = detail::any_handler<void(std::error_code, Result)>;

    template <auto Start, class Signature, class CompletionToken, class... Args>
    auto start(CompletionToken& token, Args... args) const {
        // By value: a lazy operation may be started when this object has gone.
        return asio::async_initiate<CompletionToken, Signature>(Initiate<Start, Signature>{*this},
                                                                token, std::move(args)...);
    }
    template <auto Start, class Signature>
    struct Initiate;

    void start_dial(std::string address, const DialOptions& options, Handler<Conn> handler) const;
    void start_dial_leader(std::string address, std::string topic, std::int32_t partition,
                           const DialOptions& options, Handler<PartitionConn> handler) const;
    void start_dial_partition(Partition partition, const DialOptions& options,
                              Handler<PartitionConn> handler) const;
    void start_lookup_partitions(std::string address, std::string topic, const DialOptions& options,
                                 Handler<std::vector<Partition>> handler) const;
    void start_lookup_partition(std::string address, std::string topic, std::int32_t partition,
                                const DialOptions& options, Handler<Partition> handler) const;
    void start_lookup_leader(std::string address, std::string topic, std::int32_t partition,
                             const DialOptions& options, Handler<BrokerMetadata> handler) const;

    executor_type executor_;
    DialerConfig config_;
};

template <auto Start, class Signature>
struct Dialer::Initiate {
    using executor_type = Dialer::executor_type;
    [[nodiscard]] executor_type get_executor() const noexcept { return dialer.get_executor(); }

    template <class Handler, class... Args>
    void operator()(Handler&& handler, Args&&... args) const {
        (dialer.*Start)(
            std::forward<Args>(args)...,
            detail::any_handler<Signature>(std::forward<Handler>(handler), dialer.get_executor()));
    }

    Dialer dialer;
};

}  // namespace kafka
