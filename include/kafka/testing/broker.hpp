// SPDX-License-Identifier: Apache-2.0
// A Kafka cluster for tests and development, inside this process and in memory.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <asio/any_io_executor.hpp>

#include <kafka/export.hpp>
#include <kafka/result.hpp>
#include <kafka/slice.hpp>
#include <kafka/testing/broker_options.hpp>
#include <kafka/testing/history.hpp>
#include <kafka/testing/rule.hpp>
#include <kafka/uuid.hpp>

namespace kafka::testing {

/// Whom a coordinator is for: the key types of FindCoordinator.
enum class CoordinatorOf : std::int8_t { group = 0, transaction = 1, share = 2 };

/// Several brokers over real sockets, in one process and in memory. They speak the protocol as
/// Apache Kafka 4.4 does and are as strict: what Kafka refuses, they refuse with its error code.
///
///     kafka::testing::Broker broker({.topics = {{"orders", 12}}});
///     connect_to(broker.bootstrap());
///
/// Served at all their versions: Produce, Fetch (with sessions), ListOffsets, Metadata,
/// FindCoordinator, SaslHandshake and SaslAuthenticate, ApiVersions, CreateTopics, DeleteTopics,
/// DescribeCluster, DescribeConfigs of topics; InitProducerId, AddPartitionsToTxn, AddOffsetsToTxn, TxnOffsetCommit, EndTxn,
/// DescribeTransactions and ListTransactions (to version 1); OffsetCommit and OffsetFetch, of
/// groups without members. Membership of groups, retention and compaction are not: their APIs are
/// not advertised.
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
    /// removed from a log, so that this is the number of records as well, markers of transactions
    /// included.
    [[nodiscard]] std::int64_t high_watermark(std::string_view topic, std::int32_t partition) const;
    /// Records in all partitions of the topic, markers included; -1 if there is no such topic.
    [[nodiscard]] std::int64_t record_count(std::string_view topic) const;

    /// Where the first open transaction of the partition begins, or the high watermark; -1 if there
    /// is no such partition.
    [[nodiscard]] std::int64_t last_stable_offset(std::string_view topic,
                                                  std::int32_t partition) const;
    /// As Kafka spells it: "Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit" or
    /// "CompleteAbort"; nothing if nobody has used the transactional id.
    [[nodiscard]] std::optional<std::string> transaction_state(
        std::string_view transactional_id) const;
    /// What the group has committed, without what open transactions are about to; -1 if that is
    /// nothing.
    [[nodiscard]] std::int64_t committed_offset(std::string_view group, std::string_view topic,
                                                std::int32_t partition) const;

    /// The broker that leads the partition; -1 if there is no such partition.
    [[nodiscard]] std::int32_t leader(std::string_view topic, std::int32_t partition) const;
    /// -1 if there is no such partition.
    [[nodiscard]] std::int32_t leader_epoch(std::string_view topic, std::int32_t partition) const;
    /// Makes another broker the leader, with a new leader epoch; one that was no replica takes the
    /// old leader's place. -1 leaves the partition without a leader.
    /// Errors: broker_errc::unknown_topic_or_partition, broker_not_available.
    Failure move_leader(std::string_view topic, std::int32_t partition, std::int32_t broker_id);
    /// Gives every partition of every topic another leader that is up, chosen by the seed of the
    /// options, if there is another.
    void shuffle_leaders();

    // ---- Topics that change under a client.

    /// Deletes the topic and creates it anew: another id, no records.
    /// Errors: broker_errc::unknown_topic_or_partition.
    Failure recreate_topic(std::string_view name);
    /// Grows the topic to `count` partitions. Errors: broker_errc::unknown_topic_or_partition,
    /// invalid_partitions.
    Failure add_partitions(std::string_view name, std::int32_t count);
    /// The batches in a partition's log as they were stored, to be read with RecordReader; null if
    /// there is no such partition.
    [[nodiscard]] Slice batches(std::string_view topic, std::int32_t partition) const;

    // ---- Brokers that fail.

    /// The broker is gone: connections end, new ones are refused, clients are not told of it any
    /// more, and partitions that have another copy get another leader. Ending::reset is kill -9,
    /// Ending::close a clean end. Errors: broker_errc::broker_not_available.
    Failure stop_broker(std::int32_t id, Ending ending = Ending::reset);
    /// It is there again, on its port, or on any free one (clients are then told of that).
    /// Errors: errc::invalid_argument if it is not down, or the system's if the port was taken.
    Failure start_broker(std::int32_t id, bool on_new_port = false);
    /// Nothing of it runs any more, as after SIGSTOP; the system still accepts connections and
    /// bytes for it. Errors: broker_errc::broker_not_available.
    Failure pause_broker(std::int32_t id);
    /// Errors: errc::invalid_argument if it was not paused.
    Failure resume_broker(std::int32_t id);
    /// Ends all connections to that broker, or with 0 to all of them.
    void drop_connections(std::int32_t id = 0, Ending ending = Ending::reset);

    // ---- What clients are told.

    /// Where clients are told that the broker is; it stays where it was.
    /// Errors: broker_errc::broker_not_available.
    Failure advertise(std::int32_t id, std::string host, std::uint16_t port);
    /// Leaves the broker out of what clients are told, or puts it in again; it goes on serving.
    /// Errors: broker_errc::broker_not_available.
    Failure hide_broker(std::int32_t id, bool hidden = true);
    /// Errors: broker_errc::broker_not_available.
    Failure set_controller(std::int32_t id);
    void set_cluster_id(std::string id);
    /// -1 if no broker is up.
    [[nodiscard]] std::int32_t coordinator(CoordinatorOf kind, std::string_view key) const;
    /// Errors: broker_errc::broker_not_available.
    Failure move_coordinator(CoordinatorOf kind, std::string_view key, std::int32_t broker_id);
    /// Serves and advertises only these versions of an API (cut to those that there are), as an
    /// older broker. Errors: errc::unsupported_version if none is left, unsupported_api.
    template <protocol::Request R>
    Failure limit_versions(std::int16_t min, std::int16_t max) {
        return limit_versions(R::info, {min, max});
    }
    Failure limit_versions(const protocol::MessageInfo& request, protocol::VersionRange versions);

    /// For PLAIN and SCRAM, from the next login on: logins and re-authentications with another
    /// password then fail. An empty password removes the user.
    void set_password(const std::string& user, const std::string& password);

    // ---- Rules.

    /// From the next request on. Throws std::system_error (errc::invalid_argument) for a rule that
    /// can never work, such as one with a field path that its API's response does not have.
    RuleId add(const Rule& rule);
    /// False if there is no such rule.
    bool remove(RuleId id);
    void clear_rules();
    /// How often the rule acted; 0 if it was removed.
    [[nodiscard]] std::uint64_t hits(RuleId id) const;
    /// Waits until it acted that often; false if the time is over first.
    [[nodiscard]] bool wait_hits(RuleId id, std::uint64_t count,
                                 std::chrono::milliseconds timeout) const;

    /// Moves the brokers' clocks forward: what waits for a time that is then over goes on at once.
    void advance(std::chrono::milliseconds time);

    // ---- What happened.

    /// Requests of an API that arrived, those refused by rules included.
    template <protocol::Request R>
    [[nodiscard]] std::uint64_t count() const {
        return count(R::info.api_key);
    }
    [[nodiscard]] std::uint64_t count(std::int16_t api_key) const;
    /// Waits until that many have arrived; false if the time is over first.
    template <protocol::Request R>
    [[nodiscard]] bool wait_count(std::uint64_t requests, std::chrono::milliseconds timeout) const {
        return wait_count(R::info.api_key, requests, timeout);
    }
    [[nodiscard]] bool wait_count(std::int16_t api_key, std::uint64_t requests,
                                  std::chrono::milliseconds timeout) const;
    /// Keeps every request and answer from now on, or no more of them.
    void record_history(bool on = true);
    /// In the order of the requests.
    [[nodiscard]] std::vector<RecordedCall> history() const;
    void clear_history();
    /// Waits until a recorded call is as `wanted` says, and returns it; nothing if the time is over
    /// first. `wanted` runs under the brokers' lock: it must not call them.
    [[nodiscard]] std::optional<RecordedCall> expect(
        const std::function<bool(const RecordedCall&)>& wanted,
        std::chrono::milliseconds timeout) const;
    /// Of the history: the most requests that one connection had unanswered at a time.
    [[nodiscard]] std::size_t max_in_flight() const;
    /// Clients that are connected now.
    [[nodiscard]] std::size_t connection_count() const;

    /// Closes all sockets and ends the thread; what was stored can still be asked for. Harmless
    /// when called again.
    void stop();

private:
    class KAFKA_LOCAL Shell;
    std::shared_ptr<Shell> shell_;
};

}  // namespace kafka::testing
