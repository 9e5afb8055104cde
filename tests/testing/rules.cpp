// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/offset_fetch.hpp>
#include <kafka/testing/rule.hpp>

#include "testing/core_client.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;
using protocol::CreateTopicsRequest;
using protocol::FetchRequest;
using protocol::FindCoordinatorRequest;
using protocol::ListOffsetsRequest;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::ProduceRequest;

constexpr auto not_leader = code(broker_errc::not_leader_or_follower);

struct RuleFixture : CoreFixture {
    RuleId add(const Rule& rule) {
        const auto id = core.add_rule(rule);
        REQUIRE_MESSAGE(id, id.failure().message());
        return *id;
    }
    std::int16_t produce(std::int32_t partition = 0, std::string topic_name = "t") {
        return ask(produce_request(make_batch(1), partition, std::move(topic_name)), 9,
                   static_cast<ConnectionId>(partition + 1))
            .responses.at(0)
            .partition_responses.at(0)
            .error_code;
    }
    std::int64_t stored(std::int32_t partition = 0) {
        return topic().partition(partition)->log.end_offset();
    }
};

// Two partitions of "t" on broker 1, and "u".
ProduceRequest produce_to_three() {
    auto request = produce_request(make_batch(1));
    auto& second = request.topic_data[0].partition_data.emplace_back();
    second.index = 1;
    second.records = Slice::copy_of(make_batch(2));
    auto other = produce_request(make_batch(3), 0, "u");
    request.topic_data.push_back(other.topic_data[0]);
    return request;
}

struct OneLeader : RuleFixture {
    OneLeader() {
        NewTopic wanted{.name = "u", .partitions = 1};
        std::unique_ptr<Topic> unused;
        REQUIRE(!core.cluster().create(wanted, false, unused, nullptr));
        for (auto& [name, each] : core.cluster().topics()) {
            for (auto& partition : each->partitions)
                REQUIRE(core.cluster().move_leader(partition, 1));
        }
    }
};

}  // namespace

TEST_CASE("a rule for an error answers with it and does not do what was asked for") {
    RuleFixture f;
    const auto id =
        f.add(Rule::on<ProduceRequest>().once().error(broker_errc::not_leader_or_follower));
    CHECK(f.produce() == not_leader);
    CHECK(f.stored() == 0);
    CHECK(f.produce() == 0);
    CHECK(f.stored() == 1);
    CHECK(f.core.hits(id) == 1);
}

TEST_CASE("a rule for one partition leaves the rest of the request alone") {
    OneLeader f;
    f.add(Rule::on<ProduceRequest>().topic("t").partition(1).error(
        broker_errc::not_leader_or_follower));
    const auto response = f.ask(produce_to_three(), 9);
    REQUIRE(response.responses.size() == 2);
    std::map<std::pair<std::string, int>, int> errors;
    for (const auto& topic : response.responses) {
        for (const auto& partition : topic.partition_responses) {
            errors[{topic.name, partition.index}] = partition.error_code;
            if (partition.error_code) CHECK(partition.base_offset == -1);
        }
    }
    CHECK(errors == std::map<std::pair<std::string, int>, int>{
                        {{"t", 0}, 0}, {{"t", 1}, not_leader}, {{"u", 0}, 0}});
    CHECK(f.stored(0) == 1);
    CHECK(f.stored(1) == 0);
    CHECK(f.topic("u").partition(0)->log.end_offset() == 3);
}

TEST_CASE("a rule for a topic works with topic ids as well") {
    OneLeader f;
    f.add(Rule::on<ProduceRequest>().topic("t").error(broker_errc::not_leader_or_follower));
    auto request = produce_to_three();
    for (auto& data : request.topic_data) {
        data.topic_id = f.topic(data.name).id;
        data.name.clear();
    }
    const auto response = f.ask(request, 13);
    REQUIRE(response.responses.size() == 2);
    for (const auto& answered : response.responses) {
        const bool refused = answered.topic_id == f.topic("t").id;
        CHECK(answered.partition_responses.size() == (refused ? 2 : 1));
        for (const auto& partition : answered.partition_responses)
            CHECK(partition.error_code == (refused ? not_leader : 0));
    }
}

TEST_CASE("an error after the fact is told of what was done") {
    RuleFixture f;
    f.add(Rule::on<ProduceRequest>().once().error_after(
        broker_errc::not_enough_replicas_after_append));
    CHECK(f.produce() == code(broker_errc::not_enough_replicas_after_append));
    CHECK(f.stored() == 1);
}

TEST_CASE("the lie of a success does nothing") {
    RuleFixture f;
    f.add(Rule::on<ProduceRequest>().once().error(broker_errc::none));
    CHECK(f.produce() == 0);
    CHECK(f.stored() == 0);
}

TEST_CASE("an error for a request without an answer ends the connection") {
    RuleFixture f;
    f.add(Rule::on<ProduceRequest>().error(broker_errc::not_leader_or_follower));
    auto request = produce_request(make_batch(1));
    request.acks = 0;
    f.send(request, 9);
    CHECK(f.closed());
    CHECK(!f.answered());
    CHECK(f.stored() == 0);
}

TEST_CASE("an error stands where an API has it by nature, in every version") {
    RuleFixture f;
    f.add(Rule::on<FindCoordinatorRequest>().group("g").error(
        broker_errc::coordinator_load_in_progress));
    f.add(Rule::on<CreateTopicsRequest>().error(broker_errc::not_controller));
    f.add(Rule::on<ListOffsetsRequest>().error(broker_errc::leader_not_available));
    f.add(Rule::on<MetadataRequest>().topic("t").error(broker_errc::topic_authorization_failed));
    for (int version = 0; version <= 6; ++version) {
        CAPTURE(version);
        FindCoordinatorRequest request;
        request.key = version < 4 ? "g" : "";
        if (version >= 4) request.coordinator_keys = {"g"};
        const auto response = f.ask(request, version);
        CHECK((version < 4 ? response.error_code : response.coordinators.at(0).error_code) ==
              code(broker_errc::coordinator_load_in_progress));
    }
    CreateTopicsRequest create;
    create.topics.emplace_back().name = "new";
    const auto created = f.ask(create, 7);
    CHECK(created.topics.at(0).name == "new");
    CHECK(created.topics.at(0).error_code == code(broker_errc::not_controller));
    CHECK(f.core.cluster().find("new") == nullptr);

    ListOffsetsRequest offsets;
    auto& wanted = offsets.topics.emplace_back();
    wanted.name = "t";
    wanted.partitions.emplace_back().partition_index = 0;
    const auto listed = f.ask(offsets, 5).topics.at(0);
    CHECK(listed.partitions.at(0).error_code == code(broker_errc::leader_not_available));

    MetadataRequest metadata;
    metadata.topics.emplace().emplace_back().name = "t";
    const auto described = f.ask(metadata, 12);
    CHECK(described.topics.at(0).name == "t");
    CHECK(described.topics.at(0).topic_id == f.topic().id);
    CHECK(described.topics.at(0).error_code == code(broker_errc::topic_authorization_failed));
}

TEST_CASE("the level of an error can be chosen") {
    RuleFixture f;
    f.ask(produce_request(make_batch(1)), 9);
    f.add(
        Rule::on<FetchRequest>().once().error(broker_errc::unknown_server_error, ErrorLevel::top));
    CHECK(f.ask(fetch_request(0), 12).error_code == code(broker_errc::unknown_server_error));
    f.add(Rule::on<MetadataRequest>().once().error_after(broker_errc::leader_not_available,
                                                         ErrorLevel::partition));
    MetadataRequest request;
    request.topics.reset();
    const auto response = f.ask(request, 12);
    CHECK(response.topics.at(0).error_code == 0);
    for (const auto& partition : response.topics.at(0).partitions)
        CHECK(partition.error_code == code(broker_errc::leader_not_available));
}

TEST_CASE("a fetch in a session fails by rule at once, and keeps its session") {
    RuleFixture f;
    auto request = fetch_request(0);
    request.session_epoch = 0;
    request.max_wait_ms = 0;
    const auto first = f.ask(request, 12);
    REQUIRE(first.session_id != 0);
    f.add(Rule::on<FetchRequest>().topic("t").partition(0).once().error(
        broker_errc::not_leader_or_follower));
    auto next = fetch_request(0);
    next.topics.clear();
    next.session_id = first.session_id;
    next.session_epoch = 1;
    next.max_wait_ms = 30'000;
    const auto refused = f.ask(next, 12);
    CHECK(refused.session_id == first.session_id);
    CHECK(refused.responses.at(0).partitions.at(0).error_code == not_leader);
    ++next.session_epoch;
    f.send(next, 12);
    CHECK(!f.answered());
    f.pass(30s);
    CHECK(f.take<protocol::FetchResponse>(12).session_id == first.session_id);
}

TEST_CASE("a rule can be for certain clients, brokers, versions, connections and messages") {
    RuleFixture f;
    const auto refuse = [](Rule rule) { return rule.error(broker_errc::not_leader_or_follower); };
    SUBCASE("client") {
        f.add(refuse(Rule::on<ProduceRequest>().client("somebody")));
        CHECK(f.produce() == 0);
        f.add(refuse(Rule::on<ProduceRequest>().client("")));
        CHECK(f.produce() == not_leader);
    }
    SUBCASE("broker") {
        f.add(refuse(Rule::on_any().broker(2)));
        CHECK(f.produce(0) == 0);
        CHECK(f.produce(1) == not_leader);
    }
    SUBCASE("version") {
        f.add(refuse(Rule::on<ProduceRequest>().versions(3, 8)));
        CHECK(f.produce() == 0);
        CHECK(f.ask(produce_request(make_batch(1)), 8)
                  .responses[0]
                  .partition_responses[0]
                  .error_code == not_leader);
    }
    SUBCASE("connection") {
        f.add(refuse(Rule::on<ProduceRequest>().connection(3)));
        CHECK(f.produce(0) == 0);
        CHECK(f.produce(2) == not_leader);
    }
    SUBCASE("principal") {
        f.add(refuse(Rule::on<ProduceRequest>().principal("User:alice")));
        CHECK(f.produce() == 0);
        f.core.set_principal(1, "User:alice");
        CHECK(f.produce() == not_leader);
    }
    SUBCASE("message") {
        f.add(refuse(Rule::on<ProduceRequest>().where<ProduceRequest>(
            [](const ProduceRequest& request) { return request.timeout_ms > 5000; })));
        CHECK(f.produce() == 0);
        auto request = produce_request(make_batch(1));
        request.timeout_ms = 6000;
        CHECK(f.ask(request, 9).responses[0].partition_responses[0].error_code == not_leader);
    }
}

TEST_CASE("a rule acts when it is its turn") {
    RuleFixture f;
    const auto errors = [&](int count) {
        std::string text;
        for (int i = 0; i < count; ++i)
            text += f.produce() == 0 ? '.' : 'x';
        return text;
    };
    auto rule = Rule::on<ProduceRequest>();
    rule.error(broker_errc::not_leader_or_follower);
    SUBCASE("on call") {
        f.add(rule.on_call(3));
        CHECK(errors(5) == "..x..");
    }
    SUBCASE("times") {
        f.add(rule.times(2));
        CHECK(errors(5) == "xx...");
    }
    SUBCASE("after") {
        f.add(rule.after(2).times(2));
        CHECK(errors(6) == "..xx..");
    }
    SUBCASE("until") {
        f.add(rule.until([&] { return f.stored() == 0 && f.core.hits(1) == 2; }));
        CHECK(errors(4) == "xx..");
    }
    SUBCASE("probability") {
        f.add(rule.with_probability(0.5, 7));
        const auto first = errors(64);
        const auto failed = std::count(first.begin(), first.end(), 'x');
        CHECK(failed > 16);
        CHECK(failed < 48);
        f.core.clear_rules();
        f.add(rule.with_probability(0.5, 7));
        CHECK(errors(64) == first);
    }
    SUBCASE("removed") {
        const auto id = f.add(rule.always());
        CHECK(errors(2) == "xx");
        CHECK(f.core.remove_rule(id));
        CHECK(!f.core.remove_rule(id));
        CHECK(errors(2) == "..");
    }
}

TEST_CASE("a request that is delayed holds up those behind it, on its connection only") {
    RuleFixture f;
    f.add(Rule::on<ProduceRequest>().once().delay(100ms));
    f.send(produce_request(make_batch(1)), 9);
    f.send(MetadataRequest{}, 12);
    CHECK(f.ask(MetadataRequest{}, 12, 2).brokers.size() == 3);
    CHECK(f.core.busy(1));
    CHECK(!f.answered());
    CHECK(f.stored() == 0);
    f.pass(99ms);
    CHECK(!f.answered());
    f.pass(1ms);
    CHECK(f.stored() == 1);
    f.take<protocol::ProduceResponse>(9);
    CHECK(f.take<MetadataResponse>(12).brokers.size() == 3);
    CHECK(!f.core.busy(1));
}

TEST_CASE("the shell goes on with a connection only behind the answer that held it up") {
    CoreFixture f;
    REQUIRE(f.core.add_rule(Rule::on<MetadataRequest>().delay_answer(10ms)));
    f.send(MetadataRequest{}, 12);
    f.now.time += 10ms;
    f.core.on_time(f.now);
    const auto actions = f.core.take_actions();
    REQUIRE(actions.size() == 2);
    CHECK(actions[0].kind == Action::Kind::send);
    CHECK(actions[1].kind == Action::Kind::next);
}

TEST_CASE("an answer that is delayed tells of what was done before") {
    RuleFixture f;
    f.add(Rule::on<ProduceRequest>().once().delay_answer(100ms).delay_answer(50ms));
    f.send(produce_request(make_batch(1)), 9);
    CHECK(f.stored() == 1);
    f.pass(149ms);
    CHECK(!f.answered());
    f.pass(1ms);
    CHECK(!f.answered());  // the second begins when the first was seen to be over
    f.pass(49ms);
    CHECK(f.answered());
}

TEST_CASE("requests wait at a barrier until it lets them go") {
    RuleFixture f;
    Barrier barrier;
    f.add(Rule::on<ProduceRequest>().hold(barrier));
    for (int partition = 0; partition < 3; ++partition) {
        f.send(produce_request(make_batch(1), partition), 9,
               static_cast<ConnectionId>(partition + 1));
    }
    CHECK(barrier.entered() == 3);
    CHECK(barrier.waiting() == 3);
    barrier.release(1);
    f.pass(0ms);
    CHECK(f.answered(1));
    CHECK(!f.answered(2));
    CHECK(f.stored(1) == 0);
    f.core.disconnected(3);
    CHECK(barrier.waiting() == 1);
    barrier.release();
    f.pass(0ms);
    CHECK(f.answered(2));
    f.send(produce_request(make_batch(1)), 9);
    CHECK(f.frames[1].size() == 2);
}

TEST_CASE("a connection ends before or after its request takes effect") {
    for (const auto stage : {Stage::before, Stage::after}) {
        for (const auto ending : {Ending::close, Ending::reset}) {
            RuleFixture f;
            f.add(Rule::on<ProduceRequest>().disconnect(stage, ending));
            f.send(produce_request(make_batch(1)), 9);
            CHECK(f.closed());
            CHECK(f.resets[1] == (ending == Ending::reset));
            CHECK(!f.answered());
            CHECK(f.stored() == (stage == Stage::after ? 1 : 0));
        }
    }
}

TEST_CASE("a connection that hangs is never answered, and one answer can be lost alone") {
    RuleFixture f;
    f.add(Rule::on<ProduceRequest>().broker(1).hang(Stage::after));
    f.add(Rule::on<ProduceRequest>().broker(2).swallow());
    f.send(produce_request(make_batch(1)), 9);
    f.send(MetadataRequest{}, 12);
    f.pass(24h);
    CHECK(f.stored() == 1);
    CHECK(!f.answered());
    CHECK(!f.closed());
    f.send(produce_request(make_batch(1), 1), 9, 2);
    CHECK(f.ask(MetadataRequest{}, 12, 2).brokers.size() == 3);
    CHECK(f.stored(1) == 1);
}

TEST_CASE("a rule can give its own answer") {
    RuleFixture f;
    f.add(Rule::on<MetadataRequest>().once().reply(MetadataResponse{.throttle_time_ms = 5}));
    const auto made = f.ask(MetadataRequest{}, 12);
    CHECK(made.throttle_time_ms == 5);
    CHECK(made.brokers.empty());
    f.add(Rule::on<ListOffsetsRequest>().reply<ListOffsetsRequest>(
        [](const ListOffsetsRequest& request, protocol::ListOffsetsResponse& response) {
            response.topics.emplace_back().name = request.topics.at(0).name + "!";
        }));
    ListOffsetsRequest request;
    request.topics.emplace_back().name = "t";
    CHECK(f.ask(request, 7).topics.at(0).name == "t!");
}

TEST_CASE("responses are changed by field paths") {
    RuleFixture f;
    MetadataRequest request;
    request.topics.reset();
    f.add(Rule::on<MetadataRequest>()
              .once()
              .throttle(700ms)
              .set("brokers[nodeId=2].host", "elsewhere")
              .set("brokers[0].port", 1)
              .set("topics.partitions.leaderEpoch", 77)
              .set("topics[name=t].partitions[partitionIndex=1].leaderId", -1)
              .set("clusterId", nullptr));
    const auto response = f.ask(request, 12);
    CHECK(response.throttle_time_ms == 700);
    CHECK(response.brokers[1].host == "elsewhere");
    CHECK(response.brokers[0].port == 1);
    CHECK(response.brokers[0].host == "127.0.0.1");
    CHECK(!response.cluster_id);
    for (const auto& partition : response.topics.at(0).partitions) {
        CHECK(partition.leader_epoch == 77);
        CHECK((partition.leader_id == -1) == (partition.partition_index == 1));
    }
    CHECK(f.ask(request, 12).throttle_time_ms == 0);
}

TEST_CASE("responses are changed by functions, which see the version's message") {
    RuleFixture f;
    f.add(Rule::on<MetadataRequest>().edit<MetadataResponse>(
        [](MetadataResponse& response) { response.brokers.pop_back(); }));
    CHECK(f.ask(MetadataRequest{}, 12).brokers.size() == 2);
    CHECK(f.ask(MetadataRequest{}, 4).brokers.size() == 2);
}

TEST_CASE("topics and partitions can be left out of a response, or be there twice") {
    OneLeader f;
    MetadataRequest request;
    request.topics.reset();
    const auto partitions = [](const MetadataResponse& response, const std::string& name) {
        for (const auto& topic : response.topics) {
            if (topic.name == name) return static_cast<int>(topic.partitions.size());
        }
        return -1;
    };
    SUBCASE("a topic left out") {
        f.add(Rule::on<MetadataRequest>().topic("t").drop_from_response());
        const auto response = f.ask(request, 12);
        CHECK(partitions(response, "t") == -1);
        CHECK(partitions(response, "u") == 1);
    }
    SUBCASE("a partition left out") {
        f.add(Rule::on<MetadataRequest>().topic("t").partition(2).drop_from_response());
        const auto response = f.ask(request, 12);
        CHECK(partitions(response, "t") == 2);
        CHECK(partitions(response, "u") == 1);
    }
    SUBCASE("a partition twice") {
        f.add(Rule::on<ProduceRequest>().topic("t").partition(1).repeat_in_response());
        const auto response = f.ask(produce_to_three(), 9);
        CHECK(response.responses.at(0).partition_responses.size() == 3);
        CHECK(response.responses.at(1).partition_responses.size() == 1);
        CHECK(f.stored(1) == 2);
    }
    SUBCASE("records are kept") {
        f.ask(produce_to_three(), 9);
        f.add(Rule::on<FetchRequest>().topic("t").repeat_in_response());
        const auto response = f.ask(fetch_request(0), 12);
        REQUIRE(response.responses.at(0).partitions.size() == 2);
        CHECK(response.responses[0].partitions[1].records ==
              Slice::copy_of(f.topic().partition(0)->log.read(0, 1000, true).bytes()));
    }
}

TEST_CASE("rules that can never work are refused with the reason") {
    BrokerCore core({.topics = {}});
    const auto why = [&](const Rule& rule) { return core.add_rule(rule).failure().detail; };
    CHECK(why(Rule::on<MetadataRequest>().set("brokers.nodeid", 1)).find("no 'nodeid'") !=
          std::string::npos);
    CHECK(why(Rule::on<MetadataRequest>().set("brokers[x].nodeId", 1)).find("no element") !=
          std::string::npos);
    CHECK(!why(Rule::on<MetadataRequest>().set("clusterId[0]", "x")).empty());
    CHECK(!why(Rule::on<MetadataRequest>().set("clusterId.x", "x")).empty());
    CHECK(!why(Rule::on<MetadataRequest>().set("", 1)).empty());
    CHECK(!why(Rule::on<MetadataRequest>().set("brokers.", 1)).empty());
    CHECK(!why(Rule::on<MetadataRequest>().set("brokers[0", 1)).empty());
    CHECK(!why(Rule::on_any().set("brokers[0].nodeId", 1)).empty());
    CHECK(!why(Rule::on_any().split(0)).empty());
    CHECK(!why(Rule::on<FetchRequest>().reply(MetadataResponse{})).empty());
    CHECK(why(Rule::on_any().throttle(5ms)).empty());
}

TEST_CASE("a value that does not fit its field ends the connection and says so") {
    std::string told;
    CoreFixture f({.topics = {}, .log = [&](const LogRecord& record) {
                       for (const auto& field : record.fields)
                           told += std::string(field.value) + ";";
                   }});
    REQUIRE(f.core.add_rule(Rule::on<MetadataRequest>().set("brokers[0].port", "eighty")));
    f.send(MetadataRequest{}, 12);
    CHECK(f.closed());
    CHECK(told.find("brokers[0].port") != std::string::npos);
}

TEST_CASE("the version range of an API can be lowered") {
    CoreFixture f;
    CHECK(f.core.limit_versions(1, {4, 11}));
    CHECK(!f.core.limit_versions(1, {90, 99}));
    CHECK(!f.core.limit_versions(999, {0, 1}));
    protocol::ApiVersionsRequest request;
    request.client_software_name = "test";
    request.client_software_version = "1";
    for (const auto& row : f.ask(request, 3).api_keys) {
        if (row.api_key == 1) CHECK(row.max_version == 11);
    }
    f.send(fetch_request(0), 12);
    CHECK(f.closed());
}

TEST_CASE("the history knows requests and answers") {
    RuleFixture f;
    f.core.record(true);
    f.add(Rule::on<ProduceRequest>().delay_answer(20ms));
    f.send(produce_request(make_batch(1)), 9);
    f.send(MetadataRequest{}, 12);
    f.pass(20ms);
    REQUIRE(f.core.history().size() == 2);
    const auto& produced = f.core.history()[0];
    CHECK(produced.is<ProduceRequest>());
    CHECK(produced.api == "Produce");
    CHECK(produced.broker == 1);
    CHECK(produced.version == 9);
    REQUIRE(produced.request<ProduceRequest>());
    CHECK(produced.request<ProduceRequest>()->topic_data.at(0).name == "t");
    REQUIRE(produced.response<ProduceRequest>());
    CHECK(produced.response<ProduceRequest>()->responses.at(0).name == "t");
    CHECK(!produced.request<MetadataRequest>());
    const auto& described = f.core.history()[1];
    CHECK(described.received - produced.received == 20ms);
    CHECK(described.response<MetadataRequest>()->brokers.size() == 3);
    CHECK(f.core.count(3) == 1);
    f.core.record(false);
    f.frames[1].clear();
    f.ask(MetadataRequest{}, 12);
    CHECK(f.core.history().size() == 2);
    CHECK(f.core.count(3) == 2);
}
