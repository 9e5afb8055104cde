// SPDX-License-Identifier: Apache-2.0
// ProduceCore against a model of a cluster that loses, delays and refuses at random. What was
// acknowledged is stored once and in order, what failed is not stored, and everything ends.
#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>

#include "core/produce/produce_script.hpp"
#include "testing/seeds.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::produce_test;

namespace {

constexpr std::int32_t brokers = 3, partitions = 4;
constexpr std::size_t most_records = 4;  // of a batch; more is too large

/// A partition's log as a real broker keeps it: with the last five batches of each producer.
struct Log {
    struct Stored {
        std::int32_t first, last;
        std::int64_t offset;
    };
    struct Producer {
        std::int16_t epoch = -1;
        std::vector<Stored> last;
    };
    std::vector<std::string> values;
    std::map<std::int64_t, Producer> producers;
    std::int32_t leader = 1;
    std::int32_t epoch = 0;

    /// The error, or none and the offset.
    std::pair<broker_errc, std::int64_t> append(const SentBatch& batch) {
        if (batch.values.size() > most_records) return {broker_errc::message_too_large, -1};
        if (std::any_of(batch.values.begin(), batch.values.end(),
                        [](const auto& v) { return v.ends_with("bad"); }))
            return {broker_errc::invalid_record, -1};
        const auto offset = static_cast<std::int64_t>(values.size());
        if (batch.producer_id >= 0) {
            auto& producer = producers[batch.producer_id];
            const auto count = static_cast<std::int32_t>(batch.values.size());
            const auto last = sequence_after(batch.sequence, count - 1);
            if (batch.epoch < producer.epoch) return {broker_errc::invalid_producer_epoch, -1};
            if (batch.epoch > producer.epoch) {
                // One that is not known at all may begin with any number.
                if (producer.epoch >= 0 && batch.sequence != 0)
                    return {broker_errc::out_of_order_sequence_number, -1};
                producer = {batch.epoch, {}};
            } else {
                for (const auto& one : producer.last)
                    if (one.first == batch.sequence && one.last == last)
                        return {broker_errc::none, one.offset};
                if (batch.sequence != sequence_after(producer.last.back().last, 1))
                    return {broker_errc::out_of_order_sequence_number, -1};
            }
            producer.last.push_back({batch.sequence, last, offset});
            if (producer.last.size() > 5) producer.last.erase(producer.last.begin());
        }
        values.insert(values.end(), batch.values.begin(), batch.values.end());
        return {broker_errc::none, offset};
    }
};

class Model {
public:
    Model(std::uint64_t seed, ProduceLimits limits)
        : random_(seed),
          idempotent_(limits.idempotent),
          script_([&] {
              limits.seed = seed;
              return limits;
          }()),
          near_the_end_(seed % 4 == 0) {}

    void run() {
        for (int i = 0; i < 60; ++i) {
            later(random_.below(6000), [this] { submit(); });
            if (i % 6 == 0) later(random_.below(8000), [this] { move_a_leader(); });
            if (i % 10 == 0) later(random_.below(8000), [this] { break_a_connection(); });
        }
        later(random_.below(8000), [this] {
            if (random_.below(3) == 0)
                script_.core.abort_waiting({errc::connection_closed, "aborted"}, script_.now);
        });
        later(9000, [this] { faulty_ = false; });
        const auto end = script_.now + 60s;
        int steps = 0;
        while (script_.now < end) {
            REQUIRE(++steps < 20'000);
            carry_out();
            auto next = script_.core.next_deadline();
            if (!events_.empty()) next = std::min(next, events_.begin()->first);
            if (next > end) break;
            script_.now = std::max(script_.now, next);
            if (script_.core.next_deadline() <= script_.now) script_.core.on_time(script_.now);
            while (!events_.empty() && events_.begin()->first <= script_.now) {
                auto event = std::move(events_.begin()->second);
                events_.erase(events_.begin());
                event();
                carry_out();
            }
        }
        check();
    }
    std::uint64_t epochs() const { return script_.core.counters().epochs; }
    std::uint64_t retries() const { return script_.core.counters().retries; }
    std::uint64_t splits() const { return script_.core.counters().splits; }
    std::uint64_t unknown() const { return script_.core.counters().unknown; }
    std::uint64_t stored() const { return script_.core.counters().stored; }

private:
    struct Conn {
        bool up = false;
        int generation = 0;
        Time last{};
        std::set<std::uint64_t> requests;
    };

    bool chance(unsigned percent) { return faulty_ && random_.below(100) < percent; }
    void later(std::size_t ms, std::function<void()> event) {
        events_.emplace(script_.now + milliseconds(ms), std::move(event));
    }
    void submit() {
        const auto partition = static_cast<std::int32_t>(random_.below(partitions));
        std::vector<std::string> values;
        const auto count = 1 + random_.below(random_.below(8) == 0 ? 9 : 3);
        for (std::size_t i = 0; i < count; ++i)
            values.push_back(std::to_string(1'000'000 + next_value_++) +
                             (random_.below(60) == 0 ? "bad" : ""));
        const auto tag = static_cast<int>(batches_.size());
        batches_.push_back({partition, values});
        script_.queue(tag, partition, values, milliseconds(1000 + random_.below(20'000)));
    }
    void move_a_leader() {
        auto& log = logs_[random_.below(partitions)];
        log.leader = 1 + static_cast<std::int32_t>(random_.below(brokers));
        ++log.epoch;
    }
    void break_a_connection() { disconnect(1 + static_cast<std::int32_t>(random_.below(brokers))); }
    void disconnect(std::int32_t broker) {
        auto& conn = conns_[broker];
        if (!conn.up) return;
        conn.up = false;
        ++conn.generation;
        const auto lost = std::exchange(conn.requests, {});
        if (random_.below(2) == 0)
            script_.core.on_disconnected(broker, {errc::connection_lost, ""}, script_.now);
        for (const auto id : lost)
            fail(id, true);
        script_.core.on_disconnected(broker, {errc::connection_lost, ""}, script_.now);
    }
    void fail(std::uint64_t request, bool sent) {
        still_whole(request);
        script_.core.on_failed(request, {errc::connection_lost, "model"}, sent, script_.now);
    }
    // The bytes of a request are good until it is over.
    void still_whole(std::uint64_t request) {
        const auto at = out_.find(request);
        REQUIRE(at != out_.end());
        const auto now = Script::batches(at->second.first);
        REQUIRE(now.size() == at->second.second.size());
        for (std::size_t i = 0; i < now.size(); ++i) {
            REQUIRE(now[i].values == at->second.second[i].values);
            REQUIRE(now[i].sequence == at->second.second[i].sequence);
        }
        out_.erase(at);
    }
    TopicMetadata metadata() {
        TopicMetadata topic = topic_of({});
        for (const auto& log : logs_)
            topic.partitions.push_back(
                {.leader = chance(10) ? -1 : log.leader, .leader_epoch = log.epoch});
        if (chance(5)) topic.partitions.pop_back();
        return topic;
    }
    // Actions of the core.
    void carry_out() {
        for (;;) {
            script_.drain();
            if (script_.wanted_metadata > 0) {
                --script_.wanted_metadata;
                later(random_.below(30), [this] {
                    if (chance(10))
                        script_.core.on_no_metadata(0, {errc::request_timed_out, ""}, script_.now);
                    else
                        script_.core.on_leaders(0, metadata(), script_.now);
                });
            } else if (script_.wanted_ids > 0) {
                --script_.wanted_ids;
                later(random_.below(30), [this] {
                    if (chance(20))
                        script_.core.on_no_producer_id({errc::request_timed_out, ""}, script_.now);
                    else
                        // Or near the last epoch, so that it is reached.
                        script_.core.on_producer_id(
                            {++producers_, static_cast<std::int16_t>(near_the_end_ ? 32766 : 0)},
                            script_.now);
                });
            } else if (!script_.wanted_connections.empty()) {
                const auto broker = script_.wanted_connections.back();
                script_.wanted_connections.pop_back();
                later(random_.below(50), [this, broker] {
                    if (chance(10))
                        return script_.core.on_disconnected(broker, {errc::connect_timed_out, ""},
                                                            script_.now);
                    conns_[broker].up = true;
                    script_.core.on_connected(broker, script_.now);
                });
            } else if (!script_.sends.empty()) {
                send(script_.next());
            } else {
                return;
            }
        }
    }
    void send(const ProduceCore::SendProduce& send) {
        const auto id = send.request;
        auto batches = Script::batches(send);
        out_[id] = {send, batches};
        auto& conn = conns_[send.broker];
        if (!conn.up || chance(2)) {
            later(1, [this, id] { fail(id, false); });
            return;
        }
        conn.requests.insert(id);
        conn.last = std::max(conn.last, script_.now) + milliseconds(random_.below(20));
        // A request that was lost with its connection may be carried out nevertheless, and late.
        const auto generation = conn.generation;
        const auto delay = chance(5) ? random_.below(3000) : 0;
        events_.emplace(conn.last + milliseconds(delay), [this, id, generation,
                                                          broker = send.broker, batches, delay] {
            auto& there = conns_[broker];
            const bool connected = there.generation == generation && there.up;
            if (!connected && random_.below(2) == 0) return;  // it never arrived
            if (connected && delay > 0) {
                // Nobody waits that long: the client hung up.
                disconnect(broker);
            }
            auto rows = carry_out(broker, batches);
            if (!connected || delay > 0) return;
            if (chance(4)) return disconnect(broker);  // the answer is lost
            if (chance(2)) rows.pop_back();
            if (chance(2) && !rows.empty()) rows.push_back(rows[0]);
            if (chance(2) && !rows.empty()) {
                rows.push_back(rows[0]);
                rows.back().error_code ^= 3;
            }
            there.requests.erase(id);
            still_whole(id);
            script_.core.on_response(id, Script::response(std::move(rows)), script_.now);
        });
    }
    std::vector<Row> carry_out(std::int32_t broker, const std::vector<SentBatch>& batches) {
        static constexpr broker_errc before_writing[] = {broker_errc::not_enough_replicas,
                                                         broker_errc::kafka_storage_error,
                                                         broker_errc::corrupt_message,
                                                         broker_errc::unknown_topic_or_partition,
                                                         broker_errc::topic_authorization_failed,
                                                         broker_errc::unknown_server_error};
        static constexpr broker_errc after_writing[] = {
            broker_errc::not_enough_replicas_after_append, broker_errc::request_timed_out,
            broker_errc::kafka_storage_error, broker_errc::unknown_server_error,
            broker_errc::not_leader_or_follower};
        std::vector<Row> rows;
        for (const auto& batch : batches) {
            auto& log = logs_[static_cast<std::size_t>(batch.partition)];
            if (log.leader != broker) {
                rows.push_back(random_.below(2) == 0
                                   ? refused(batch.partition, broker_errc::not_leader_or_follower)
                                   : refused_by(batch.partition,
                                                broker_errc::not_leader_or_follower, log.leader,
                                                log.epoch));
                continue;
            }
            if (chance(6)) {
                rows.push_back(refused(batch.partition,
                                       before_writing[random_.below(std::size(before_writing))]));
                continue;
            }
            const auto [error, offset] = log.append(batch);
            if (error != broker_errc::none) {
                rows.push_back(refused(batch.partition, error));
                if (error == broker_errc::invalid_record && random_.below(4) > 0)
                    for (std::size_t i = 0; i < batch.values.size(); ++i)
                        if (batch.values[i].ends_with("bad"))
                            rows.back().record_errors.push_back(
                                {.batch_index = static_cast<std::int32_t>(i)});
            } else if (chance(6)) {
                const auto code = after_writing[random_.below(std::size(after_writing))];
                rows.push_back(refused(batch.partition, code));
                if (code == broker_errc::not_leader_or_follower) rows.back().base_offset = offset;
            } else {
                rows.push_back(produce_test::stored(batch.partition, offset));
            }
        }
        return rows;
    }
    void check() {
        CHECK(script_.core.idle());
        CHECK(out_.empty());
        std::vector<std::int32_t> told(batches_.size());
        std::vector<std::map<std::string, std::size_t>> found(partitions);
        for (std::size_t p = 0; p < partitions; ++p) {
            for (const auto& value : logs_[p].values)
                ++found[p][value];
        }
        // Values count up in the order in which they were submitted. What is unknown may come late
        // where a new producer id does not fence the old one.
        std::set<std::string> lost;
        for (const auto& end : script_.ends)
            for (std::int32_t i = 0; end.kind == Kind::unknown && i < end.count; ++i)
                lost.insert(batches_[static_cast<std::size_t>(end.tag)].second.at(
                    static_cast<std::size_t>(end.first + i)));
        for (const auto& log : logs_) {
            auto values = log.values;
            if (producers_ > 1)
                std::erase_if(values, [&](const auto& value) { return lost.contains(value); });
            if (idempotent_) CHECK(std::is_sorted(values.begin(), values.end()));
        }
        for (const auto& end : script_.ends) {
            const auto tag = static_cast<std::size_t>(end.tag);
            told[tag] += end.count;
            const auto partition = static_cast<std::size_t>(batches_[tag].first);
            for (std::int32_t i = 0; i < end.count; ++i) {
                const auto& value =
                    batches_[tag].second.at(static_cast<std::size_t>(end.first + i));
                const auto at = found[partition].find(value);
                const auto times = at == found[partition].end() ? 0 : at->second;
                CAPTURE(value);
                if (end.kind == Kind::success) {
                    CHECK(times >= 1);
                    if (idempotent_) CHECK(times == 1);
                    if (end.offset >= 0)
                        CHECK(logs_[partition].values.at(
                                  static_cast<std::size_t>(end.offset + i)) == value);
                } else if (end.kind == Kind::failed) {
                    CHECK(times == 0);
                } else if (idempotent_) {
                    CHECK(times <= 1);
                }
            }
        }
        for (std::size_t i = 0; i < batches_.size(); ++i)
            CHECK(std::cmp_equal(told[i], batches_[i].second.size()));
        CHECK(script_.released.size() == batches_.size());
    }

    Random random_;
    const bool idempotent_;
    Script script_;
    const bool near_the_end_;
    bool faulty_ = true;
    std::multimap<Time, std::function<void()>> events_;
    std::array<Log, partitions> logs_;
    std::map<std::int32_t, Conn> conns_;
    std::map<std::uint64_t, std::pair<ProduceCore::SendProduce, std::vector<SentBatch>>> out_;
    std::vector<std::pair<std::int32_t, std::vector<std::string>>> batches_;
    int next_value_ = 0;
    std::int64_t producers_ = 0;
};

}  // namespace

TEST_CASE("random faults: acknowledged once and in order, failed is not stored, all ends") {
    std::uint64_t runs = 0, epochs = 0, retries = 0, splits = 0, unknown = 0, stored = 0;
    kafka::testing::for_each_seed(200, [&](std::uint64_t seed) {
        CAPTURE(seed);
        Model model(seed, {});
        model.run();
        ++runs;
        epochs += model.epochs();
        retries += model.retries();
        splits += model.splits();
        unknown += model.unknown();
        stored += model.stored();
        return std::string();
    });
    if (runs == 1) return;
    // It was no calm sea.
    CHECK(stored > 75 * runs);
    CHECK(unknown > runs);
    CHECK(retries > 10 * runs);
    CHECK(splits > 2 * runs);
    CHECK(epochs > runs / 4);
}

TEST_CASE("random faults without idempotence: acknowledged is stored, failed is not, all ends") {
    kafka::testing::for_each_seed(100, [](std::uint64_t seed) {
        CAPTURE(seed);
        auto limits = plain();
        limits.max_in_flight = 1 + static_cast<unsigned>(seed % 5);
        Model(seed, limits).run();
        return std::string();
    });
}
