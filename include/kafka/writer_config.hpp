// SPDX-License-Identifier: Apache-2.0
// How a Writer behaves, what it is given and what it reports. Plain data.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <asio/any_io_executor.hpp>

#include <kafka/balancer.hpp>
#include <kafka/compression.hpp>
#include <kafka/error.hpp>
#include <kafka/export.hpp>
#include <kafka/message.hpp>
#include <kafka/partition_options.hpp>
#include <kafka/protocol/record.hpp>
#include <kafka/result.hpp>

namespace kafka {

/// What is done with a record for which the buffers have no room.
enum class OnFull : std::uint8_t {
    wait,  ///< async_write waits, at most for max_block; try_write fails with errc::buffer_full
    fail,  ///< it fails with errc::buffer_full
    /// It is taken, and the oldest batch that waits for the same partition fails with
    /// errc::buffer_full in its place; where there is none, one of another partition.
    drop_oldest,
};

/// A record to write, in views: it is copied when it is taken.
struct Record {
    /// Default: the writer's own topic.
    std::string_view topic = {};
    /// -1 leaves the choice to the balancer. Default -1.
    std::int32_t partition = -1;
    protocol::BytesView key = {};
    /// Null deletes the key's earlier records from a compacted topic (a tombstone).
    protocol::BytesView value = {};
    /// Of the memory of `value`, if it is shared. Values from half of batch_size on, which counts
    /// as 64 KiB at least and 128 KiB at most, are then kept by it until their end is told, rather
    /// than copied, each in a batch of its own; not where a codec is to be used. Default: the value
    /// is copied.
    SliceOwner* owner = nullptr;
    std::span<const protocol::RecordHeaderView> headers = {};
    /// Milliseconds since 1970. -1 means now, to a few milliseconds. Default -1.
    std::int64_t timestamp = -1;
};

/// What became of records that lie side by side in a partition. The views are valid during the
/// call that reports it.
struct WrittenRecords {
    std::string_view topic;
    std::int32_t partition;
    /// As they were given to try_write() or async_write(), in the order of the records.
    std::span<const std::uint64_t> cookies;
    /// None: acknowledged (with RequiredAcks::none: handed to the system).
    /// errc::outcome_unknown: nobody knows. All others: certainly not stored.
    std::error_code error;
    std::string_view detail;
    /// Of the first record; the others follow it. -1: not known.
    std::int64_t base_offset = -1;
    /// When the broker took them, if that is the time that they now have.
    std::optional<Timestamp> append_time = std::nullopt;

    /// Of the nth record; -1: not known.
    [[nodiscard]] std::int64_t offset(std::size_t n) const noexcept {
        return base_offset < 0 ? -1 : base_offset + static_cast<std::int64_t>(n);
    }
};
/// Hears of the end of records; each record ends once. Called on the Writer's executor, one call at
/// a time, never inside a function of the Writer; it must not block. It may use the Writer, but not
/// wait for it.
using OnRecords = std::function<void(const WrittenRecords&)>;

/// What became of one message.
struct MessageResult {
    /// As WrittenRecords::error.
    std::error_code error = {};
    std::int32_t partition = -1;  ///< -1: none was chosen
    std::int64_t offset = -1;     ///< -1: not known
};

/// What became of the messages of one call.
struct WriteResults {
    std::vector<MessageResult> messages = {};  ///< in the order of the call
    std::size_t failed = 0;                    ///< of them, unknown ones included
    /// Of the first one that failed, in words.
    std::string detail = {};
};

/// How a writer behaves. Names are Kafka's, and so are the defaults; where one differs, the reason
/// stands beside it.
struct WriterConfig {
    /// Of records that name none. Default "": every record names its topic.
    std::string topic = {};
    /// How partitions are chosen. Default: as Java.
    Balancer balancer = {};

    /// Who has to have a record before it is acknowledged (`acks`). Default all.
    RequiredAcks acks = RequiredAcks::all;
    /// Each record is stored once and in order, whatever is repeated (`enable.idempotence`). Needs
    /// RequiredAcks::all. Without it, a record whose acknowledgement was lost is written again, and
    /// may overtake others. Default true.
    bool enable_idempotence = true;
    /// Requests to one broker at a time (`max.in.flight.requests.per.connection`); with idempotence
    /// at most 5, which is what brokers remember. Default 5.
    unsigned max_in_flight_requests_per_connection = 5;

    /// Bytes of one batch, for one partition (`batch.size`), or max_request_size or half of
    /// buffer_memory where that is less. Default 1,000,000, nearly what brokers take by default
    /// (`message.max.bytes`); Kafka has 16 KiB, where half of the time goes to requests. A batch
    /// grows while requests are under way, not in order to be full; it begins with about the memory
    /// that those before it took, and takes more as it grows.
    std::size_t batch_size = 1'000'000;
    /// Records of one batch. Default 1,000,000: the bytes decide.
    std::size_t batch_records = 1'000'000;
    /// The longest that a record is held so that others may join it (`linger.ms`). It is an upper
    /// bound, not a wait: a record whose writer waits is held only while a request is under way,
    /// others for less than a millisecond (three, where they are many and compressed), and one more
    /// when a steady flow of them ends. 0 holds nothing. Default 5 ms.
    std::chrono::microseconds linger{5'000};

    /// Bytes of all records that were taken and are not reported, with the buffers that hold them
    /// (`buffer.memory`); at least 6 KiB. While a batch is compressed its thread has one buffer of
    /// its size beside them. Default 32 MiB.
    std::size_t buffer_memory = 32 * 1024 * 1024;
    /// The same in records; 0: as many as the memory holds. Default 0.
    std::size_t buffer_records = 0;
    OnFull on_full = OnFull::wait;
    /// How long a write may wait for room or for the topic's partitions (`max.block.ms`).
    /// Default 60 s.
    std::chrono::milliseconds max_block{60'000};

    /// From the moment a record is taken until its end is reported, all tries included
    /// (`delivery.timeout.ms`). At least linger + request_timeout. Default 2 min.
    std::chrono::milliseconds delivery_timeout{120'000};
    /// For the answer to one request (`request.timeout.ms`). When it is over the connection is
    /// closed. Default 30 s.
    std::chrono::milliseconds request_timeout{30'000};
    /// How often a batch is tried again (`retries`). Default: until delivery_timeout.
    unsigned retries = std::numeric_limits<int>::max();
    /// The pause before another try (`retry.backoff.ms`), with 20 % of jitter. Default 100 ms.
    std::chrono::milliseconds retry_backoff{100};
    /// It doubles with each failure in a row up to this (`retry.backoff.max.ms`). Default 1 s.
    std::chrono::milliseconds retry_backoff_max{1'000};

    /// `compression.type`. Default none.
    Compression compression = Compression::none;
    /// `compression.gzip.level` and so on; see codec::level_range(). Default: the codec's preset.
    std::optional<int> compression_level = std::nullopt;
    /// Where a topic has a codec of its own (`compression.type` in its configuration, other than
    /// `producer`), its batches are compressed with that, at its preset level, so that brokers need
    /// not do it anew. It is asked for once a topic, by DescribeConfigs, beside its partitions;
    /// until the answer, and where the broker does not tell, `compression` is used. Default false:
    /// a request more, and a permission.
    bool topic_compression = false;
    /// Where batches are compressed, several at a time if it has threads: an asio::thread_pool's
    /// executor, for one. It has to run until the Writer is closed. Default: none; the Writer's own
    /// executor compresses them, one by one.
    asio::any_io_executor compression_executor = {};
    /// Bytes of one request (`max.request.size`), and of one record before compression. Default
    /// 1 MiB.
    std::size_t max_request_size = 1024 * 1024;
    /// Topics that do not exist are to be created by the brokers, where these are set up so. It has
    /// to be said in ClientConfig::auto_create_topics for a client that is shared. Default false.
    bool allow_auto_topic_creation = false;

    /// Names this writer among all of the cluster, its earlier lives included, and makes it write
    /// in transactions only (`transactional.id`, KIP-98): see kafka::Writer. Of two with one id the
    /// older is fenced. Needs enable_idempotence, and not OnFull::drop_oldest. Default "": none.
    std::string transactional_id = {};
    /// A transaction that is open for so long is aborted by the cluster
    /// (`transaction.timeout.ms`). Brokers refuse more than their `transaction.max.timeout.ms`.
    /// Default 60 s.
    std::chrono::milliseconds transaction_timeout{60'000};

    /// Hears of the records of try_write() and async_write(). Default: nobody.
    OnRecords on_records = {};
};

/// Options of one operation on a transaction.
struct TransactionOptions {
    /// For all of the operation. Default: WriterConfig::max_block, or for the end of a transaction
    /// WriterConfig::delivery_timeout.
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;
    /// Filled on failure, before the completion. Must stay valid until then. Default none.
    Diagnostics* diagnostics = nullptr;
};

/// What is wrong with a configuration, as errc::invalid_argument or errc::unsupported_codec.
[[nodiscard]] KAFKA_API Failure check_writer_config(const WriterConfig& config);

}  // namespace kafka
