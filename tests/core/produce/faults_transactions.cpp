// SPDX-License-Identifier: Apache-2.0
// The producer's rows of the fault matrix that are about transactions and delivery: X01 to X05,
// X08, X09.
#include <doctest/doctest.h>

#include "core/produce/faults_runs.hpp"

using namespace kafka;
using namespace kafka::core::produce_faults;
using namespace std::chrono_literals;
using protocol::AddOffsetsToTxnRequest;
using protocol::AddPartitionsToTxnRequest;
using protocol::EndTxnRequest;
using protocol::InitProducerIdRequest;
using protocol::ProduceRequest;
using protocol::TxnOffsetCommitRequest;
using testing::Ending;
using testing::Rule;
using testing::SeededRandom;
using testing::Stage;

namespace {

constexpr auto w1 = Workload::idempotent, tx = Workload::transactional;

void add_rule(World& world, const Rule& rule) {
    REQUIRE(world.simulation.brokers().add_rule(rule));
}
milliseconds some_ms(SeededRandom& random, std::uint64_t least, std::uint64_t most) {
    return milliseconds(least + random.next() % (most - least + 1));
}

using Arrange = std::function<void(World&, SeededRandom&)>;

/// With version 1 and with version 2.
void add_both(
    std::vector<Cell>& cells, const std::string& variant, const Arrange& arrange,
    const std::function<void(Plan&)>& more = [](Plan&) {}) {
    for (const std::int16_t version : {std::int16_t{1}, std::int16_t{2}}) {
        add_cells(cells, variant + ", version " + std::to_string(version), {tx},
                  [=](Plan& plan, SeededRandom& random) {
                      plan.transaction_version = version;
                      plan.faulty = 5s;
                      more(plan);
                      plan.arrange = [arrange, seed = random.next()](World& world) {
                          SeededRandom own(seed);
                          arrange(world, own);
                      };
                  });
    }
}

}  // namespace

TEST_CASE("X01: an EndTxn is delayed, lost, doubled or answered too late") {
    std::vector<Cell> cells;
    // KAFKA-17754: one that is late must not end a later transaction.
    add_both(cells, "delayed", [](World& world, SeededRandom& random) {
        for (int i = 0; i < 3; ++i)
            add_rule(world, Rule::on<EndTxnRequest>()
                                .with_probability(0.25, random.next())
                                .delay(some_ms(random, 100, 3'000)));
    });
    add_both(cells, "lost", [](World& world, SeededRandom& random) {
        add_rule(world, Rule::on<EndTxnRequest>()
                            .with_probability(0.3, random.next())
                            .disconnect(Stage::before, Ending::reset));
        add_rule(world, Rule::on<EndTxnRequest>().with_probability(0.2, random.next()).hang());
    });
    add_both(cells, "doubled", [](World& world, SeededRandom& random) {
        world.bytes.twice = [&world](std::int16_t api) {
            return api == EndTxnRequest::info.api_key && world.chance(25);
        };
        add_rule(world, Rule::on<EndTxnRequest>().with_probability(0.25, random.next()).twice());
        // Late, and on another connection, it does no harm with KIP-890 only.
        if (world.simulation.brokers().cluster().options().transaction_version < 2) return;
        const auto again = [&world](const testing::RequestView& view, void*) {
            const auto request = *static_cast<const EndTxnRequest*>(view.message);
            world.simulation.after(milliseconds(world.below(600)), [&world, request] {
                world.cluster.call<EndTxnRequest>(request, 1s,
                                                  [](const Failure&, protocol::EndTxnResponse&) {});
            });
        };
        add_rule(world, Rule::on<EndTxnRequest>()
                            .with_probability(0.3, random.next())
                            .edit(protocol::EndTxnResponse::info, again));
    });
    add_both(cells, "answered too late or never", [](World& world, SeededRandom& random) {
        add_rule(world, Rule::on<EndTxnRequest>()
                            .with_probability(0.3, random.next())
                            .delay_answer(some_ms(random, 900, 2'500)));
        add_rule(world, Rule::on<EndTxnRequest>().with_probability(0.2, random.next()).swallow());
        add_rule(world, Rule::on<EndTxnRequest>()
                            .with_probability(0.2, random.next())
                            .disconnect(Stage::after));
    });
    const auto tally = run_row("X01", cells, 16);
    if (tally.runs == 1) return;
    CHECK(tally.records.committed > tally.runs);
    CHECK(tally.records.undecided > tally.runs / 2);
}

TEST_CASE("X02: the former transaction is still being ended, or a producer id is not given yet") {
    std::vector<Cell> cells;
    const auto busy = [](Plan& plan, SeededRandom& random) {
        plan.faulty = 5s;
        plan.simulation.brokers.transaction_marker_delay = some_ms(random, 0, 200);
    };
    add_cells(cells, "CONCURRENT_TRANSACTIONS to InitProducerId", {tx},
              [=](Plan& plan, SeededRandom& random) {
                  busy(plan, random);
                  plan.arrange = [seed = random.next()](World& world) {
                      add_rule(world, Rule::on<InitProducerIdRequest>()
                                          .transactional_id("tx")
                                          .times(1 + seed % 50)
                                          .error(broker_errc::concurrent_transactions));
                  };
                  plan.faulty = 40s;
                  plan.operation_timeout = 60s;
              });
    add_cells(cells, "CONCURRENT_TRANSACTIONS to the first of a transaction", {tx},
              [=](Plan& plan, SeededRandom& random) {
                  busy(plan, random);
                  plan.arrange = [seed = random.next()](World& world) {
                      const auto times = 1 + seed % 50;
                      add_rule(world, Rule::on<AddPartitionsToTxnRequest>().times(times).error(
                                          broker_errc::concurrent_transactions));
                      add_rule(world,
                               Rule::on<ProduceRequest>().versions(12, 99).times(times).error(
                                   broker_errc::concurrent_transactions));
                      add_rule(world, Rule::on<EndTxnRequest>().with_probability(0.3, seed).error(
                                          broker_errc::concurrent_transactions));
                  };
              });
    add_cells(cells, "passing errors of InitProducerId", {tx},
              [=](Plan& plan, SeededRandom& random) {
                  busy(plan, random);
                  plan.arrange = [seed = random.next()](World& world) {
                      const broker_errc codes[] = {broker_errc::coordinator_load_in_progress,
                                                   broker_errc::coordinator_not_available,
                                                   broker_errc::not_coordinator,
                                                   broker_errc::request_timed_out};
                      for (std::size_t i = 0; i < std::size(codes); ++i)
                          add_rule(world, Rule::on<InitProducerIdRequest>()
                                              .with_probability(0.4, seed + i)
                                              .error(codes[i]));
                  };
              });
    const auto tally = run_row("X02", cells, 6);
    if (tally.runs > 1) CHECK(tally.records.committed > tally.runs);
}

TEST_CASE("X03: another producer takes the transactional id") {
    std::vector<Cell> cells;
    add_cells(cells, "one takes over", {tx}, [](Plan& plan, SeededRandom& random) {
        plan.rivals = 2;
        plan.transaction_span = some_ms(random, 50, 400);
    });
    add_cells(cells, "they race", {tx}, [](Plan& plan, SeededRandom& random) {
        plan.rivals = 2 + static_cast<unsigned>(random.next() % 2);
        plan.rivals_come_back = true;
        plan.transaction_span = some_ms(random, 50, 400);
        plan.faulty = 6s;
    });
    const auto tally = run_row("X03", cells, 6);
    if (tally.runs == 1) return;
    CHECK(tally.records.committed > tally.runs);
    CHECK(tally.restarts > tally.runs / 2);
}

TEST_CASE("X04: the coordinator ends a transaction that takes too long") {
    std::vector<Cell> cells;
    const auto slow = [](Plan& plan, milliseconds timeout, SeededRandom& random) {
        plan.faulty = 8s;
        plan.transaction_timeout = timeout;
        plan.transaction_span = some_ms(random, 300, 1'500);
    };
    add_cells(cells, "between its records", {tx},
              [=](Plan& plan, SeededRandom& random) { slow(plan, 400ms, random); });
    add_cells(cells, "while it is committed", {tx}, [=](Plan& plan, SeededRandom& random) {
        slow(plan, 900ms, random);
        plan.arrange = [seed = random.next()](World& world) {
            add_rule(world, Rule::on<EndTxnRequest>().with_probability(0.5, seed).delay(700ms));
        };
    });
    const auto tally = run_row("X04", cells, 4);
    if (tally.runs > 1) CHECK(tally.restarts + tally.records.aborted > tally.runs);
}

TEST_CASE("X05: what belongs to a transaction is refused") {
    std::vector<Cell> cells;
    const broker_errc codes[] = {
        broker_errc::invalid_txn_state,           broker_errc::topic_authorization_failed,
        broker_errc::coordinator_not_available,   broker_errc::unknown_server_error,
        broker_errc::group_authorization_failed,  broker_errc::transaction_abortable,
        broker_errc::invalid_producer_id_mapping, broker_errc::not_coordinator,
    };
    const auto refuse = [=](auto api, World& world, SeededRandom& random, bool after) {
        using Request = decltype(api);
        auto rule = Rule::on<Request>().with_probability(0.3, random.next());
        const auto code = codes[random.next() % std::size(codes)];
        if (after)
            rule.error_after(code);
        else
            rule.error(code);
        add_rule(world, rule);
    };
    add_both(cells, "AddPartitionsToTxn", [=](World& world, SeededRandom& random) {
        refuse(AddPartitionsToTxnRequest(), world, random, random.next() % 2 == 0);
        // Version 2 asks for them with Produce.
        add_rule(world, Rule::on<ProduceRequest>()
                            .versions(12, 99)
                            .with_probability(0.2, random.next())
                            .error(broker_errc::transaction_abortable));
    });
    add_both(cells, "AddOffsetsToTxn", [=](World& world, SeededRandom& random) {
        refuse(AddOffsetsToTxnRequest(), world, random, random.next() % 2 == 0);
        add_rule(world, Rule::on<TxnOffsetCommitRequest>()
                            .with_probability(0.2, random.next())
                            .error(broker_errc::transaction_abortable));
    });
    add_both(cells, "TxnOffsetCommit", [=](World& world, SeededRandom& random) {
        refuse(TxnOffsetCommitRequest(), world, random, random.next() % 2 == 0);
        refuse(TxnOffsetCommitRequest(), world, random, false);
    });
    add_both(cells, "every Produce, then an abort", [=](World& world, SeededRandom& random) {
        const broker_errc refusals[] = {
            broker_errc::topic_authorization_failed, broker_errc::invalid_record,
            broker_errc::unsupported_for_message_format, broker_errc::policy_violation};
        auto rule = Rule::on<ProduceRequest>().error(refusals[random.next() % std::size(refusals)]);
        add_rule(world, rule);
    });
    const auto tally = run_row("X05", cells, 8);
    if (tally.runs == 1) return;
    CHECK(tally.records.aborted > tally.runs);
    CHECK(tally.records.failed > tally.runs);
}

TEST_CASE("X08: EndTxn is answered with an error that says nothing") {
    std::vector<Cell> cells;
    const auto add = [&](const char* variant, broker_errc code) {
        add_cells(cells, variant, {tx}, [code](Plan& plan, SeededRandom& random) {
            plan.faulty = 5s;
            plan.arrange = [code, seed = random.next()](World& world) {
                add_rule(world,
                         Rule::on<EndTxnRequest>().with_probability(0.3, seed).error_after(code));
                add_rule(world,
                         Rule::on<EndTxnRequest>().with_probability(0.2, seed + 1).error(code));
            };
        });
    };
    add("UNKNOWN_SERVER_ERROR", broker_errc::unknown_server_error);
    add("a code of the future", static_cast<broker_errc>(9'999));
    const auto tally = run_row("X08", cells, 6);
    if (tally.runs == 1) return;
    CHECK(tally.records.undecided > tally.runs / 2);
    CHECK(tally.records.committed > tally.runs);
}

TEST_CASE("X09: the delivery timeout fires while the request is on the wire") {
    std::vector<Cell> cells;
    const auto add = [&](const char* variant, std::function<void(Plan&, SeededRandom&)> more) {
        add_cells(cells, variant, {w1, tx}, [more](Plan& plan, SeededRandom& random) {
            plan.batches = 80;
            plan.delivery = some_ms(random, 150, 700);
            more(plan, random);
        });
    };
    add("the answer is late", [](Plan& plan, SeededRandom& random) {
        plan.request_timeout = 5s;
        plan.arrange = [seed = random.next()](World& world) {
            SeededRandom own(seed);
            for (int i = 0; i < 3; ++i)
                add_rule(world, Rule::on<ProduceRequest>()
                                    .with_probability(0.2, own.next())
                                    .delay_answer(some_ms(own, 100, 1'500)));
        };
    });
    // The transport still reads what is given up.
    add("the request is still being written", [](Plan& plan, SeededRandom&) {
        plan.arrange = [](World& world) {
            world.bytes.write_delay = [&world] {
                return milliseconds(world.chance(50) ? world.below(1'500) : 0);
            };
        };
    });
    add("brokers pause and connections break", [](Plan& plan, SeededRandom&) {
        plan.simulation.pause_every = 200ms;
        plan.simulation.longest_pause = 1'500ms;
        plan.simulation.reset_chance = 0.02;
    });
    const auto tally = run_row("X09", cells, 10);
    if (tally.runs == 1) return;
    CHECK(tally.expired > tally.runs);
    CHECK(tally.records.unknown > tally.runs);
}
