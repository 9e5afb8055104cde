// SPDX-License-Identifier: Apache-2.0
// Fetch: nothing is copied. An answer is its fields and, for each batch, 8 bytes with its offset
// (which the checksum leaves out) and the batch that all answers share.
#include <algorithm>
#include <array>
#include <limits>

#include <kafka/protocol/fetch.hpp>

#include "base/big_endian.hpp"
#include "connection.hpp"
#include "output.hpp"

namespace yardstick {
namespace {

using kafka::protocol::FetchRequest;

constexpr std::int16_t unknown_topic_or_partition = 3, not_leader_or_follower = 6,
                       offset_out_of_range = 1, fetch_session_id_not_found = 70,
                       invalid_fetch_session_epoch = 71;
constexpr std::size_t offset_size = 8;

// A place in the fields, and what comes between them there.
struct Inserted {
    std::size_t at;
    std::array<std::uint8_t, offset_size> offset;
    std::span<const std::uint8_t> body;
};

/// Puts into `row` the batches from its offset on that fit, and the first in any case (KIP-74) if
/// `always`.
void choose(const Log& log, Wanted& row, std::size_t limit, bool always) {
    row.from = log.find(row.offset);
    for (auto cursor = row.from; cursor.base_offset() < log.end(); cursor.advance()) {
        const auto size = cursor.batch().bytes.size();
        const bool fits = row.bytes + size <= limit;
        if (!fits && !(always && row.batches == 0)) break;
        ++row.batches;
        row.bytes += size;
        if (!fits) break;
    }
}

}  // namespace

Fetching* Connection::wanted(const FetchRequest& request, std::int16_t& error) {
    constexpr std::int32_t no_session = -1, new_session = 0;
    if (request.session_epoch == no_session || request.session_epoch == new_session) {
        // Either ends the session that the request names.
        if (request.session_id == session_.id) session_.id = 0;
    }
    if (request.session_epoch == no_session) {
        sessionless_.replace(request);
        return &sessionless_;
    }
    if (request.session_epoch == new_session) {
        session_.replace(request);
        session_.id = broker_.next_session.fetch_add(1);
        session_.next_epoch = 1;
        return &session_;
    }
    // A session belongs to its connection here, to the broker there: who comes back with another
    // connection is told to begin a new one.
    if (session_.id == 0 || request.session_id != session_.id) {
        error = fetch_session_id_not_found;
        return nullptr;
    }
    if (request.session_epoch != session_.next_epoch) {
        error = invalid_fetch_session_epoch;
        return nullptr;
    }
    session_.next_epoch = request.session_epoch == std::numeric_limits<std::int32_t>::max()
                              ? 1
                              : request.session_epoch + 1;
    session_.change(request);
    return &session_;
}

bool Connection::choose_all(Fetching& fetching, const FetchRequest& request, bool by_id) {
    auto& rows = fetching.rows();
    auto budget = static_cast<std::size_t>(std::max(request.max_bytes, 0));
    std::size_t bytes = 0, last = rows.size();
    bool news = rows.empty();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto at = (fetching.first + i) % rows.size();
        auto& row = rows[at];
        row.error = 0;
        row.batches = 0;
        row.bytes = 0;
        if (row.forgotten) continue;
        const auto& topic = fetching.topic(row);
        const bool known = by_id ? topic.id == topic_id : topic.name == topic_name;
        if (!known || !broker_.has(row.partition) || !broker_.log) {
            row.error = unknown_topic_or_partition;
        } else if (broker_.leader(row.partition) != node_) {
            row.error = not_leader_or_follower;
        } else if (row.offset < 0 || row.offset > broker_.log->end()) {
            row.error = offset_out_of_range;
        }
        if (row.error) {
            news = true;
            broker_.stats.error("Fetch: error " + std::to_string(row.error) + " for partition " +
                                std::to_string(row.partition) + " from " +
                                std::to_string(row.offset));
            continue;
        }
        const auto limit = std::min(static_cast<std::size_t>(std::max(row.max_bytes, 0)), budget);
        choose(*broker_.log, row, limit, bytes == 0);
        if (row.batches > 0) last = at;
        bytes += row.bytes;
        budget -= std::min(budget, row.bytes);
    }
    // The next request of a session begins behind what this one has read.
    if (last < rows.size()) fetching.first = last + 1;
    return news || bytes >= static_cast<std::size_t>(std::max(request.min_bytes, 0));
}

void Connection::fetch(const Request& request) {
    constexpr int first_with_start_offset = 5, first_with_session = 7, first_with_replica = 11,
                  first_with_ids = 13;
    broker_.stats.hot_request();
    FetchRequest asked;
    const auto body = input_.rest();
    if (const auto failure = kafka::protocol::decode(asked, request.version,
                                                     kafka::Slice(body.data(), body.size()))) {
        throw Gone{failure.message()};
    }
    const bool by_id = request.version >= first_with_ids;
    const bool incremental = asked.session_epoch > 0;
    std::int16_t error = 0;
    auto* const fetching = wanted(asked, error);
    std::vector<const Wanted*> rows;
    if (fetching) {
        // What is in the log never changes: there is nothing to look for while waiting.
        const auto first = fetching->first;
        if (!choose_all(*fetching, asked, by_id) && asked.max_wait_ms > 0) {
            socket_.wait_while_open(asked.max_wait_ms);
        }
        auto& all = fetching->rows();
        for (std::size_t i = 0; i < all.size(); ++i) {
            auto& row = all[(first + i) % all.size()];
            if (row.forgotten) continue;
            const auto high = row.error ? -1 : broker_.log->end();
            // In a session what is as it was is left out.
            if (incremental && !row.error && row.bytes == 0 && row.told == high) continue;
            row.told = high;
            rows.push_back(&row);
        }
    }
    auto frame = start_answer(request);
    Output out(frame, request.flexible);
    std::vector<Inserted> inserted;
    std::size_t inserted_bytes = 0;
    out.i32(0);  // throttle time
    if (request.version >= first_with_session) {
        out.i16(error);
        out.i32(fetching ? fetching->id : 0);
    }
    // Rows of one topic follow each other, but in a session its first may come last.
    std::int32_t groups = 0;
    for (std::size_t i = 0; i < rows.size(); ++i)
        groups += i == 0 || rows[i]->topic != rows[i - 1]->topic ? 1 : 0;
    out.length(groups);
    for (std::size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
        while (end < rows.size() && rows[end]->topic == rows[begin]->topic)
            ++end;
        const auto& topic = fetching->topic(*rows[begin]);
        if (by_id) {
            out.raw(topic.id.bytes);
        } else {
            out.string_length(static_cast<std::int32_t>(topic.name.size()));
            out.raw(kafka::as_bytes(topic.name));
        }
        out.length(static_cast<std::int32_t>(end - begin));
        for (std::size_t i = begin; i < end; ++i) {
            const auto& row = *rows[i];
            out.i32(row.partition);
            out.i16(row.error);
            out.i64(row.told);  // high watermark
            out.i64(row.told);  // last stable offset
            if (request.version >= first_with_start_offset) out.i64(row.error ? -1 : 0);
            out.length(0);  // aborted transactions
            if (request.version >= first_with_replica) out.i32(-1);
            out.length(static_cast<std::int32_t>(row.bytes));
            auto cursor = row.from;
            for (int left = row.batches; left > 0; --left) {
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
