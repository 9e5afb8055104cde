// SPDX-License-Identifier: Apache-2.0
// The producer's rows of the fault matrix that are about brokers: C01 to C04, C16, C18, C20.
#include <doctest/doctest.h>

#include <kafka/protocol/find_coordinator.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/produce.hpp>

#include "core/produce/faults_runs.hpp"

using namespace kafka;
using namespace kafka::core::produce_faults;
using namespace std::chrono_literals;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using testing::Rule;
using testing::SeededRandom;

namespace {

constexpr auto w1 = Workload::idempotent, w2 = Workload::plain, tx = Workload::transactional;
constexpr std::int32_t brokers = 3;

void add_rule(World& world, const Rule& rule) {
    REQUIRE(world.simulation.brokers().add_rule(rule));
}
testing::Partition& partition_of(World& world, std::int32_t number) {
    return *world.simulation.brokers().cluster().find("t")->partition(number);
}
void lead(World& world, std::int32_t partition, std::int32_t leader) {
    static_cast<void>(
        world.simulation.brokers().cluster().move_leader(partition_of(world, partition), leader));
    world.simulation.changed();
}
std::int32_t any_partition(World& world) {
    return static_cast<std::int32_t>(world.below(partitions));
}
std::int32_t any_broker(World& world) {
    return 1 + static_cast<std::int32_t>(world.below(brokers));
}
/// Leaders of single partitions, while there are faults.
void keep_moving(World& world, milliseconds pause) {
    world.simulation.after(pause, [&world, pause] {
        if (!world.bytes.on) return;
        lead(world, any_partition(world), any_broker(world));
        keep_moving(world, pause);
    });
}
template <class Call>
void for_rows(ProduceResponse& response, Call call) {
    for (auto& topic : response.responses)
        for (auto& row : topic.partition_responses)
            call(row);
}

}  // namespace

TEST_CASE("C01: a broker says that it does not lead a partition that a producer writes to") {
    std::vector<Cell> cells;
    for (const bool hints : {true, false}) {
        const std::string with = hints ? ", with hints" : ", without hints";
        const auto prepare = [hints](World& world) {
            if (hints) return;
            add_rule(world, Rule::on<ProduceRequest>().edit<ProduceResponse>([](auto& response) {
                for_rows(response, [](auto& row) { row.current_leader = {}; });
                response.node_endpoints.clear();
            }));
        };
        add_cells(cells, "leaders move" + with, {w1, tx}, [=](Plan& plan, SeededRandom& random) {
            plan.all_succeed = plan.delivery >= 30s;
            plan.arrange = [=, pause = milliseconds(20 + random.next() % 80)](World& world) {
                prepare(world);
                keep_moving(world, pause);
            };
        });
        // It says so although it does; KIP-951: and names itself.
        add_cells(
            cells, "the leader denies it" + with, {w1, tx}, [=](Plan& plan, SeededRandom& random) {
                plan.all_succeed = plan.delivery >= 30s;
                plan.arrange = [=, seed = random.next()](World& world) {
                    add_rule(world, Rule::on<ProduceRequest>().with_probability(0.3, seed).error(
                                        broker_errc::not_leader_or_follower));
                    if (!hints) return;
                    add_rule(world, Rule::on<ProduceRequest>().edit<ProduceResponse>(
                                        [&world](auto& response) {
                                            for_rows(response, [&](auto& row) {
                                                const auto& real = partition_of(world, row.index);
                                                row.current_leader.leader_id = real.leader;
                                                row.current_leader.leader_epoch = real.leader_epoch;
                                            });
                                        }));
                };
            });
        // It was deposed before the others had what it wrote, and says where it wrote; here they
        // have it all the same.
        add_cells(
            cells, "deposed after writing" + with, {w1, tx}, [=](Plan& plan, SeededRandom& random) {
                plan.all_succeed = plan.delivery >= 30s;
                plan.arrange = [=, seed = random.next()](World& world) {
                    prepare(world);
                    keep_moving(world, 100ms);
                    add_rule(world, Rule::on<ProduceRequest>()
                                        .with_probability(0.2, seed)
                                        .edit<ProduceResponse>([](auto& response) {
                                            for_rows(response, [](auto& row) {
                                                if (row.error_code == 0)
                                                    row.error_code = static_cast<std::int16_t>(
                                                        broker_errc::not_leader_or_follower);
                                            });
                                        }));
                };
            });
    }
    const auto tally = run_row("C01", cells, 12);
    if (tally.runs > 1) CHECK(tally.retries > tally.runs);
}

TEST_CASE("C02: leaders change all the time") {
    std::vector<Cell> cells;
    for (const auto pause : {100ms, 1000ms}) {
        add_cells(cells, "every " + std::to_string(pause.count()) + " ms", {w1, tx},
                  [=](Plan& plan, SeededRandom&) {
                      plan.faulty = 30s;
                      plan.batches = 100;
                      plan.simulation.shuffle_every = pause;
                      plan.all_succeed = plan.delivery >= 30s;
                  });
    }
    const auto tally = run_row("C02", cells, 4);
    if (tally.runs > 1) CHECK(tally.retries > tally.runs);
}

TEST_CASE("C03: partitions are without a leader for a while") {
    std::vector<Cell> cells;
    for (const auto time : {5s, 60s}) {
        add_cells(cells, "for " + std::to_string(time.count()) + " s", {w1},
                  [=](Plan& plan, SeededRandom& random) {
                      plan.faulty = time;
                      plan.delivery = 120s;
                      plan.all_succeed = true;
                      const bool epochs = random.next() % 2 == 0;
                      plan.arrange = [=](World& world) {
                          for (std::int32_t i = 0; i < partitions; ++i)
                              if (world.chance(60)) lead(world, i, -1);
                          if (!epochs)
                              add_rule(world, Rule::on<MetadataRequest>().edit<MetadataResponse>(
                                                  [](auto& response) {
                                                      for (auto& topic : response.topics)
                                                          for (auto& row : topic.partitions)
                                                              if (row.leader_id < 0)
                                                                  row.leader_epoch = -1;
                                                  }));
                      };
                      plan.mend = [](World& world) {
                          for (std::int32_t i = 0; i < partitions; ++i)
                              if (partition_of(world, i).leader < 0)
                                  lead(world, i, any_broker(world));
                      };
                  });
    }
    run_row("C03", cells, 2);
}

TEST_CASE("C04: metadata is out of date or wrong") {
    using Topic = MetadataResponse::Topic;
    const auto row_of = [](World& world, Topic& topic) -> MetadataResponse::Partition* {
        if (topic.partitions.empty()) return nullptr;
        return &topic.partitions[world.below(topic.partitions.size())];
    };
    struct Variant {
        const char* name;
        std::function<void(World&, MetadataResponse&)> edit;
    };
    const Variant variants[] = {
        {"the topic is missing",
         [](World& world, MetadataResponse& response) {
             if (world.chance(50)) return response.topics.clear();
             for (auto& topic : response.topics) {
                 topic.error_code =
                     static_cast<std::int16_t>(broker_errc::unknown_topic_or_partition);
                 topic.partitions.clear();
             }
         }},
        {"fewer partitions",
         [](World& world, MetadataResponse& response) {
             for (auto& topic : response.topics)
                 topic.partitions.resize(world.below(topic.partitions.size() + 1));
         }},
        {"no partitions",
         [](World&, MetadataResponse& response) {
             for (auto& topic : response.topics)
                 topic.partitions.clear();
         }},
        {"an old epoch",
         [=](World& world, MetadataResponse& response) {
             for (auto& topic : response.topics)
                 for (auto* row : {row_of(world, topic), row_of(world, topic)})
                     if (row && row->leader_epoch > 0) {
                         --row->leader_epoch;
                         row->leader_id = any_broker(world);
                     }
         }},
        {"an unknown replica",
         [=](World& world, MetadataResponse& response) {
             for (auto& topic : response.topics)
                 if (auto* row = row_of(world, topic)) {
                     row->replica_nodes.push_back(99);
                     row->isr_nodes.push_back(98);
                     row->offline_replicas.push_back(97);
                 }
         }},
        {"an unknown broker",
         [=](World& world, MetadataResponse& response) {
             if (world.chance(50) && !response.brokers.empty()) response.brokers.pop_back();
             for (auto& topic : response.topics)
                 if (auto* row = row_of(world, topic); row && world.chance(50)) row->leader_id = 99;
         }},
    };
    std::vector<Cell> cells;
    for (const auto& variant : variants) {
        add_cells(
            cells, variant.name, {w1, tx}, [edit = variant.edit](Plan& plan, SeededRandom& random) {
                plan.all_succeed = plan.delivery >= 30s;
                plan.arrange = [edit, seed = random.next()](World& world) {
                    keep_moving(world, 60ms);
                    add_rule(world, Rule::on<MetadataRequest>()
                                        .with_probability(0.5, seed)
                                        .edit<MetadataResponse>([&world, edit](auto& response) {
                                            edit(world, response);
                                        }));
                };
            });
    }
    const auto tally = run_row("C04", cells, 12);
    if (tally.runs > 1) CHECK(tally.retries > 0);
}

TEST_CASE("C16: a leader cannot store records, or not in time") {
    struct Variant {
        const char* name;
        broker_errc code;
        bool after;
    };
    const Variant variants[] = {
        {"KAFKA_STORAGE_ERROR", broker_errc::kafka_storage_error, false},
        {"NOT_ENOUGH_REPLICAS", broker_errc::not_enough_replicas, false},
        {"NOT_ENOUGH_REPLICAS_AFTER_APPEND", broker_errc::not_enough_replicas_after_append, true},
        {"REQUEST_TIMED_OUT", broker_errc::request_timed_out, true}};
    std::vector<Cell> cells;
    for (const auto& variant : variants) {
        add_cells(cells, variant.name, {w1, tx}, [variant](Plan& plan, SeededRandom& random) {
            plan.all_succeed = plan.delivery >= 30s;
            plan.arrange = [variant, seed = random.next()](World& world) {
                auto rule = Rule::on<ProduceRequest>().with_probability(0.4, seed);
                // Of some partitions only: others in the request go on.
                if (seed % 2 == 0)
                    for (std::int32_t i = 0; i < partitions; i += 2)
                        rule.partition(i);
                if (variant.after)
                    rule.error_after(variant.code);
                else
                    rule.error(variant.code);
                add_rule(world, rule);
            };
        });
    }
    const auto tally = run_row("C16", cells, 8);
    if (tally.runs > 1) CHECK(tally.retries > tally.runs);
}

TEST_CASE("C18: a leader refuses a batch or some of its records") {
    std::vector<Cell> cells;
    add_cells(cells, "MESSAGE_TOO_LARGE", {w1, w2}, [](Plan& plan, SeededRandom&) {
        plan.simulation.brokers.message_max_bytes = 220;  // less than two records, uncompressed
        plan.all_succeed = plan.delivery >= 30s && plan.produce.acks != 0;
    });
    const auto refuse = [&](const char* variant, broker_errc code) {
        add_cells(cells, variant, {w1, w2}, [code](Plan& plan, SeededRandom& random) {
            plan.arrange = [code, seed = random.next()](World& world) {
                add_rule(world, Rule::on<ProduceRequest>().with_probability(0.2, seed).error(code));
            };
        });
    };
    refuse("RECORD_LIST_TOO_LARGE", broker_errc::record_list_too_large);
    refuse("INVALID_RECORD", broker_errc::invalid_record);
    add_cells(cells, "errors of single records", {w1, w2}, [](Plan& plan, SeededRandom&) {
        plan.simulation.brokers.topics[0].configs = {{"cleanup.policy", "compact"}};
        plan.keys = false;
    });
    refuse("UNSUPPORTED_VERSION", broker_errc::unsupported_version);
    const auto tally = run_row("C18", cells, 10);
    if (tally.runs == 1) return;
    CHECK(tally.splits > tally.runs);
    CHECK(tally.records.failed > tally.runs);
}

TEST_CASE("C20: answers lack what was asked for, repeat it, or tell of something else") {
    const auto any_answer = [](std::uint64_t seed) {
        auto rule = Rule::on<MetadataRequest>().with_probability(0.5, seed);
        return rule;
    };
    const auto extra_rows = [](World& world, ProduceResponse& response) {
        for (auto& topic : response.responses) {
            auto& row = topic.partition_responses.emplace_back();
            const std::int32_t strange[] = {77, -1, INT32_MAX, any_partition(world)};
            row.index = strange[world.below(std::size(strange))];
            row.base_offset = static_cast<std::int64_t>(world.below(100));
            row.error_code = static_cast<std::int16_t>(world.below(100));
        }
        auto& other = response.responses.emplace_back();
        other.name = "other";
        other.topic_id = world.random.uuid();
        other.partition_responses.emplace_back().base_offset = 5;
    };
    const auto extra_topics = [](World& world, MetadataResponse& response) {
        for (auto& topic : response.topics) {
            auto row =
                topic.partitions.empty() ? MetadataResponse::Partition() : topic.partitions.back();
            const std::int32_t strange[] = {77, -1, INT32_MAX, any_partition(world)};
            row.partition_index = strange[world.below(std::size(strange))];
            topic.partitions.push_back(row);
        }
        auto& other = response.topics.emplace_back();
        other.name = "other";
        other.topic_id = world.random.uuid();
        other.partitions.resize(2);
    };
    std::vector<Cell> cells;
    const auto add = [&](const char* variant, std::function<void(World&, std::uint64_t)> arrange) {
        add_cells(cells, variant, {w1, tx}, [arrange](Plan& plan, SeededRandom& random) {
            plan.all_succeed = plan.delivery >= 30s;
            plan.arrange = [arrange, seed = random.next()](World& world) {
                keep_moving(world, 100ms);
                arrange(world, seed);
            };
        });
    };
    const auto some = [](std::uint64_t seed) {
        return Rule::on<ProduceRequest>().with_probability(0.3, seed);
    };
    add("Produce lacks partitions", [=](World& world, std::uint64_t seed) {
        auto rule = some(seed);
        if (seed % 2 == 0) rule.partition(any_partition(world)).partition(any_partition(world));
        add_rule(world, rule.drop_from_response());
    });
    add("Produce repeats partitions", [=](World& world, std::uint64_t seed) {
        add_rule(world, some(seed).repeat_in_response(2 + static_cast<int>(seed % 3)));
    });
    add("Produce tells of others", [=](World& world, std::uint64_t seed) {
        add_rule(world, some(seed).edit<ProduceResponse>(
                            [&world, extra_rows](auto& response) { extra_rows(world, response); }));
    });
    // And what finds coordinators and fills transactions.
    const auto others = [=](World& world, std::uint64_t seed, auto change) {
        add_rule(world, change(any_answer(seed)));
        add_rule(world, change(Rule::on<protocol::AddPartitionsToTxnRequest>().with_probability(
                            0.3, seed + 1)));
        add_rule(world, change(Rule::on<protocol::TxnOffsetCommitRequest>().with_probability(
                            0.3, seed + 2)));
    };
    add("other answers lack topics or partitions", [=](World& world, std::uint64_t seed) {
        others(world, seed, [&](Rule rule) {
            if (seed % 2 == 0) rule.partition(any_partition(world));
            return rule.drop_from_response();
        });
        add_rule(world, Rule::on<protocol::FindCoordinatorRequest>()
                            .with_probability(0.3, seed + 3)
                            .edit<protocol::FindCoordinatorResponse>(
                                [](auto& response) { response.coordinators.clear(); }));
    });
    add("other answers repeat them", [=](World& world, std::uint64_t seed) {
        others(world, seed, [&](Rule rule) { return rule.repeat_in_response(2); });
    });
    add("other answers tell of others", [=](World& world, std::uint64_t seed) {
        add_rule(world,
                 any_answer(seed).edit<MetadataResponse>(
                     [&world, extra_topics](auto& response) { extra_topics(world, response); }));
        add_rule(world, Rule::on<protocol::AddPartitionsToTxnRequest>()
                            .edit<protocol::AddPartitionsToTxnResponse>([&world](auto& response) {
                                for (auto& topic : response.results_by_topic_v3_and_below)
                                    topic.results_by_partition.push_back(
                                        {.partition_index = any_partition(world),
                                         .partition_error_code = 0});
                            }));
    });
    const auto tally = run_row("C20", cells, 12);
    if (tally.runs == 1) return;
    CHECK(tally.odd_rows > 0);
    CHECK(tally.retries > 0);
}
