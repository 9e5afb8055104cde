// SPDX-License-Identifier: Apache-2.0
// How to read from and write to one partition: options of a PartitionConn's operations, and what
// they give. Plain data.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/compression.hpp>
#include <kafka/error.hpp>
#include <kafka/message.hpp>

namespace kafka {

/// What a seek counts from.
enum class Whence : std::uint8_t {
    start,     ///< the first offset of the log, forward
    absolute,  ///< 0: the offset itself
    end,       ///< the end of the log, backward: 10 before the end is 10
    current,   ///< the position, forward
};

/// Where a connection will read next. Before the first read that is a place and no number yet.
struct Position {
    std::int64_t offset = 0;
    Whence whence = Whence::start;  ///< start, absolute or end

    friend bool operator==(const Position&, const Position&) = default;
};

/// The ends of a log.
struct OffsetRange {
    std::int64_t first = -1;
    std::int64_t last = -1;  ///< behind the newest message: the offset that the next one will get

    friend bool operator==(const OffsetRange&, const OffsetRange&) = default;
};

/// Whether messages of transactions that are open or were aborted are to be read
/// (`isolation.level`).
enum class Isolation : std::int8_t { read_uncommitted = 0, read_committed = 1 };

/// Who has to have a message before its write is done (`acks`).
enum class RequiredAcks : std::int16_t {
    all = -1,    ///< all in-sync replicas
    none = 0,    ///< nobody: done when it is handed to the system, without an offset or an error
    leader = 1,  ///< the leader's memory
};

/// Options of operations that ask a broker for offsets.
struct OffsetOptions {
    /// For the whole operation, within the read deadline. Default: ConnConfig::request_timeout.
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;
    /// With read_committed the end of the log is the last stable offset. Default read_uncommitted.
    Isolation isolation = Isolation::read_uncommitted;
    /// Filled on failure, before the completion. Must stay valid until then. Default none.
    Diagnostics* diagnostics = nullptr;
};

struct SeekOptions {
    /// As in OffsetOptions.
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;
    Isolation isolation = Isolation::read_uncommitted;
    Diagnostics* diagnostics = nullptr;
    /// Ask the broker whether the offset is in the log. Without, an absolute position costs no
    /// round trip. Default true.
    bool check = true;
};

/// How to read.
struct FetchOptions {
    /// The broker waits until it has so many bytes, or max_wait is over (`fetch.min.bytes`).
    /// Default 1.
    std::int32_t min_bytes = 1;
    /// Bytes of record batches to ask for (`max.partition.fetch.bytes`). A batch that is larger
    /// comes whole if it is the first (KIP-74). Default 1 MiB.
    std::int32_t max_bytes = 1 << 20;
    /// How long the broker may wait for min_bytes (`fetch.max.wait.ms`); cut where the time-out
    /// ends before. Requests behind this one on the connection wait as well. Default 500 ms.
    std::chrono::milliseconds max_wait{500};
    /// Default read_committed: an aborted message was never written.
    Isolation isolation = Isolation::read_committed;
    /// Compare checksums (`check.crcs`). Default true.
    bool check_crcs = true;
    /// The largest decompressed size of one record batch, in bytes. Default 256 MiB.
    std::size_t max_decompressed = std::size_t{256} << 20;
    /// For the whole operation, within the read deadline. Default: ConnConfig::request_timeout.
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;
    /// Filled on failure, before the completion. Must stay valid until then. Default none.
    Diagnostics* diagnostics = nullptr;
};

/// What a broker holds against one message of a batch that it refused (KIP-467).
struct RecordError {
    std::int32_t index = 0;  ///< of the message in the call
    std::string message;     ///< the broker's words, escaped; may be empty
};

/// How to write.
struct WriteOptions {
    /// zstd needs brokers from 2.1. Default none.
    Compression compression = Compression::none;
    /// See codec::level_range(). Default: the codec's preset.
    std::optional<int> level = std::nullopt;
    /// Instead of what set_required_acks() said.
    std::optional<RequiredAcks> acks = std::nullopt;
    /// For the whole operation, within the write deadline. Default: ConnConfig::request_timeout.
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;
    /// Filled on failure, before the completion; names the messages that the broker complains of.
    /// Must stay valid until then. Default none.
    Diagnostics* diagnostics = nullptr;
    /// The same as data: replaced by the messages that the broker complains of, before the
    /// completion. Must stay valid until then. Default none.
    std::vector<RecordError>* record_errors = nullptr;
};

/// Where messages were written.
struct WriteResult {
    std::int32_t partition = -1;
    /// Of the first message; the others follow it. -1: not known (no acknowledgement wanted).
    std::int64_t base_offset = -1;
    /// When the broker took them, if that is the time that they now have
    /// (`message.timestamp.type` LogAppendTime).
    std::optional<Timestamp> append_time = std::nullopt;
    /// The first offset of the log; -1: not known.
    std::int64_t log_start_offset = -1;
    /// Of the record batch as it was sent, header included.
    std::size_t bytes = 0;
};

}  // namespace kafka
