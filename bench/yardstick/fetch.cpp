// SPDX-License-Identifier: Apache-2.0
// Fetch: nothing is copied. An answer is its fields and, for each batch, 8 bytes with its offset
// (which the checksum leaves out) and the batch that all answers share.
#include <algorithm>
#include <array>

#include <kafka/protocol/fetch.hpp>

#include "base/big_endian.hpp"
#include "connection.hpp"
#include "output.hpp"

namespace yardstick {
namespace {

using kafka::protocol::FetchRequest;

constexpr std::int16_t unknown_topic_or_partition = 3, not_leader_or_follower = 6,
                       offset_out_of_range = 1;
constexpr std::size_t offset_size = 8;

// A place in the fields, and what comes between them there.
struct Inserted {
    std::size_t at;
    std::array<std::uint8_t, offset_size> offset;
    std::span<const std::uint8_t> body;
};

struct Chosen {
    Log::Cursor from;
    int batches = 0;
    std::size_t bytes = 0;
};

/// The batches from `offset` on that fit, and the first in any case (KIP-74) if `always`.
Chosen choose(const Log& log, std::int64_t offset, std::size_t limit, bool always) {
    Chosen chosen;
    chosen.from = log.find(offset);
    for (auto cursor = chosen.from; cursor.base_offset() < Log::end_offset; cursor.advance()) {
        const auto size = cursor.batch().bytes.size();
        const bool fits = chosen.bytes + size <= limit;
        if (!fits && !(always && chosen.batches == 0)) break;
        ++chosen.batches;
        chosen.bytes += size;
        if (!fits) break;
    }
    return chosen;
}

}  // namespace

void Connection::fetch(const Request& request) {
    constexpr int first_with_start_offset = 5, first_with_session = 7, first_with_replica = 11,
                  first_with_ids = 13;
    broker_.stats.hot_request();
    FetchRequest wanted;
    const auto body = input_.rest();
    if (const auto failure = kafka::protocol::decode(wanted, request.version,
                                                     kafka::Slice(body.data(), body.size()))) {
        throw Gone{failure.message()};
    }
    auto frame = start_answer(request);
    Output out(frame, request.flexible);
    std::vector<Inserted> inserted;
    std::size_t inserted_bytes = 0;
    auto budget = static_cast<std::size_t>(std::max(wanted.max_bytes, 0));
    out.i32(0);  // throttle time
    if (request.version >= first_with_session) {
        out.i16(0);
        out.i32(0);  // session: none, so that every request names every partition
    }
    out.length(static_cast<std::int32_t>(wanted.topics.size()));
    for (const auto& topic : wanted.topics) {
        const bool by_id = request.version >= first_with_ids;
        const bool known = by_id ? topic.topic_id == topic_id : topic.topic == topic_name;
        if (by_id) {
            out.raw(topic.topic_id.bytes);
        } else {
            out.string_length(static_cast<std::int32_t>(topic.topic.size()));
            out.raw(kafka::as_bytes(topic.topic));
        }
        out.length(static_cast<std::int32_t>(topic.partitions.size()));
        for (const auto& row : topic.partitions) {
            std::int16_t error = 0;
            if (!known || !broker_.has(row.partition) || !broker_.log) {
                error = unknown_topic_or_partition;
            } else if (broker_.leader(row.partition) != node_) {
                error = not_leader_or_follower;
            } else if (row.fetch_offset < 0 || row.fetch_offset > Log::end_offset) {
                error = offset_out_of_range;
            }
            if (error) {
                broker_.stats.error("Fetch: error " + std::to_string(error) + " for partition " +
                                    std::to_string(row.partition) + " from " +
                                    std::to_string(row.fetch_offset));
            }
            Chosen chosen;
            if (!error) {
                const auto limit = std::min(
                    static_cast<std::size_t>(std::max(row.partition_max_bytes, 0)), budget);
                chosen = choose(*broker_.log, row.fetch_offset, limit, inserted.empty());
                budget -= std::min(budget, chosen.bytes);
            }
            out.i32(row.partition);
            out.i16(error);
            out.i64(error ? -1 : Log::end_offset);  // high watermark
            out.i64(error ? -1 : Log::end_offset);  // last stable offset
            if (request.version >= first_with_start_offset) out.i64(error ? -1 : 0);
            out.length(0);  // aborted transactions
            if (request.version >= first_with_replica) out.i32(-1);
            out.length(static_cast<std::int32_t>(chosen.bytes));
            for (auto cursor = chosen.from; chosen.batches > 0; --chosen.batches) {
                auto& added = inserted.emplace_back();
                added.at = frame.size();
                kafka::store_big(added.offset.data(), cursor.base_offset());
                added.body = cursor.batch().bytes.bytes().subspan(offset_size);
                inserted_bytes += offset_size + added.body.size();
                broker_.stats.records_fetched.fetch_add(
                    static_cast<std::uint64_t>(cursor.batch().count), std::memory_order_relaxed);
                cursor.advance();
            }
            out.no_tags();
        }
        out.no_tags();
    }
    out.no_tags();
    set_frame_length(frame, frame.size() + inserted_bytes);
    broker_.stats.bytes_fetched.fetch_add(inserted_bytes, std::memory_order_relaxed);

    pieces_.clear();
    const auto add = [this](std::span<const std::uint8_t> bytes) {
        if (!bytes.empty()) {
            pieces_.push_back({const_cast<std::uint8_t*>(bytes.data()), bytes.size()});
        }
    };
    std::size_t done = 0;
    for (const auto& each : inserted) {
        add(std::span(frame).subspan(done, each.at - done));
        add(each.offset);
        add(each.body);
        done = each.at;
    }
    add(std::span(frame).subspan(done));
    answers_.drain();
    socket_.write(pieces_);
}

}  // namespace yardstick
