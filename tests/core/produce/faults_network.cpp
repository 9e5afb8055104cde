// SPDX-License-Identifier: Apache-2.0
// The producer's rows of the fault matrix that are about the network: N04, N05, N07, N12, N13.
#include <doctest/doctest.h>

#include "core/produce/faults_runs.hpp"

using namespace kafka;
using namespace kafka::core::produce_faults;
using namespace std::chrono_literals;
using testing::Ending;
using testing::Rule;
using testing::SeededRandom;

namespace {

constexpr auto w1 = Workload::idempotent, w2 = Workload::plain, tx = Workload::transactional;

struct Place {
    const char* name;
    std::size_t (*of)(std::size_t length);
};
template <std::size_t n>
std::size_t at(std::size_t) {
    return n;
}
std::size_t half(std::size_t length) {
    return length / 2;
}
std::size_t but_one(std::size_t length) {
    return length - 1;
}
std::size_t all(std::size_t length) {
    return length;
}

/// Some of the frames, but not those that open a connection.
ByteFaults::OnFrame cut_some(World& world, const Place& place, bool reset, unsigned percent) {
    return [&world, place, reset, percent](std::int16_t api,
                                           std::size_t length) -> std::optional<ByteFaults::Cut> {
        if (api == protocol::ApiVersionsRequest::info.api_key || !world.chance(percent))
            return std::nullopt;
        return ByteFaults::Cut{place.of(length), reset};
    };
}

}  // namespace

TEST_CASE("N04: a connection is reset within a request of a producer") {
    const Place places[] = {{"after 0 bytes", at<0>},    {"after 1 byte", at<1>},
                            {"after 3 bytes", at<3>},    {"after 4 bytes", at<4>},
                            {"half-way", half},          {"before the last byte", but_one},
                            {"after the last byte", all}};
    std::vector<Cell> cells;
    for (const auto& place : places)
        add_cells(cells, place.name, {w1, w2, tx}, [place](Plan& plan, SeededRandom& random) {
            const auto percent = 10 + static_cast<unsigned>(random.next() % 20);
            plan.arrange = [=](World& world) {
                world.bytes.request = cut_some(world, place, true, percent);
            };
            plan.all_succeed = plan.delivery >= 30s;
        });
    const auto tally = run_row("N04", cells, 21);
    if (tally.runs > 1) CHECK(tally.retries > tally.runs);
}

TEST_CASE("N05: a connection ends within an answer to a producer") {
    const Place places[] = {{"after 0 bytes", at<0>}, {"after 1 byte", at<1>},
                            {"after 3 bytes", at<3>}, {"after 4 bytes", at<4>},
                            {"after 7 bytes", at<7>}, {"after 8 bytes", at<8>},
                            {"half-way", half},       {"before the last byte", but_one}};
    std::vector<Cell> cells;
    for (const auto& place : places) {
        for (const bool reset : {true, false}) {
            const auto variant = std::string(reset ? "RST " : "FIN ") + place.name;
            add_cells(cells, variant, {w1, w2, tx}, [=](Plan& plan, SeededRandom& random) {
                const auto percent = 10 + static_cast<unsigned>(random.next() % 20);
                plan.arrange = [=](World& world) {
                    world.bytes.response = cut_some(world, place, reset, percent);
                };
                plan.all_succeed = plan.delivery >= 30s;
            });
        }
    }
    const auto tally = run_row("N05", cells, 48);
    if (tally.runs > 1) CHECK(tally.retries > tally.runs);
}

TEST_CASE("N07: a producer's bytes come in small pieces") {
    std::vector<Cell> cells;
    const auto add = [&](const char* variant, std::size_t piece, bool reads, bool writes) {
        add_cells(cells, variant, {w1, tx}, [=](Plan& plan, SeededRandom&) {
            plan.batches = 15;
            plan.most_records = 3;
            plan.faulty = 1s;
            plan.delivery = 30s;
            plan.all_succeed = true;
            if (reads == writes) {
                plan.simulation.largest_piece = piece;
                plan.simulation.most_latency = 2ms;
                return;
            }
            plan.arrange = [=](World& world) {
                (reads ? world.bytes.read_piece : world.bytes.write_piece) = piece;
            };
        });
    };
    add("reads of 1 byte", 1, true, false);
    add("writes of 1 byte", 1, false, true);
    add("1 byte at a time, both ways", 1, true, true);
    add("1 to 7 bytes at a time, both ways", 7, true, true);
    const auto tally = run_row("N07", cells, 8);
    // What fails is what was aborted before it was sent.
    CHECK(tally.records.undecided == 0);
    CHECK(tally.retries == 0);
}

TEST_CASE("N12: no connection of a producer lives longer than 500 to 1,500 ms") {
    std::vector<Cell> cells;
    add_cells(cells, "chaos", {w1, tx}, [](Plan& plan, SeededRandom& random) {
        plan.faulty = 8s;
        plan.batches = 80;
        plan.all_succeed = plan.delivery >= 30s;
        plan.arrange = [seed = random.next()](World& world) {
            auto& brokers = world.simulation.brokers();
            for (unsigned i = 0; i <= 10; ++i) {
                const auto time = 500ms + i * 100ms;
                const auto ending = i % 2 == 0 ? Ending::reset : Ending::close;
                auto rule = Rule::on_connect().close_after(time, ending);
                if (i > 0) rule.with_probability(0.2, seed + i);
                REQUIRE(brokers.add_rule(rule));
            }
        };
    });
    const auto tally = run_row("N12", cells, 4);
    if (tally.runs > 1) CHECK(tally.retries > 0);
}

TEST_CASE("N13: a broker closes an idle connection as a producer writes on it") {
    std::vector<Cell> cells;
    add_cells(cells, "idle", {w1}, [](Plan& plan, SeededRandom&) {
        plan.faulty = 10s;
        plan.batches = 60;
        plan.all_succeed = plan.delivery >= 30s;
        plan.before_call = [](World& world) {
            if (!world.bytes.on || world.chance(40)) return;
            const auto ending = world.chance(50) ? Ending::reset : Ending::close;
            world.simulation.brokers().drop_connections(0, ending);
            world.simulation.changed();
        };
    });
    const auto tally = run_row("N13", cells, 3);
    if (tally.runs > 1) CHECK(tally.retries > tally.runs);
}

TEST_CASE("a run of the fault matrix is repeated by its seed") {
    std::vector<Cell> cells;
    add_cells(cells, "bad weather", {w1, w2, tx}, [](Plan& plan, SeededRandom&) {
        plan.simulation.reset_chance = 0.02;
        plan.simulation.pause_every = 400ms;
        plan.simulation.shuffle_every = 300ms;
    });
    for (const auto& cell : cells) {
        Tally first, second, other;
        CHECK(run_cell(cell, 5, first) == "");
        CHECK(run_cell(cell, 5, second) == "");
        CHECK(run_cell(cell, 6, other) == "");
        CHECK(first.hash == second.hash);
        CHECK(first.records.success == second.records.success);
        CHECK(first.hash != other.hash);
    }
}

TEST_CASE("a run of the fault matrix finds out brokers that lie") {
    const auto finds = [](Workload workload, const Rule& lie) {
        std::vector<Cell> cells;
        add_cells(cells, "lies", {workload}, [lie](Plan& plan, SeededRandom&) {
            plan.arrange = [lie](World& world) {
                REQUIRE(world.simulation.brokers().add_rule(lie));
            };
        });
        Tally tally;
        return run_cell(cells[0], 1, tally);
    };
    const auto produce = Rule::on<protocol::ProduceRequest>().after(3);
    for (const auto workload : {w1, tx})
        CHECK(finds(workload, Rule(produce).error(broker_errc::none)).find("record") !=
              std::string::npos);
    // Stored, and denied with a code that says it is not.
    CHECK(finds(tx, Rule(produce).error_after(broker_errc::invalid_record)).find("failed and is") !=
          std::string::npos);
    const auto end = Rule::on<protocol::EndTxnRequest>();
    CHECK(finds(tx, Rule(end).error(broker_errc::none)).find("transaction") != std::string::npos);
}
