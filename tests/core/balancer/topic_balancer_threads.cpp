// SPDX-License-Identifier: Apache-2.0
// TopicBalancer with several threads at once.
#include <array>
#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "core/balancer/topic_balancer.hpp"

namespace {

using namespace kafka;
using namespace kafka::core;

constexpr std::uint32_t threads = 8;
constexpr int records = 20'000;
constexpr std::int32_t most_partitions = 40;

/// All threads write while the topic changes under them; how many records came to each partition.
std::array<int, most_partitions> write_all(TopicBalancer& topic, std::uint32_t lanes,
                                           const std::vector<PartitionState>& last) {
    std::array<std::atomic<int>, most_partitions> counts{};
    std::atomic<bool> wrong{false};
    std::atomic<int> running{threads};
    std::vector<std::thread> writers;
    for (std::uint32_t number = 0; number < threads; ++number) {
        writers.emplace_back([&, number] {
            for (int i = 0; i < records; ++i) {
                auto& lane = topic.lane(number % lanes);
                auto choice = topic.choose(lane, i % 4 ? nullptr : "key", 100);
                if (choice && choice.may_move() && i % 3 == 0) choice = topic.move(lane, choice);
                if (!choice || choice.partition() >= most_partitions) {
                    wrong = true;
                    continue;
                }
                topic.appended(lane, choice, 100, i % 10 == 0);
                ++counts[static_cast<std::size_t>(choice.partition())];
            }
            --running;
        });
    }
    std::vector<PartitionState> states;
    for (std::uint32_t round = 0; running != 0; ++round) {
        const auto count = static_cast<std::int32_t>(2 + round % 38);
        states.clear();
        for (std::int32_t i = 0; i < count; ++i) {
            const auto mixed = static_cast<std::uint32_t>(i) + round;
            if (mixed % 5 != 0) states.push_back({.partition = i, .queued = mixed * 7 % 11});
        }
        topic.update(count, states);
    }
    for (auto& writer : writers)
        writer.join();
    CHECK(!wrong);
    topic.update(most_partitions, last);
    std::array<int, most_partitions> found{};
    for (std::size_t i = 0; i < found.size(); ++i)
        found[i] = counts[i];
    return found;
}

}  // namespace

TEST_CASE("threads choose while the topic changes, each in its lane or several in one") {
    const Balancer balancers[] = {
        Balancer{},           StickyBalancer{}, RoundRobinBalancer{.chunk_size = 3},
        LeastBytesBalancer{}, RandomBalancer{}, Crc32Balancer{.unkeyed = StickyBalancer{}}};
    for (const auto& balancer : balancers) {
        for (const std::uint32_t lanes : {threads, 2U}) {
            TopicBalancer topic(balancer, {.batch_bytes = 1000, .seed = 3, .lanes = lanes});
            topic.update(2, {});
            const std::vector<PartitionState> last{{.partition = 3}, {.partition = 17}};
            const auto counts = write_all(topic, lanes, last);
            int sum = 0;
            for (const auto count : counts)
                sum += count;
            CHECK(sum == static_cast<int>(threads) * records);
            // Afterwards everybody sees the same topic.
            for (std::uint32_t number = 0; number < lanes; ++number) {
                const auto choice = topic.choose(topic.lane(number), nullptr, 1);
                REQUIRE(choice);
                CHECK((choice.partition() == 3 || choice.partition() == 17));
            }
        }
    }
}

TEST_CASE("round robin loses and doubles no turn between threads") {
    TopicBalancer topic(RoundRobinBalancer{}, {});
    std::vector<PartitionState> states;
    for (std::int32_t i = 0; i < 10; ++i)
        states.push_back({.partition = i});
    topic.update(10, states);
    std::array<std::atomic<int>, 10> counts{};
    std::vector<std::thread> writers;
    for (std::uint32_t number = 0; number < threads; ++number) {
        writers.emplace_back([&, number] {
            for (int i = 0; i < 10'000; ++i)
                ++counts[static_cast<std::size_t>(
                    topic.choose(topic.lane(number), nullptr, 1).partition())];
        });
    }
    for (auto& writer : writers)
        writer.join();
    for (const auto& count : counts)
        CHECK(count == 8'000);
}
