// SPDX-License-Identifier: Apache-2.0
// A ProduceCore with time and brokers that a test plays.
#pragma once

#include <deque>
#include <initializer_list>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/error.hpp>
#include <kafka/protocol/record_reader.hpp>

#include "core/produce/produce_core.hpp"

namespace kafka::core::produce_test {

using namespace std::chrono_literals;
using protocol::ProduceResponse;
using Row = ProduceResponse::PartitionProduceResponse;
using Kind = ProduceOutcome::Kind;

inline Time at_time(milliseconds t) {
    return Time{} + 1h + t;
}

struct TestBatch : ProduceBatch {
    explicit TestBatch(int n) : tag(n) {}
    int tag;
};

struct Ending {
    int tag;
    std::int32_t first, count;
    Kind kind;
    std::int64_t offset, time;
    std::error_code code;
    std::string detail;
    bool last;
};

/// A batch as a request holds it.
struct SentBatch {
    std::int32_t partition;
    std::int64_t producer_id;
    std::int16_t epoch;
    std::int32_t sequence;
    std::vector<std::string> values;
    bool transactional;
};

inline ProduceLimits plain() {
    ProduceLimits limits;
    limits.idempotent = false;
    return limits;
}
inline TopicMetadata topic_of(std::initializer_list<std::int32_t> leaders, std::int32_t epoch = 0,
                              std::uint8_t id = 1) {
    TopicMetadata topic;
    topic.name = "t";
    topic.id.bytes[15] = id;
    for (const auto leader : leaders)
        topic.partitions.push_back({.leader = leader, .leader_epoch = epoch});
    return topic;
}
inline Row stored(std::int32_t partition, std::int64_t offset) {
    Row row;
    row.index = partition;
    row.base_offset = offset;
    return row;
}
inline Row refused(std::int32_t partition, broker_errc code) {
    Row row;
    row.index = partition;
    row.error_code = static_cast<std::int16_t>(code);
    row.base_offset = -1;
    return row;
}
inline Row refused_by(std::int32_t partition, broker_errc code, std::int32_t leader,
                      std::int32_t epoch) {
    auto row = refused(partition, code);
    row.current_leader = {.leader_id = leader, .leader_epoch = epoch};
    return row;
}

struct Script {
    explicit Script(ProduceLimits limits = {}, ProduceGate* gate = nullptr)
        : core(std::move(limits), gate) {
        core.add_topic("t");
    }

    Time now = at_time(0ms);
    ProduceCore core;
    std::deque<ProduceCore::SendProduce> sends;
    std::vector<Ending> ends;
    std::vector<int> released;
    std::vector<std::int32_t> wanted_connections;
    int wanted_metadata = 0;
    int wanted_ids = 0;
    std::vector<std::string> notes;

    void drain() {
        ProduceCore::Action action;
        while (core.take(action)) {
            if (auto* send = std::get_if<ProduceCore::SendProduce>(&action)) {
                sends.push_back(*send);
            } else if (auto* over = std::get_if<ProduceCore::Over>(&action)) {
                const auto& o = over->outcome;
                ends.push_back({static_cast<TestBatch*>(over->batch)->tag, over->first, over->count,
                                o.kind, o.base_offset, o.append_time, o.failure.code,
                                o.failure.detail, over->last});
            } else if (auto* release = std::get_if<ProduceCore::Release>(&action)) {
                released.push_back(static_cast<TestBatch&>(*release->batch).tag);
            } else if (auto* want = std::get_if<ProduceCore::WantConnection>(&action)) {
                wanted_connections.push_back(want->broker);
            } else if (std::holds_alternative<ProduceCore::WantMetadata>(action)) {
                ++wanted_metadata;
            } else if (std::holds_alternative<ProduceCore::WantProducerId>(action)) {
                ++wanted_ids;
            } else {
                notes.push_back(std::get<ProduceCore::Note>(action).message);
            }
        }
    }
    /// To that time, stopping at every deadline on the way.
    int run_to(Time until) {
        int steps = 0;
        for (;; ++steps) {
            REQUIRE(steps < 10'000);  // no hot loop
            drain();
            const auto next = core.next_deadline();
            if (next > until) break;
            now = std::max(now, next);
            core.on_time(now);
        }
        now = until;
        drain();
        return steps;
    }
    int run_for(milliseconds span) { return run_to(now + span); }

    /// Partitions with these leaders, connections to all of them, and producer 7 if one is wanted.
    void ready(std::initializer_list<std::int32_t> leaders, std::int32_t epoch = 0) {
        core.on_leaders(0, topic_of(leaders, epoch), now);
        for (const auto leader : leaders)
            if (leader >= 0) core.on_connected(leader, now);
        core.on_producer_id({7, 0}, now);
        drain();
    }
    void queue(int tag, std::int32_t partition, std::vector<std::string> values,
               milliseconds timeout = 120s) {
        auto batch = std::make_unique<TestBatch>(tag);
        batch->partition = partition;
        batch->deadline = now + timeout;
        for (const auto& value : values)
            REQUIRE(batch->records.append(protocol::RecordRef{.value = value, .timestamp = 5}));
        core.submit(std::move(batch), now);
    }
    void submit(int tag, std::int32_t partition, std::vector<std::string> values,
                milliseconds timeout = 120s) {
        queue(tag, partition, std::move(values), timeout);
        drain();
    }
    ProduceCore::SendProduce next() {
        drain();
        REQUIRE_FALSE(sends.empty());
        auto send = sends.front();
        sends.pop_front();
        return send;
    }
    static std::vector<SentBatch> batches(const ProduceCore::SendProduce& send) {
        std::vector<SentBatch> all;
        for (const auto& topic : send.message->topic_data) {
            for (const auto& one : topic.partition_data) {
                protocol::RecordReader reader(one.records);
                SentBatch batch{one.index, -1, -1, -1, {}, false};
                while (const auto* record = reader.next()) {
                    batch.values.emplace_back(record->value.text());
                    batch.producer_id = reader.batch()->producer_id;
                    batch.epoch = reader.batch()->producer_epoch;
                    batch.sequence = reader.batch()->base_sequence;
                    batch.transactional = reader.batch()->transactional();
                }
                CHECK_FALSE(reader.failure());  // the checksum is right
                all.push_back(std::move(batch));
            }
        }
        return all;
    }
    static ProduceResponse response(std::vector<Row> rows) {
        ProduceResponse answer;
        answer.responses.push_back({.name = "t", .partition_responses = std::move(rows)});
        return answer;
    }
    void answer(const ProduceCore::SendProduce& send, std::vector<Row> rows) {
        core.on_response(send.request, response(std::move(rows)), now);
        drain();
    }
    void lose(const ProduceCore::SendProduce& send, bool sent = true,
              std::error_code why = errc::connection_lost) {
        core.on_failed(send.request, {why, "test"}, sent, now);
        drain();
    }
    /// Answers and takes the next request's only batch.
    SentBatch only_batch(ProduceCore::SendProduce& send) {
        send = next();
        auto all = batches(send);
        REQUIRE(all.size() == 1);
        return all[0];
    }
    const Ending& ending(int tag) {
        for (const auto& end : ends)
            if (end.tag == tag) return end;
        FAIL("batch ", tag, " has not ended");
        return ends.front();
    }
    [[nodiscard]] bool ended(int tag) const {
        for (const auto& end : ends)
            if (end.tag == tag) return true;
        return false;
    }
};

}  // namespace kafka::core::produce_test
