// SPDX-License-Identifier: Apache-2.0
#include "testing/partition_log.hpp"

#include <numeric>

#include "testing/core_client.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;

}  // namespace

TEST_CASE("a log gives back over many segments what was put in") {
    PartitionLog log;
    log.start_epoch(0);
    std::size_t size = 0;
    const auto batch = make_batch(100);
    for (int i = 0; i < 500; ++i) {
        log.append(batch, 100, 5);
        size += batch.size();
    }
    CHECK(log.end_offset() == 50'000);
    const auto all = log.read(0, SIZE_MAX, true);
    CHECK(all.size() == size);
    protocol::RecordBatches batches(all);
    std::int64_t next = 0;
    while (const auto* found = batches.next()) {
        CHECK(found->base_offset == next);
        CHECK(!protocol::check_crc(*found));
        next = found->next_offset();
    }
    CHECK(!batches.failure());
    CHECK(next == 50'000);
    CHECK(log.read(49'950, SIZE_MAX, true).size() == batch.size());
    CHECK(log.read(50'000, SIZE_MAX, true).empty());
}

TEST_CASE("a read keeps its bytes while the log grows and goes") {
    Slice kept;
    {
        PartitionLog log;
        log.append(make_batch(2), 2, 5);
        kept = log.read(0, SIZE_MAX, true);
        for (int i = 0; i < 100; ++i)
            log.append(make_batch(50), 50, 5);
    }
    protocol::RecordBatches batches(kept);
    REQUIRE(batches.next());
    CHECK(!protocol::check_crc(batches.current()));
}

TEST_CASE("the end of an epoch is the start of the next") {
    PartitionLog log;
    log.start_epoch(0);
    log.append(make_batch(2), 2, 5);
    log.start_epoch(1);  // leaves no trace: nothing is written in it
    log.start_epoch(3);
    log.append(make_batch(2), 2, 5);
    CHECK(log.epoch_at(1) == 0);
    CHECK(log.epoch_at(2) == 3);
    const auto old = log.end_of_epoch(1);
    REQUIRE(old);
    CHECK(old->epoch == 0);
    CHECK(old->start_offset == 2);
    CHECK(log.end_of_epoch(3)->start_offset == 4);
    CHECK(!log.end_of_epoch(4));
}
