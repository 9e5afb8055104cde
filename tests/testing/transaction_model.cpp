// SPDX-License-Identifier: Apache-2.0
// Random transactions of several producers against a model that knows what has to be seen.
#include <map>
#include <set>

#include "testing/seeded_random.hpp"
#include "testing/seeds.hpp"
#include "testing/transaction_client.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;

constexpr int partitions = 3;
constexpr int producers = 3;

class Model {
public:
    Model(std::uint64_t seed, std::int16_t version)
        : random_(seed), version_(version), fixture_(with_transactions(version)) {
        for (int i = 0; i < producers; ++i) {
            ids_.push_back("tx" + std::to_string(i));
            all_.emplace_back();
            take_over(i);
        }
    }

    /// What is wrong after so many steps, or nothing.
    std::string run(int steps) {
        for (int i = 0; i < steps && wrong_.empty(); ++i) {
            step();
            if (i % 5 == 0) read(static_cast<std::int32_t>(pick(partitions)));
        }
        for (int i = 0; i < producers; ++i) {
            if (all_[at(i)].open) end(i, pick(2) == 0);
        }
        for (int i = 0; i < partitions && wrong_.empty(); ++i)
            read(i);
        return wrong_;
    }

private:
    struct Producer {
        std::int64_t id = -1;
        std::int16_t epoch = -1;
        std::map<std::int32_t, std::int32_t> sequences;
        bool open = false;
        std::map<std::int32_t, std::vector<std::int64_t>> written;  // in the open transaction
    };

    static std::size_t at(int index) { return static_cast<std::size_t>(index); }
    std::uint64_t pick(std::uint64_t below) { return random_.next() % below; }
    ConnectionId coordinator(int index) {
        return fixture_.coordinator(CoordinatorOf::transaction, ids_[at(index)]);
    }
    void expect(bool good, const std::string& what) {
        if (!good && wrong_.empty()) wrong_ = what;
    }

    void step() {
        const auto who = static_cast<int>(pick(producers));
        switch (pick(20)) {
            case 0:
                return take_over(who);
            case 1:
                return time_out();
            case 2:
                return plain(static_cast<std::int32_t>(pick(partitions)));
            case 3:
                return end_again(who);
            case 4:
            case 5:
            case 6:
            case 7:
                if (all_[at(who)].open) end(who, pick(3) > 0);
                return;
            default:
                return write(who, static_cast<std::int32_t>(pick(partitions)));
        }
    }

    void take_over(int who) {
        auto& producer = all_[at(who)];
        protocol::InitProducerIdRequest request;
        request.transactional_id = ids_[at(who)];
        request.transaction_timeout_ms = 60'000;
        auto answer = fixture_.ask(request, 5, coordinator(who));
        if (producer.open) {
            expect(answer.error_code == code(broker_errc::concurrent_transactions), "not aborted");
            answer = fixture_.ask(request, 5, coordinator(who));
        }
        expect(answer.error_code == 0, "no identity");
        producer = {};
        producer.id = answer.producer_id;
        producer.epoch = answer.producer_epoch;
    }

    void time_out() {
        fixture_.pass(61s);
        for (int i = 0; i < producers; ++i) {
            all_[at(i)].open = false;  // aborted by now
            take_over(i);
        }
    }

    void plain(std::int32_t partition) {
        const auto answer = fixture_.ask(produce_request(make_batch(2), partition), 12,
                                         static_cast<ConnectionId>(partition + 1));
        const auto base = answer.responses.at(0).partition_responses.at(0).base_offset;
        visible_[partition].insert({base, base + 1});
    }

    void write(int who, std::int32_t partition) {
        auto& producer = all_[at(who)];
        if (version_ < 2) {
            protocol::AddPartitionsToTxnRequest add;
            add.v3_and_below_transactional_id = ids_[at(who)];
            add.v3_and_below_producer_id = producer.id;
            add.v3_and_below_producer_epoch = producer.epoch;
            auto& topic = add.v3_and_below_topics.emplace_back();
            topic.name = "t";
            topic.partitions = {partition};
            static_cast<void>(fixture_.ask(add, 3, coordinator(who)));
        }
        const auto count = 1 + static_cast<int>(pick(4));
        auto& sequence = producer.sequences[partition];
        auto request = produce_request(make_batch(count, {.producer_id = producer.id,
                                                          .producer_epoch = producer.epoch,
                                                          .base_sequence = sequence,
                                                          .transactional = true}),
                                       partition);
        request.transactional_id = ids_[at(who)];
        std::int64_t base = -1;
        const auto times = 1 + pick(2);  // some come twice
        for (std::uint64_t i = 0; i < times; ++i) {
            const auto answer = fixture_.ask(request, version_ < 2 ? 11 : 12,
                                             static_cast<ConnectionId>(partition + 1));
            const auto& row = answer.responses.at(0).partition_responses.at(0);
            expect(row.error_code == 0, "refused: " + std::to_string(row.error_code));
            expect(i == 0 || row.base_offset == base, "stored twice");
            base = row.base_offset;
        }
        sequence += count;
        producer.open = true;
        for (int i = 0; i < count; ++i)
            producer.written[partition].push_back(base + i);
    }

    protocol::EndTxnResponse ask_end(int who, std::int16_t epoch, bool commit) {
        protocol::EndTxnRequest request;
        request.transactional_id = ids_[at(who)];
        request.producer_id = all_[at(who)].id;
        request.producer_epoch = epoch;
        request.committed = commit;
        return fixture_.ask(request, version_ < 2 ? 4 : 5, coordinator(who));
    }
    void end(int who, bool commit) {
        auto& producer = all_[at(who)];
        const auto answer = ask_end(who, producer.epoch, commit);
        expect(answer.error_code == 0, "not ended: " + std::to_string(answer.error_code));
        if (commit) {
            for (const auto& [partition, offsets] : producer.written)
                visible_[partition].insert(offsets.begin(), offsets.end());
        }
        producer.written.clear();
        producer.open = false;
        if (version_ < 2) return;
        producer.epoch = answer.producer_epoch;
        producer.sequences.clear();
    }
    // A late EndTxn of the transaction before: version 2 is safe from it.
    void end_again(int who) {
        const auto& producer = all_[at(who)];
        if (version_ < 2 || producer.epoch == 0 || !producer.open) return;
        const auto old = static_cast<std::int16_t>(producer.epoch - 1);
        expect(ask_end(who, old, true).error_code == code(broker_errc::producer_fenced),
               "a late end was taken");
    }

    // From anywhere, in pieces of any size.
    void read(std::int32_t partition) {
        const auto stable = fixture_.partition(partition).last_stable_offset();
        auto oldest = fixture_.partition(partition).log.end_offset();
        for (const auto& producer : all_) {
            const auto found = producer.written.find(partition);
            if (found != producer.written.end()) oldest = std::min(oldest, found->second.front());
        }
        expect(stable == oldest, "the last stable offset is " + std::to_string(stable));
        const auto from = static_cast<std::int64_t>(pick(static_cast<std::uint64_t>(stable) + 1));
        std::vector<std::int64_t> seen, wanted;
        for (const auto offset : visible_[partition]) {
            if (offset >= from && offset < stable) wanted.push_back(offset);
        }
        for (auto next = from; next < stable;) {
            auto request = fetch_request(next, partition);
            request.isolation_level = 1;
            request.max_wait_ms = 0;
            request.topics[0].partitions[0].partition_max_bytes =
                static_cast<std::int32_t>(1 + pick(600));
            const auto answer = fixture_.ask(request, 12, static_cast<ConnectionId>(partition + 1));
            const auto [offsets, behind] =
                committed_offsets(answer.responses.at(0).partitions.at(0));
            for (const auto offset : offsets) {
                if (offset >= next) seen.push_back(offset);
            }
            if (behind <= next) return expect(false, "nothing came");
            next = behind;
        }
        expect(seen == wanted, "partition " + std::to_string(partition) + " from " +
                                   std::to_string(from) + ": " + std::to_string(seen.size()) +
                                   " seen, " + std::to_string(wanted.size()) + " committed");
    }

    SeededRandom random_;
    std::int16_t version_;
    TransactionFixture fixture_;
    std::vector<std::string> ids_;
    std::vector<Producer> all_;
    std::map<std::int32_t, std::set<std::int64_t>> visible_;
    std::string wrong_;
};

}  // namespace

TEST_CASE("whatever producers do, exactly what was committed is seen") {
    for (const std::int16_t version : {std::int16_t{1}, std::int16_t{2}}) {
        CAPTURE(version);
        for_each_seed(20, [&](std::uint64_t seed) { return Model(seed, version).run(300); });
    }
}
