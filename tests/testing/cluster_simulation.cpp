// SPDX-License-Identifier: Apache-2.0
// The client's cluster core against the brokers' core, over streams in memory: one seed makes every
// choice of network, brokers and callers.
#include <algorithm>
#include <string>

#include <kafka/protocol/list_offsets.hpp>

#include "testing/seeds.hpp"
#include "testing/sim_cluster.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;

constexpr auto timeout = 2s;
constexpr int partitions = 6;

SimulationOptions weather(std::uint64_t seed) {
    SimulationOptions options;
    options.seed = seed;
    options.brokers.topics = {{"t", partitions, 3}};
    options.most_latency = 10ms;
    options.largest_piece = 1 + seed % 40;
    options.reset_chance = 0.003;
    options.refuse_chance = 0.05;
    options.pause_every = 500ms;
    options.longest_pause = 300ms;
    options.shuffle_every = 400ms;
    return options;
}

core::ClusterLimits limits(std::uint64_t seed) {
    core::ClusterLimits limits;
    limits.seed = seed;
    limits.pool.connect_timeout = 500ms;
    limits.request_timeout = 1s;
    return limits;
}

protocol::ListOffsetsRequest list_offsets() {
    protocol::ListOffsetsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    for (int number = 0; number < partitions; ++number)
        topic.partitions.push_back({.partition_index = number, .timestamp = -1});
    return request;
}

// A record of a caller's own to one partition, without a producer id: what becomes of it says
// whether a write was ever repeated.
protocol::ProduceRequest write(int partition, const std::string& value) {
    protocol::RecordBatchBuilder builder;
    const protocol::RecordRef record{.key = {}, .value = value, .headers = {}, .timestamp = 1};
    REQUIRE(builder.append(record));
    const auto sealed = builder.seal({});
    protocol::ProduceRequest request;
    request.acks = -1;
    request.timeout_ms = 1000;
    auto& data = request.topic_data.emplace_back();
    data.name = "t";
    auto& part = data.partition_data.emplace_back();
    part.index = partition;
    part.records = Slice::copy_of(sealed);
    return request;
}

/// Callers that make one call after the other, and what came of them.
struct Callers {
    Simulation& simulation;
    SimCluster& cluster;
    Time until;  // no new calls then
    int under_way = 0, calls = 0, late = 0, succeeded = 0;
    std::set<std::string> acknowledged, refused;  // values written; certainly not written
    std::string wrong;

    void begin(int number) {
        if (simulation.now() >= until) return;
        ++calls;
        ++under_way;
        const auto begun = simulation.now();
        const auto over = [this, number, begun](bool good) {
            --under_way;
            succeeded += good;
            late += simulation.now() > begun + timeout + 1ms;
            simulation.after(std::chrono::milliseconds(1 + simulation.random().next() % 30),
                             [this, number] { begin(number); });
        };
        if (number % 2 == 0) {
            cluster.call<protocol::ListOffsetsRequest>(
                list_offsets(), timeout,
                [this, over](const Failure& failure, protocol::ListOffsetsResponse& response) {
                    if (!failure) check(response);
                    over(!failure);
                });
            return;
        }
        const auto value = std::to_string(number) + ":" + std::to_string(calls);
        cluster.call<protocol::ProduceRequest>(
            write(number % partitions, value), timeout,
            [this, over, value](const Failure& failure, protocol::ProduceResponse& response) {
                const bool answered = !failure && !response.responses.empty();
                const std::int16_t code =
                    answered ? response.responses[0].partition_responses.at(0).error_code
                             : std::int16_t{-1};
                if (answered && code == 0) acknowledged.insert(value);
                if (answered && broker_error(code) == broker_errc::not_leader_or_follower)
                    refused.insert(value);
                over(answered && code == 0);
            });
    }
    // However it was cut and sent: each partition once.
    void check(const protocol::ListOffsetsResponse& response) {
        std::vector<int> seen;
        for (const auto& topic : response.topics)
            for (const auto& row : topic.partitions)
                seen.push_back(row.partition_index);
        std::sort(seen.begin(), seen.end());
        std::vector<int> each(partitions);
        for (int number = 0; number < partitions; ++number)
            each[static_cast<std::size_t>(number)] = number;
        if (seen != each) wrong = "not each partition once: " + protocol::print(response);
    }
};

struct Outcome {
    std::string wrong;
    std::uint64_t hash = 0;
    int succeeded = 0;
};

Outcome run(const SimulationOptions& options) {
    Simulation simulation(options);
    SimCluster cluster(simulation, limits(options.seed));
    const auto victim = static_cast<std::int32_t>(1 + options.seed % 3);
    simulation.after(1s, [&] { simulation.stop_broker(victim); });
    simulation.after(2500ms, [&] { simulation.start_broker(victim); });
    simulation.after(6s, [&] { simulation.heal(); });

    Callers callers{.simulation = simulation,
                    .cluster = cluster,
                    .until = simulation.now() + 8s,
                    .acknowledged = {},
                    .refused = {},
                    .wrong = {}};
    for (int number = 0; number < 6; ++number)
        callers.begin(number);
    simulation.run_for(8s + timeout + 100ms);

    Outcome outcome{callers.wrong, simulation.trace_hash(), callers.succeeded};
    const auto wrong = [&](const std::string& what) { outcome.wrong += what + "; "; };
    if (callers.under_way > 0) wrong(std::to_string(callers.under_way) + " calls never ended");
    if (callers.late > 0) wrong(std::to_string(callers.late) + " calls ended late");
    if (callers.succeeded < 100) wrong("only " + std::to_string(callers.succeeded) + " succeeded");

    std::map<std::string, int> stored;
    for (int number = 0; number < partitions; ++number)
        for (const auto& value : stored_values(simulation, "t", number))
            ++stored[value];
    for (const auto& [value, times] : stored)
        if (times > 1) wrong(value + " was written " + std::to_string(times) + " times");
    for (const auto& value : callers.acknowledged)
        if (stored.count(value) == 0) wrong(value + " was acknowledged and is not there");
    for (const auto& value : callers.refused)
        if (stored.count(value) > 0) wrong(value + " was refused and is there");

    // In good weather everything works again, at once, and nothing is left behind.
    bool answered = false;
    cluster.call<protocol::ListOffsetsRequest>(
        list_offsets(), timeout,
        [&](const Failure& failure, protocol::ListOffsetsResponse&) { answered = !failure; });
    if (!simulation.run_until([&] { return answered; }, timeout)) wrong("it did not recover");
    // For each broker one that writes and one for the rest.
    if (cluster.connections() > 6) wrong("it holds too many connections");
    // 8 s with pauses from 50 ms on, doubling, for at most 5 addresses.
    if (cluster.attempts() > 400) wrong(std::to_string(cluster.attempts()) + " connections made");
    cluster.close();
    simulation.run_for(1s);
    if (cluster.connections() > 0) wrong("connections are left after close()");
    if (cluster.waiting() > 0) wrong("calls are left after close()");
    return outcome;
}

}  // namespace

TEST_CASE("calls to a cluster end in time, once, and no write is repeated, in any weather") {
    for_each_seed(60, [](std::uint64_t seed) { return run(weather(seed)).wrong; });
}

TEST_CASE("in good weather every call to a cluster succeeds") {
    for_each_seed(5, [](std::uint64_t seed) {
        SimulationOptions options;
        options.seed = seed;
        options.brokers.topics = {{"t", partitions, 3}};
        Simulation simulation(options);
        SimCluster cluster(simulation, limits(seed));
        Callers callers{.simulation = simulation,
                        .cluster = cluster,
                        .until = simulation.now() + 2s,
                        .acknowledged = {},
                        .refused = {},
                        .wrong = {}};
        for (int number = 0; number < 6; ++number)
            callers.begin(number);
        simulation.run_for(4s);
        if (callers.succeeded != callers.calls)
            return std::to_string(callers.calls - callers.succeeded) + " calls failed";
        // For each broker one that writes and one for the rest; the bootstrap's is one of them.
        if (cluster.attempts() > 6) return std::to_string(cluster.attempts()) + " connections made";
        return callers.wrong;
    });
}

TEST_CASE("a run of a cluster is repeated by its seed") {
    for (const std::uint64_t seed : {5U, 6U}) {
        const auto first = run(weather(seed));
        const auto second = run(weather(seed));
        CHECK(first.hash == second.hash);
        CHECK(first.succeeded == second.succeeded);
        CHECK(first.hash != run(weather(seed + 10)).hash);
    }
}
