// SPDX-License-Identifier: Apache-2.0
// ProduceCore: sealed batches to acknowledged records, without sockets and without a clock. Fed
// with batches, events and time; drained of actions and a deadline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include <kafka/client_metadata.hpp>
#include <kafka/log.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/result.hpp>

#include "base/backoff.hpp"
#include "base/ring.hpp"
#include "core/broker_pool.hpp"
#include "core/produce/batch_split.hpp"
#include "core/produce/indexed_heap.hpp"
#include "core/produce/partition_queue.hpp"
#include "core/produce/produce_batch.hpp"
#include "core/produce/produce_gate.hpp"
#include "core/time.hpp"

namespace kafka::core {

struct ProduceLimits {
    std::int16_t acks = -1;  ///< -1 all, 1 the leader, 0 none
    /// Needs acks -1. Without it a batch whose answer was lost is sent again all the same and may
    /// be stored twice, and with more than one in flight a retry may change the order, as in Kafka.
    bool idempotent = true;
    unsigned max_in_flight =
        5;  ///< requests a broker; idempotent: at most 5, which brokers remember
    std::size_t max_request_size = 1'048'576;  ///< bytes; a larger batch goes alone
    milliseconds request_timeout{30'000};      ///< what the broker is given
    Backoff retry{};
    unsigned max_attempts = 0;                    ///< of a batch; 0: until its deadline
    std::optional<std::string> transactional_id;  ///< needs a gate
    SplitCodec codec;                             ///< to cut compressed batches
    std::uint64_t seed = 1;                       ///< of the jitter
};

/// Not thread-safe. Costs are per batch; nothing is allocated once its queues have grown.
///
/// Order: a partition's batches are numbered when first sent and stay in that order; one that is to
/// be sent again waits for all that fly with it, and nothing newer goes before it.
/// Outcome: a batch ends as `failed` only if no attempt of it can have been stored.
/// Memory: a batch belongs to the core from submit() to Release, which comes after its records were
/// reported and after no request that holds its bytes is with the transport any more.
class ProduceCore {
public:
    using RequestId = std::uint64_t;

    // Actions.
    /// Ends with on_response() or on_failed(), when nobody reads its bytes any more. Not before
    /// that is `message` changed or freed.
    struct SendProduce {
        RequestId request;
        std::int32_t broker;
        const protocol::ProduceRequest* message;
        std::int16_t newest_version;  ///< 12 where a topic's id is not known, 11 without KIP-890
    };
    /// Answered by on_connected() or on_disconnected().
    struct WantConnection {
        std::int32_t broker;
    };
    /// Fresh metadata. Answered by on_leaders() or on_no_metadata().
    struct WantMetadata {
        TopicIndex topic;
    };
    /// InitProducerId without a transactional id. Answered by on_producer_id() or
    /// on_no_producer_id().
    struct WantProducerId {};
    /// The end of records of a batch. All of a batch's records end once.
    struct Over {
        ProduceBatch* batch;
        std::int32_t first;
        std::int32_t count;
        ProduceOutcome outcome;
        bool last;  ///< of the batch
    };
    /// The batch comes back.
    struct Release {
        std::unique_ptr<ProduceBatch> batch;
    };
    struct Note {
        LogLevel level;
        std::string message;
        std::string detail;
    };
    using Action = std::variant<SendProduce, WantConnection, WantMetadata, WantProducerId, Over,
                                Release, Note>;

    struct Counters {
        std::uint64_t batches = 0, records = 0, bytes = 0;       // submitted
        std::uint64_t stored = 0, failed = 0, unknown = 0;       // records
        std::uint64_t requests = 0, retries = 0, splits = 0;     // retries: of batches
        std::uint64_t sent_bytes = 0, epochs = 0, odd_rows = 0;  // epochs: new ones begun
        std::uint64_t expired = 0;                               // batches
    };
    struct Backlog {
        std::size_t batches = 0, bytes = 0, flying = 0;
        std::int64_t records = 0;
    };

    explicit ProduceCore(ProduceLimits limits, ProduceGate* gate = nullptr);
    ~ProduceCore();
    ProduceCore(const ProduceCore&) = delete;
    ProduceCore& operator=(const ProduceCore&) = delete;

    // What to do.
    /// The same number for the same name.
    TopicIndex add_topic(std::string_view name);
    [[nodiscard]] const std::string& topic_name(TopicIndex topic) const {
        return topics_[topic]->name;
    }
    void submit(std::unique_ptr<ProduceBatch> batch, Time now);
    /// What is not in a request ends with `why`; as `unknown` if an earlier attempt may be stored.
    void abort_waiting(const Failure& why, Time now);
    /// Everything ends: what is in a request as `unknown`. Nothing is accepted any more. The
    /// requests' own ends are waited for with idle().
    void close(const Failure& why, Time now);

    // A barrier: everything submitted so far was reported, once barrier_over(barrier()).
    [[nodiscard]] std::uint64_t barrier() const noexcept { return next_serial_; }
    [[nodiscard]] bool barrier_over(std::uint64_t barrier) const noexcept {
        return unreported_.empty() || unreported_.front()->serial_ >= barrier;
    }
    /// Nothing is owned: all was reported and released, no request is out.
    [[nodiscard]] bool idle() const noexcept { return owned_ == 0 && requests_out_ == 0; }

    // Events.
    /// Metadata of a topic, asked for or not. Its `error` is that of the last answer, the rest may
    /// be older.
    void on_leaders(TopicIndex topic, const TopicMetadata& metadata, Time now);
    void on_no_metadata(TopicIndex topic, const Failure& failure, Time now);
    void on_connected(std::int32_t broker, Time now);
    /// A connection was lost or did not come about; its requests are told of one by one as well.
    void on_disconnected(std::int32_t broker, const Failure& failure, Time now);
    /// With acks=0: an empty one, when the request was handed to the system.
    void on_response(RequestId request, const protocol::ProduceResponse& response, Time now);
    /// `sent`: a part of it may have reached the broker.
    void on_failed(RequestId request, const Failure& failure, bool sent, Time now);
    void on_producer_id(ProducerId producer, Time now);
    void on_no_producer_id(const Failure& failure, Time now);
    /// The gate may say something else now.
    void on_gate(Time now);

    [[nodiscard]] Time next_deadline() const noexcept;
    void on_time(Time now);
    [[nodiscard]] bool take(Action& action);

    [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
    [[nodiscard]] Backlog backlog(TopicIndex topic, std::int32_t partition) const noexcept;
    /// Bytes of all batches that were not reported.
    [[nodiscard]] std::size_t buffered_bytes() const noexcept { return buffered_bytes_; }
    [[nodiscard]] const ProducerId& producer() const noexcept { return producer_; }
    /// What ended the producer; none while it lives.
    [[nodiscard]] const Failure& fatal() const noexcept { return fatal_; }

private:
    struct Topic {
        std::string name;
        Uuid id{};
        std::vector<std::unique_ptr<ProducePartition>> partitions;
        bool asked = false;
        unsigned failures = 0;
        Time ask_at = never;
    };
    struct Request;
    struct Sooner {
        bool operator()(const ProduceBatch& a, const ProduceBatch& b) const noexcept {
            return a.deadline != b.deadline ? a.deadline < b.deadline : a.serial_ < b.serial_;
        }
    };

    // Queues and their ends (produce_core.cpp).
    ProducePartition& partition_of(TopicIndex topic, std::int32_t number);
    ProducePartition& partition_of(const ProduceEntry& entry);
    void report(ProduceEntry& entry, ProduceOutcome outcome);
    void remove(ProducePartition& partition, ProduceEntry& entry);
    void succeed(ProducePartition& partition, ProduceEntry& entry, std::int64_t offset,
                 std::int64_t append_time);
    void end(ProducePartition& partition, ProduceEntry& entry, Failure failure);
    void discard(ProducePartition& partition, ProduceEntry& entry) noexcept;
    void end_waiting(ProducePartition& partition, const Failure& why);
    void end_all(const Failure& why, bool flying_too);
    void expire(ProduceBatch& batch, Time now);
    void settle(ProducePartition& partition);
    void die(const Failure& why);
    void note(LogLevel level, std::string message, std::string detail = {});

    // What goes where and when (produce_route.cpp).
    void list(ProducePartition& partition, Time now);
    void list_all(Time now);
    void sleep(ProducePartition& partition);
    void wake_at(Time at) noexcept { wake_ = at < wake_ ? at : wake_; }
    void pause(ProducePartition& partition, Time now);
    void want_metadata(TopicIndex index);
    ProduceBroker& broker_of(std::int32_t id);
    void forget_idle_brokers();
    void move(ProducePartition& partition, std::int32_t leader, std::int32_t epoch, Time now);
    void ask_again_later(Topic& topic, Time now);
    [[nodiscard]] ProducerId current_producer() const noexcept {
        return gate_ ? gate_->producer() : producer_;
    }

    // Requests (produce_request.cpp).
    void pump();
    [[nodiscard]] bool send_one(ProduceBroker& broker);
    [[nodiscard]] ProduceEntry* next_entry(ProducePartition& partition);
    [[nodiscard]] bool number(ProducePartition& partition, ProduceEntry& entry);
    [[nodiscard]] bool begin_epoch(ProducePartition& partition);
    void want_producer_id();
    void write(Request& request);
    [[nodiscard]] Request& new_request();
    [[nodiscard]] Request* find(RequestId id) noexcept;
    void drop(Request& request) noexcept;

    // Answers (produce_answers.cpp).
    void take_answer(ProduceEntry& entry, const ProduceBroker& from, Time now);
    void take_row(ProducePartition& partition, ProduceEntry& entry, const ProduceBroker& from,
                  Time now);
    void go_elsewhere(ProducePartition& partition, ProduceEntry& entry, Failure why,
                      const ProduceBroker& from, Time now);
    [[nodiscard]] bool given_up(const ProduceEntry& entry) const noexcept;
    void insert_part(ProducePartition& partition, std::size_t place, const ProduceEntry& whole,
                     BatchPart part, const Failure& why, std::int32_t sequence);
    void put_back(ProducePartition& partition, ProduceEntry& entry, Failure why, Time now);
    void cut(ProducePartition& partition, ProduceEntry& entry, Failure why);
    void take_record_errors(ProducePartition& partition, ProduceEntry& entry, Failure why);
    void take_dispute(ProducePartition& partition, ProduceEntry& entry, Failure why, Time now);

    const ProduceLimits limits_;
    ProduceGate* const gate_;
    Random random_;
    std::vector<std::unique_ptr<Topic>> topics_;
    std::unordered_map<std::string, TopicIndex> topic_numbers_;
    std::vector<std::unique_ptr<ProduceBroker>> brokers_;
    std::vector<std::unique_ptr<Request>> requests_;  // pooled
    std::vector<Request*> free_requests_;
    std::size_t requests_out_ = 0;
    Ring<Action> actions_;
    std::vector<ProducePartition*> sleeping_;

    LinkedList<ProduceBatch, &ProduceBatch::by_serial_> unreported_;
    IndexedHeap<ProduceBatch, &ProduceBatch::by_deadline_, Sooner> by_deadline_;
    std::uint64_t next_serial_ = 1;
    std::size_t owned_ = 0;
    std::size_t buffered_bytes_ = 0;

    ProducerId producer_;
    bool producer_asked_ = false;
    unsigned producer_failures_ = 0;
    Time producer_retry_{};

    Failure fatal_;
    Failure closed_;
    Time now_{};
    Time wake_ = never;
    bool dirty_ = false;  // a request may be built
    Counters counters_;
};

}  // namespace kafka::core
