// SPDX-License-Identifier: Apache-2.0
// A Kafka cluster for tests and development, inside this process and in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <asio/any_io_executor.hpp>

#include <kafka/export.hpp>
#include <kafka/result.hpp>
#include <kafka/testing/broker_options.hpp>
#include <kafka/uuid.hpp>

namespace kafka::testing {

/// Several brokers over real sockets, in one process and in memory. They speak the protocol as
/// Apache Kafka 4.4 does and are as strict: what Kafka refuses, they refuse with its error code.
///
///     kafka::testing::Broker broker({.topics = {{"orders", 12}}});
///     connect_to(broker.bootstrap());
///
/// Served at all their versions: Produce, Fetch (with sessions), ListOffsets, Metadata,
/// ApiVersions, CreateTopics, DeleteTopics, InitProducerId (for idempotent producers),
/// DescribeCluster. Groups, transactions, retention and compaction are not: their APIs are not
/// advertised.
///
/// Starts within milliseconds. All member functions are thread-safe; they must not be called from
/// the log sink. The destructor stops everything.
class KAFKA_API Broker {
public:
    /// Listens and serves on a thread of its own. Throws std::system_error if a port cannot be
    /// had, or if the options make no cluster (errc::invalid_argument).
    explicit Broker(BrokerOptions options = {});
    /// Serves on `executor`, which need not be serial; otherwise the same. The brokers answer only
    /// while it runs. The destructor does not wait for it.
    Broker(const asio::any_io_executor& executor, BrokerOptions options);
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;
    ~Broker();

    /// "127.0.0.1:40001,127.0.0.1:40002,...": what clients take as `bootstrap.servers`.
    [[nodiscard]] std::string bootstrap() const;
    /// Of the brokers, in the order of their ids.
    [[nodiscard]] std::vector<std::uint16_t> ports() const;
    [[nodiscard]] std::vector<std::int32_t> broker_ids() const;
    [[nodiscard]] std::string cluster_id() const;

    /// As CreateTopics does. Errors: Kafka's own (broker_errc), such as topic_already_exists.
    [[nodiscard]] Result<Uuid> create_topic(const BrokerTopic& topic);
    [[nodiscard]] Result<Uuid> create_topic(std::string_view name, std::int32_t partitions = 1);
    /// Errors: broker_errc::unknown_topic_or_partition.
    Failure delete_topic(std::string_view name);
    [[nodiscard]] std::vector<std::string> topics() const;
    [[nodiscard]] std::optional<Uuid> topic_id(std::string_view name) const;
    /// -1 if there is no such topic.
    [[nodiscard]] std::int32_t partition_count(std::string_view topic) const;

    /// The offset that the next record will get; -1 if there is no such partition. Nothing is ever
    /// removed from a log, so that this is the number of records as well.
    [[nodiscard]] std::int64_t high_watermark(std::string_view topic, std::int32_t partition) const;
    /// Records in all partitions of the topic; -1 if there is no such topic.
    [[nodiscard]] std::int64_t record_count(std::string_view topic) const;

    /// The broker that leads the partition; -1 if there is no such partition.
    [[nodiscard]] std::int32_t leader(std::string_view topic, std::int32_t partition) const;
    /// Makes another broker the leader, with a new leader epoch; one that was no replica takes the
    /// old leader's place. Errors: broker_errc::unknown_topic_or_partition, broker_not_available.
    Failure move_leader(std::string_view topic, std::int32_t partition, std::int32_t broker_id);

    /// Closes all sockets and ends the thread; what was stored can still be asked for. Harmless
    /// when called again.
    void stop();

private:
    class KAFKA_LOCAL Shell;
    std::shared_ptr<Shell> shell_;
};

}  // namespace kafka::testing
