// SPDX-License-Identifier: Apache-2.0
#include "core/balancer/topic_balancer.hpp"

#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/error.hpp>

#include "allocation_counter.hpp"

namespace {

using namespace kafka;
using namespace kafka::core;
using Counts = std::map<std::int32_t, int>;

constexpr std::uint32_t batch = 1000;

std::vector<PartitionState> leaders(std::initializer_list<std::int32_t> partitions) {
    std::vector<PartitionState> states;
    for (const auto partition : partitions)
        states.push_back({.partition = partition});
    return states;
}

std::vector<PartitionState> all_of(std::int32_t count) {
    std::vector<PartitionState> states;
    for (std::int32_t i = 0; i < count; ++i)
        states.push_back({.partition = i});
    return states;
}

struct Topic : TopicBalancer {
    Topic(const Balancer& balancer, std::int32_t count)
        : TopicBalancer(balancer, {.batch_bytes = batch, .seed = 7}) {
        update(count, all_of(count));
    }
    /// A record without key from the first thread; not appended.
    Choice place(std::size_t size = 10) { return choose(lane(0), nullptr, size); }
    /// Appends records of that size without ever a full batch; where they went.
    std::int32_t append(std::size_t size, bool full = false) {
        const auto choice = place(size);
        appended(lane(0), choice, size, full);
        return choice.partition();
    }
};

const Balancer every[] = {Murmur2Balancer{},    UniformStickyBalancer{}, StickyBalancer{},
                          RoundRobinBalancer{}, LeastBytesBalancer{},    RandomBalancer{},
                          Crc32Balancer{},      HashBalancer{},          ReferenceHashBalancer{},
                          ManualBalancer{},     FunctionBalancer{}};
const UnkeyedBalancer unkeyed[] = {UniformStickyBalancer{}, StickyBalancer{}, RoundRobinBalancer{},
                                   LeastBytesBalancer{}, RandomBalancer{}};

Balancer alone(const UnkeyedBalancer& policy) {
    return std::visit([](const auto& b) { return Balancer(b); }, policy);
}

}  // namespace

TEST_CASE("a record that names its partition goes there, whatever the balancer") {
    for (const auto& balancer : every) {
        Topic topic(balancer, 3);
        for (std::int32_t wanted = 0; wanted < 3; ++wanted) {
            const auto choice = topic.choose(topic.lane(0), "key", 10, wanted);
            REQUIRE(choice);
            CHECK(choice.partition() == wanted);
            CHECK(!choice.sticky());
        }
    }
}

TEST_CASE("a record that names a partition the topic has not waits for metadata or fails") {
    for (const auto& balancer : every) {
        Topic topic(balancer, 3);
        const auto above = topic.choose(topic.lane(0), "key", 10, 3);
        REQUIRE(!above);
        CHECK(above.reason() == Choice::not_there);
        const auto failure = topic.failure(above, "orders", 3);
        CHECK(failure.code == broker_errc::unknown_topic_or_partition);
        CHECK(is_stale_metadata(failure.code));
        CHECK(failure.detail == "topic orders has partitions 0 to 2, not 3");

        const auto below = topic.choose(topic.lane(0), "key", 10, -2);
        REQUIRE(!below);
        CHECK(topic.failure(below, "orders", -2).code == errc::invalid_argument);
    }
}

TEST_CASE("nothing has a place in a topic without partitions, and that passes") {
    for (const auto& balancer : every) {
        Topic topic(balancer, 0);
        for (const protocol::BytesView key : {protocol::BytesView(), protocol::BytesView("key")}) {
            const auto choice = topic.choose(topic.lane(0), key, 10);
            REQUIRE(!choice);
            const bool manual = std::holds_alternative<ManualBalancer>(balancer);
            CHECK(choice.reason() == (manual ? Choice::not_named : Choice::no_partitions));
        }
        CHECK(topic.choose(topic.lane(0), "key", 10, 0).reason() == Choice::not_there);
        const auto failure = topic.failure(Choice::no_partitions, "orders");
        CHECK(failure.detail == "topic orders has no partitions");
        CHECK(is_retriable(failure.code));

        topic.update(2, all_of(2));
        CHECK(topic.choose(topic.lane(0), "key", 10, 1).partition() == 1);
    }
}

TEST_CASE("the only partition gets everything") {
    for (const auto& policy : unkeyed) {
        Topic topic(alone(policy), 1);
        for (int i = 0; i < 50; ++i)
            REQUIRE(topic.append(300, i % 3 == 0) == 0);
    }
}

TEST_CASE("a key goes to its partition though that has no leader") {
    const Balancer balancer = Murmur2Balancer{};
    Topic topic(balancer, 5);
    const auto partition = key_partition(balancer, "key", 5);
    std::vector<PartitionState> others;
    for (const auto& state : all_of(5))
        if (state.partition != partition) others.push_back(state);
    topic.update(5, others);
    CHECK(topic.choose(topic.lane(0), "key", 10).partition() == partition);
}

TEST_CASE("keyed records follow the number of partitions as it grows") {
    const Balancer balancer = Crc32Balancer{};
    Topic topic(balancer, 5);
    CHECK(topic.choose(topic.lane(0), "key", 10).partition() == key_partition(balancer, "key", 5));
    topic.update(64, all_of(64));
    CHECK(topic.choose(topic.lane(0), "key", 10).partition() == key_partition(balancer, "key", 64));
}

TEST_CASE("records without key follow the policy that goes with the keys' balancer") {
    const UnkeyedBalancer turns = RoundRobinBalancer{};
    for (const Balancer& balancer :
         {Balancer(Murmur2Balancer{.unkeyed = turns}), Balancer(HashBalancer{.unkeyed = turns}),
          Balancer(ReferenceHashBalancer{.unkeyed = turns}),
          Balancer(Crc32Balancer{.unkeyed = turns})}) {
        Topic topic(balancer, 3);
        for (int i = 0; i < 7; ++i) {
            CHECK(topic.place().partition() == i % 3);
            // Keyed records take nobody's turn.
            CHECK(topic.choose(topic.lane(0), "key", 10).partition() ==
                  key_partition(balancer, "key", 3));
        }
    }
}

TEST_CASE("an empty key takes its turn with the records without key for CRC-32 alone") {
    Topic crc32(Crc32Balancer{.unkeyed = RoundRobinBalancer{}}, 3);
    for (int i = 0; i < 7; ++i)
        CHECK(crc32.choose(crc32.lane(0), "", 10).partition() == i % 3);
    Topic murmur2(Murmur2Balancer{.unkeyed = RoundRobinBalancer{}}, 3);
    for (int i = 0; i < 7; ++i)
        CHECK(murmur2.choose(murmur2.lane(0), "", 10).partition() ==
              key_partition(Murmur2Balancer{}, "", 3));
}

TEST_CASE("partitions without a leader get no records without key while another has one") {
    for (const auto& policy : unkeyed) {
        Topic topic(alone(policy), 6);
        topic.update(6, leaders({1, 4}));
        Counts found;
        for (int i = 0; i < 400; ++i)
            ++found[topic.append(300, i % 3 == 0)];
        REQUIRE(found.size() == 2);
        CHECK(found[1] > 100);
        CHECK(found[4] > 100);
    }
}

TEST_CASE("all partitions get records without key when none has a leader") {
    for (const auto& policy : unkeyed) {
        Topic topic(alone(policy), 3);
        topic.update(3, {});
        Counts found;
        for (int i = 0; i < 300; ++i)
            ++found[topic.append(600, i % 2 == 0)];
        CHECK(found.size() == 3);
    }
}

TEST_CASE("new partitions get their share of records without key") {
    for (const auto& policy : unkeyed) {
        Topic topic(alone(policy), 2);
        for (int i = 0; i < 20; ++i)
            topic.append(600, true);
        topic.update(4, all_of(4));
        Counts found;
        for (int i = 0; i < 400; ++i)
            ++found[topic.append(600, true)];
        CHECK(found.size() == 4);
        for (const auto& [partition, count] : found)
            CHECK(count > 50);
    }
}

TEST_CASE("a thread leaves its partition at once when that loses its leader or is gone") {
    for (const Balancer& balancer :
         {Balancer(UniformStickyBalancer{}), Balancer(StickyBalancer{})}) {
        Topic topic(balancer, 3);
        const auto before = topic.append(10);
        std::vector<PartitionState> others;
        for (const auto& state : all_of(3))
            if (state.partition != before) others.push_back(state);
        topic.update(3, others);
        const auto after = topic.append(10);
        CHECK(after != before);
        // It does not return by itself when the leader does.
        topic.update(3, all_of(3));
        CHECK(topic.append(10) == after);
        // Recreated with one partition.
        topic.update(1, all_of(1));
        CHECK(topic.append(10) == 0);
    }
}

TEST_CASE("a thread stays with its partition while others come, go or grow their queues") {
    Topic topic(UniformStickyBalancer{}, 3);
    const auto here = topic.append(10);
    topic.update(4, all_of(4));
    CHECK(topic.append(10) == here);
    auto states = all_of(4);
    states[static_cast<std::size_t>(here)].queued = 99;
    topic.update(4, states);
    CHECK(topic.append(10) == here);
    CHECK(!topic.place().may_move());
    // The bytes before still count.
    topic.append(batch - 30);
    CHECK(topic.place().may_move());
}

TEST_CASE("the uniform sticky policy may leave after a batch of bytes, and must after two") {
    Topic topic(UniformStickyBalancer{}, 1000);
    const auto first = topic.append(batch - 1);
    CHECK(!topic.place().may_move());
    CHECK(topic.append(1) == first);
    // Enough, but the batch is open: it is filled first.
    auto choice = topic.place();
    CHECK(choice.partition() == first);
    CHECK(choice.may_move());
    CHECK(topic.append(batch - 1) == first);
    CHECK(topic.place().partition() == first);
    CHECK(topic.append(1) == first);
    choice = topic.place();
    CHECK(choice.partition() != first);
    CHECK(!choice.may_move());
}

TEST_CASE("the uniform sticky policy stays when a batch is full early, and leaves with the next") {
    Topic topic(UniformStickyBalancer{}, 1000);
    const auto first = topic.append(batch - 1, true);
    CHECK(topic.place().partition() == first);
    CHECK(topic.append(1, true) == first);
    CHECK(topic.place().partition() != first);
}

TEST_CASE("a thread that has put enough somewhere moves instead of beginning another batch there") {
    Topic topic(UniformStickyBalancer{}, 1000);
    const auto first = topic.append(batch);
    const auto choice = topic.place();
    REQUIRE(choice.may_move());
    const auto moved = topic.move(topic.lane(0), choice);
    REQUIRE(moved);
    CHECK(moved.partition() != first);
    CHECK(!moved.may_move());
    topic.appended(topic.lane(0), moved, 10, false);
    CHECK(topic.place().partition() == moved.partition());
    // The same choice does not move the thread a second time.
    CHECK(topic.move(topic.lane(0), choice).partition() == moved.partition());
    // What belongs to the partition before does not count for this one.
    topic.appended(topic.lane(0), choice, 5 * batch, true);
    CHECK(topic.place().partition() == moved.partition());
}

TEST_CASE("a balancer's own number of bytes goes before the writer's") {
    Topic topic(Murmur2Balancer{.unkeyed = UniformStickyBalancer{.sticky_bytes = 5 * batch}}, 1000);
    const auto first = topic.append(9 * batch);
    CHECK(topic.place().partition() == first);
    topic.append(batch);
    CHECK(topic.place().partition() != first);
}

TEST_CASE("huge records and limits do not overflow a thread's count") {
    Topic topic(UniformStickyBalancer{.sticky_bytes = UINT32_MAX}, 1000);
    const auto first = topic.append((std::size_t{1} << 31) - 1);
    CHECK(topic.place().partition() == first);
    topic.append(SIZE_MAX);
    CHECK(topic.place().partition() != first);
    Topic smallest(UniformStickyBalancer{.sticky_bytes = 1}, 1000);
    const auto left = smallest.append(2);
    CHECK(smallest.place().partition() != left);
}

TEST_CASE("the uniform sticky policy gives all partitions the same number of bytes") {
    Topic topic(UniformStickyBalancer{}, 8);
    std::map<std::int32_t, std::size_t> bytes;
    for (std::size_t i = 0; i < 200'000; ++i) {
        const auto size = 50 + i % 100;
        bytes[topic.append(size, i % 10 == 0)] += size;
    }
    REQUIRE(bytes.size() == 8);
    for (const auto& [partition, sum] : bytes) {
        CHECK(sum > 2'200'000);
        CHECK(sum < 2'800'000);
    }
}

TEST_CASE("an adaptive policy prefers short queues, another one does not look") {
    auto states = all_of(2);
    states[0].queued = 9;
    for (const bool adaptive : {true, false}) {
        Topic topic(UniformStickyBalancer{.adaptive = adaptive}, 2);
        CHECK(topic.is_adaptive() == adaptive);
        topic.update(2, states);
        Counts found;
        for (int i = 0; i < 1100; ++i)
            ++found[topic.append(batch, true)];
        if (adaptive)
            CHECK(found[0] < 160);  // 100 expected
        else
            CHECK(found[0] > 450);
    }
}

TEST_CASE("the sticky policy changes its partition with each batch, and always to another one") {
    Topic topic(StickyBalancer{}, 3);
    auto before = topic.append(10);
    CHECK(topic.append(100 * batch) == before);
    std::set<std::int32_t> seen;
    for (int i = 0; i < 100; ++i) {
        // The batch is full.
        CHECK(topic.append(10, true) == before);
        const auto after = topic.place();
        REQUIRE(after.partition() != before);
        CHECK(!after.may_move());
        topic.append(10);
        // The batch was closed by somebody else: the thread is told when it finds none.
        const auto choice = topic.place();
        REQUIRE(choice.partition() == after.partition());
        REQUIRE(choice.may_move());
        const auto moved = topic.move(topic.lane(0), choice);
        REQUIRE(moved.partition() != after.partition());
        topic.appended(topic.lane(0), moved, 10, false);
        seen.insert(before = moved.partition());
    }
    CHECK(seen.size() == 3);
}

TEST_CASE("each thread has a sticky partition of its own, and there are as many as asked for") {
    TopicBalancer topic(Balancer{}, {.batch_bytes = batch, .seed = 1, .lanes = 8});
    topic.update(1000, all_of(1000));
    std::set<std::int32_t> seen;
    for (std::uint32_t thread = 0; thread < 8; ++thread)
        seen.insert(topic.choose(topic.lane(thread), nullptr, 10).partition());
    CHECK(seen.size() >= 7);  // two may meet by chance
    CHECK(&topic.lane(0) == &topic.lane(8));
    CHECK(&topic.lane(0) != &topic.lane(7));
    CHECK(reinterpret_cast<std::uintptr_t>(&topic.lane(1)) % 64 == 0);
    TopicBalancer none(Balancer{}, {.lanes = 0});
    CHECK(&none.lane(0) == &none.lane(1));
    TopicBalancer many(Balancer{}, {.lanes = UINT32_MAX});
    CHECK(&many.lane(0) == &many.lane(256));
    CHECK(&many.lane(0) != &many.lane(255));
}

TEST_CASE("the same seed gives the same choices, another one others") {
    const auto choices = [](std::uint64_t seed) {
        TopicBalancer topic(RandomBalancer{}, {.seed = seed});
        topic.update(1000, all_of(1000));
        std::vector<std::int32_t> made;
        for (int i = 0; i < 20; ++i)
            made.push_back(topic.choose(topic.lane(3), nullptr, 10).partition());
        return made;
    };
    CHECK(choices(1) == choices(1));
    CHECK(choices(1) != choices(2));
}

TEST_CASE("round robin gives each partition a chunk in turn") {
    for (const std::uint32_t chunk : {0U, 1U, 3U}) {
        Topic topic(RoundRobinBalancer{.chunk_size = chunk}, 4);
        for (std::uint32_t i = 0; i < 50; ++i)
            CHECK(topic.place().partition() ==
                  static_cast<std::int32_t>(i / std::max(chunk, 1U) % 4));
    }
}

TEST_CASE("round robin is one turn for all threads") {
    Topic topic(RoundRobinBalancer{}, 4);
    for (std::uint32_t i = 0; i < 20; ++i)
        CHECK(topic.choose(topic.lane(i % 3), nullptr, 10).partition() ==
              static_cast<std::int32_t>(i % 4));
}

TEST_CASE("least bytes chooses the first of those with the fewest bytes") {
    Topic topic(LeastBytesBalancer{}, 3);
    CHECK(topic.place(10).partition() == 0);
    CHECK(topic.place(20).partition() == 1);
    CHECK(topic.place(5).partition() == 2);
    CHECK(topic.place(6).partition() == 2);
    CHECK(topic.place(1).partition() == 0);
    CHECK(topic.place(1).partition() == 0);
}

TEST_CASE("least bytes counts anew when the partitions change, and only then") {
    Topic topic(LeastBytesBalancer{}, 2);
    topic.place(100);
    topic.place(100);
    topic.place(1);
    auto states = all_of(2);
    states[0].queued = 3;
    topic.update(2, states);
    CHECK(topic.place(10).partition() == 1);
    topic.update(3, all_of(3));
    // The new one is not flooded.
    CHECK(topic.place(10).partition() == 0);
    CHECK(topic.place(10).partition() == 1);
    CHECK(topic.place(10).partition() == 2);
    CHECK(topic.place(10).partition() == 0);
}

TEST_CASE("a manual balancer refuses records that name no partition") {
    Topic topic(ManualBalancer{}, 3);
    const auto choice = topic.choose(topic.lane(0), "key", 10);
    REQUIRE(!choice);
    const auto failure = topic.failure(choice, "orders");
    CHECK(failure.code == errc::invalid_argument);
    CHECK(failure.detail ==
          "a record for topic orders names no partition, which a ManualBalancer "
          "needs");
}

TEST_CASE("a function balancer is asked elsewhere, and what it says must be a partition") {
    Topic topic(FunctionBalancer{[](const BalancerCall&) { return 0; }}, 3);
    CHECK(topic.choose(topic.lane(0), "key", 10).reason() == Choice::ask_function);
    CHECK(topic.place().reason() == Choice::ask_function);
    CHECK(*topic.check_function(2, "orders") == 2);
    for (const std::int32_t wrong : {3, -1, INT32_MAX, INT32_MIN}) {
        const auto answer = topic.check_function(wrong, "orders");
        REQUIRE(!answer);
        CHECK(answer.failure().code == errc::invalid_argument);
        CHECK(answer.failure().detail == "the balancer's function chose partition " +
                                             std::to_string(wrong) +
                                             ", but topic orders has partitions 0 to 2");
    }
}

TEST_CASE("choosing allocates nothing, nor does an update that is no news") {
    for (const auto& balancer : every) {
        Topic topic(balancer, 12);
        auto states = all_of(12);
        topic.update(12, states);
        const test::AllocationScope scope;
        for (int i = 0; i < 5000; ++i) {
            auto choice = topic.choose(topic.lane(0), i % 2 ? "key" : nullptr, 100);
            if (choice && choice.may_move()) choice = topic.move(topic.lane(0), choice);
            if (choice) topic.appended(topic.lane(0), choice, 100, i % 7 == 0);
            if (i % 100 == 0) topic.update(12, states);
        }
        const auto count = scope.count();
        CHECK(count == 0);
    }
}
