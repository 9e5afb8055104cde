// SPDX-License-Identifier: Apache-2.0
// What transactions leave in partitions, and what Fetch and ListOffsets show of it.
#include "testing/transaction_client.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;

using Offsets = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a committed transaction is seen as a whole, an aborted one not at all") {
    for (const std::int16_t version : {std::int16_t{1}, std::int16_t{2}}) {
        CAPTURE(version);
        TransactionFixture f(version);
        f.begin();
        f.write(0, 2);
        CHECK(f.state() == "Ongoing");
        CHECK(f.committed().empty());
        CHECK(f.fetch(0, false).records.size() > 0);
        f.finish(true);
        CHECK(f.state() == "CompleteCommit");
        CHECK(f.committed() == Offsets{0, 1});
        f.write(version < 2 ? 2 : 0, 2);
        f.finish(false);
        CHECK(f.state() == "CompleteAbort");
        CHECK(f.committed() == Offsets{0, 1});
        f.write(version < 2 ? 4 : 0, 1);
        f.finish(true);
        CHECK(f.committed() == Offsets{0, 1, 6});
        CHECK(f.partition().log.end_offset() == 8);  // three markers
    }
}

TEST_CASE("a marker is a control batch of its producer, in version 2 with the next epoch") {
    for (const std::int16_t version : {std::int16_t{1}, std::int16_t{2}}) {
        TransactionFixture f(version);
        f.begin();
        f.write(0);
        const auto id = f.producer_id;
        f.finish(false);
        protocol::RecordReader reader(f.fetch(1).records);
        const auto* record = reader.next();
        REQUIRE(record);
        const auto& batch = *reader.batch();
        CHECK(batch.control());
        CHECK(batch.transactional());
        CHECK(batch.producer_id == id);
        CHECK(batch.producer_epoch == (version < 2 ? 0 : 1));
        CHECK(batch.base_sequence == -1);
        const auto end = protocol::read_transaction_end(record->key, record->value);
        REQUIRE(end);
        CHECK(!end->commit);
    }
}

TEST_CASE("the last stable offset is the first record of the oldest open transaction") {
    TransactionFixture f;
    f.begin();
    const auto plain = [&] { REQUIRE(f.produce(produce_request(make_batch(1))) == broker_errc{}); };
    plain();
    f.write(0);
    plain();
    CHECK(f.fetch(0).last_stable_offset == 1);
    CHECK(f.fetch(0, false).last_stable_offset == 1);
    CHECK(f.fetch(0).high_watermark == 3);
    CHECK(f.latest(true) == 1);
    CHECK(f.latest(false) == 3);
    CHECK(f.committed() == Offsets{0});
    CHECK(f.fetch(1).records.empty());
    f.finish(true);
    CHECK(f.fetch(0).last_stable_offset == 4);
    CHECK(f.latest(true) == 4);
    CHECK(f.committed() == Offsets{0, 1, 2});
}

TEST_CASE("a record that is found by its time and is not stable is none") {
    TransactionFixture f;
    f.begin();
    f.write(0, 3);
    protocol::ListOffsetsRequest request;
    auto& wanted = request.topics.emplace_back();
    wanted.name = "t";
    wanted.partitions.emplace_back().timestamp = 1'700'000'000'001;
    const auto offset = [&] { return f.ask(request, 7).topics.at(0).partitions.at(0).offset; };
    CHECK(offset() == 1);
    request.isolation_level = 1;
    CHECK(offset() == -1);
    f.finish(true);
    CHECK(offset() == 1);
}

TEST_CASE("a Fetch of committed data is told of the aborted transactions in its range only") {
    TransactionFixture f;
    f.begin();
    for (const bool commit : {true, false, true, false}) {  // offsets 0, 2, 4, 6
        f.write(0);
        f.finish(commit);
    }
    const auto first_offsets = [&](std::int64_t from) {
        Offsets offsets;
        const auto data = f.fetch(from);
        for (const auto& one : *data.aborted_transactions) {
            CHECK(one.producer_id == f.producer_id);
            offsets.push_back(one.first_offset);
        }
        return offsets;
    };
    CHECK(first_offsets(0) == Offsets{2, 6});
    CHECK(first_offsets(3) == Offsets{2, 6});  // its marker is there
    CHECK(first_offsets(4) == Offsets{6});
    CHECK(first_offsets(8).empty());
    CHECK(!f.fetch(0, false).aborted_transactions);
}

TEST_CASE("a Fetch that waits is answered when the transaction ends") {
    TransactionFixture f;
    f.begin();
    f.write(0);
    auto request = fetch_request(0);
    request.isolation_level = 1;
    request.max_wait_ms = 1000;
    f.core.connected(9, 1);
    f.send(request, 12, 9);
    CHECK(!f.answered(9));
    f.finish(true);
    REQUIRE(f.answered(9));
    const auto data = f.take<protocol::FetchResponse>(12, 9);
    CHECK(data.responses.at(0).partitions.at(0).last_stable_offset == 2);
}

TEST_CASE("an end without records in a partition leaves a marker and hides nothing") {
    TransactionFixture f(1);
    f.begin();
    REQUIRE(f.add({0}) == broker_errc::none);
    f.finish(false);
    CHECK(f.partition().log.end_offset() == 1);
    CHECK(f.fetch(0).aborted_transactions->empty());
    CHECK(f.fetch(0).last_stable_offset == 1);
}

TEST_CASE("version 1: a batch is taken only into a transaction that has its partition") {
    TransactionFixture f(1);
    f.begin();
    CHECK(f.produce(f.batch(0), 10) == broker_errc::invalid_txn_state);
    CHECK(f.produce(f.batch(0), 11) == broker_errc::transaction_abortable);
    REQUIRE(f.add({1}) == broker_errc::none);
    CHECK(f.produce(f.batch(0), 11) == broker_errc::transaction_abortable);
    CHECK(f.produce(f.batch(0, 1, 1), 11) == broker_errc::none);
    f.finish(true);
    // Late: nothing of it is stored outside of a transaction.
    CHECK(f.produce(f.batch(1, 1, 1), 11) == broker_errc::transaction_abortable);
    CHECK(f.partition(1).log.end_offset() == 2);
}

TEST_CASE("version 2: a late batch of an ended transaction is fenced") {
    TransactionFixture f;
    f.begin();
    f.write(0);
    const auto late = f.batch(1);
    f.finish(true);
    CHECK(f.produce(late) == broker_errc::invalid_producer_epoch);
    CHECK(f.produce(f.batch(1)) == broker_errc::out_of_order_sequence_number);
    CHECK(f.produce(f.batch(0)) == broker_errc::none);
}

TEST_CASE("a batch outside of the transaction that is open is refused, a repeated one is not") {
    TransactionFixture f;
    f.begin();
    f.write(0, 2);
    CHECK(f.produce(f.batch(2, 1, 0, false)) == broker_errc::invalid_txn_state);
    CHECK(f.produce(f.batch(0, 2)) == broker_errc::none);
    CHECK(f.partition().log.end_offset() == 2);
}

TEST_CASE("transactional batches need a transactional id that their producer has") {
    TransactionFixture f;
    f.begin();
    auto request = f.batch(0);
    request.transactional_id.reset();
    CHECK(f.produce(request) == broker_errc::transactional_id_authorization_failed);
    request.transactional_id = "";
    CHECK(f.produce(request) == broker_errc::invalid_request);
    request.transactional_id = "somebody else";
    CHECK(f.produce(request) == broker_errc::invalid_producer_id_mapping);
    auto two = f.batch(0);
    f.producer_id += 1;
    two.topic_data.push_back(f.batch(0, 1, 1).topic_data[0]);
    CHECK(f.produce(two) == broker_errc::invalid_producer_id_mapping);
}

TEST_CASE("a leader that cannot ask the coordinator wants the batch again") {
    TransactionFixture f;
    f.begin();
    for (auto& node : f.core.cluster().nodes())
        node.paused = node.id == static_cast<std::int32_t>(f.coordinator());
    // The coordinator of "tx" leads another partition than this one.
    const auto partition = f.coordinator() == 1 ? 1 : 0;
    CHECK(f.produce(f.batch(0, 1, partition)) == broker_errc::not_enough_replicas);
}
