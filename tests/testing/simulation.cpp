// SPDX-License-Identifier: Apache-2.0
#include "testing/simulation.hpp"

#include "testing/seeds.hpp"
#include "testing/sim_client.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;

SimulationOptions bad_weather(std::uint64_t seed) {
    SimulationOptions options;
    options.seed = seed;
    options.brokers.topics = {{"t", 3, 3}};
    options.most_latency = 10ms;
    options.largest_piece = 1 + seed % 40;
    options.reset_chance = 0.01;
    options.refuse_chance = 0.05;
    options.pause_every = 400ms;
    options.longest_pause = 300ms;
    options.shuffle_every = 300ms;
    return options;
}

struct Outcome {
    std::string wrong;
    std::uint64_t hash = 0;
    std::uint64_t events = 0;
};

// Three producers in bad weather, with a broker that dies and comes back; everything that was
// acknowledged has to be there, once and in order.
Outcome produce_through(const SimulationOptions& options, const std::vector<Rule>& rules = {}) {
    constexpr int records = 30;
    Simulation simulation(options);
    for (const auto& rule : rules)
        REQUIRE(simulation.brokers().add_rule(rule));
    const auto victim = static_cast<std::int32_t>(1 + options.seed % 3);
    simulation.after(700ms, [&] { simulation.stop_broker(victim); });
    simulation.after(1500ms, [&] { simulation.start_broker(victim); });
    simulation.after(5s, [&] { simulation.heal(); });

    std::vector<std::unique_ptr<SimProducer>> producers;
    for (int partition = 0; partition < 3; ++partition) {
        producers.push_back(std::make_unique<SimProducer>(simulation, "t", partition, records));
    }
    const bool finished = simulation.run_until(
        [&] {
            return std::all_of(producers.begin(), producers.end(), [](const auto& producer) {
                return producer->done() || !producer->fatal().empty();
            });
        },
        60s);
    Outcome outcome{{}, simulation.trace_hash(), simulation.events()};
    for (std::size_t partition = 0; partition < producers.size(); ++partition) {
        const auto& producer = *producers[partition];
        const auto values = stored_values(simulation, "t", static_cast<std::int32_t>(partition));
        std::vector<std::string> expected;
        for (int i = 0; i < producer.acked(); ++i)
            expected.push_back(std::to_string(i));
        const auto name = "partition " + std::to_string(partition);
        if (!producer.fatal().empty()) outcome.wrong = name + ": " + producer.fatal();
        // One more may be there whose answer was not seen.
        if (values != expected && !finished) expected.push_back(std::to_string(producer.acked()));
        if (values != expected) {
            outcome.wrong = name + ": " + std::to_string(values.size()) + " stored, " +
                            std::to_string(producer.acked()) + " acknowledged";
        }
    }
    if (!finished) outcome.wrong += " not finished";
    return outcome;
}

}  // namespace

TEST_CASE("what was acknowledged is there once and in order, in any weather") {
    for_each_seed(200, [](std::uint64_t seed) { return produce_through(bad_weather(seed)).wrong; });
}

TEST_CASE("the same seed gives the same run, another seed another") {
    for (const std::uint64_t seed : {3U, 4U}) {
        const auto first = produce_through(bad_weather(seed));
        const auto second = produce_through(bad_weather(seed));
        CHECK(first.hash == second.hash);
        CHECK(first.events == second.events);
        CHECK(first.hash != produce_through(bad_weather(seed + 10)).hash);
    }
}

TEST_CASE("a fault of a broker is found, whatever the seed") {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        SUBCASE("a record is acknowledged and not stored") {
            // More than one: in this weather an answer may get lost.
            const auto lie =
                Rule::on<protocol::ProduceRequest>().after(6).times(5).error(broker_errc::none);
            CHECK(!produce_through(bad_weather(seed), {lie}).wrong.empty());
        }
        SUBCASE("a partition without a leader for ever") {
            const auto refuse = Rule::on<protocol::ProduceRequest>().partition(1).error(
                broker_errc::not_leader_or_follower);
            CHECK(produce_through(bad_weather(seed), {refuse}).wrong.find("not finished") !=
                  std::string::npos);
        }
    }
}

TEST_CASE("rules for bytes work in the simulation as over sockets") {
    auto options = bad_weather(1);
    const std::vector<Rule> rules = {
        Rule::on<protocol::ProduceRequest>().with_probability(0.05, 1).cut(9, Ending::reset),
        Rule::on<protocol::ProduceRequest>().with_probability(0.05, 2).add_to_correlation_id(1),
        Rule::on<protocol::ProduceRequest>().with_probability(0.05, 3).disconnect(Stage::after),
        Rule::on<protocol::MetadataRequest>().with_probability(0.1, 4).drip(7, 5ms),
        Rule::on<protocol::MetadataRequest>().with_probability(0.1, 5).stall(11),
        Rule::on_connect().with_probability(0.1, 6).close_after(100ms),
        Rule::on_connect().with_probability(0.1, 7).cut_requests(61),
    };
    for_each_seed(30, [&](std::uint64_t seed) {
        auto run = bad_weather(seed);
        return produce_through(run, rules).wrong;
    });
}

TEST_CASE("virtual time passes without real time") {
    Simulation simulation({.brokers = {.topics = {{"t", 1}}}});
    const auto begin = simulation.now();
    bool answered = false;
    REQUIRE(simulation.brokers().add_rule(
        Rule::on<protocol::MetadataRequest>().delay(std::chrono::hours(3))));
    std::unique_ptr<SimConn> conn;
    conn = std::make_unique<SimConn>(
        simulation, simulation.host(1), simulation.port(1), [&](const Failure& failure) {
            REQUIRE(!failure);
            conn->call<protocol::MetadataRequest>(
                {},
                [&](const Failure& late, protocol::MetadataResponse& response) {
                    CHECK(!late);
                    CHECK(response.brokers.size() == 3);
                    answered = true;
                },
                12, std::chrono::hours(4));
        });
    CHECK(simulation.run_until([&] { return answered; }, std::chrono::hours(5)));
    CHECK(simulation.now() - begin >= std::chrono::hours(3));
}

TEST_CASE("a connection to a broker that is down is refused") {
    Simulation simulation({.brokers = {.topics = {}}});
    simulation.stop_broker(2);
    Failure told;
    SimConn conn(simulation, simulation.host(2), simulation.port(2),
                 [&](Failure failure) { told = std::move(failure); });
    CHECK(simulation.run_until([&] { return static_cast<bool>(told); }, 1s));
    CHECK(told.code == std::errc::connection_refused);
}
