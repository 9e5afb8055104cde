// SPDX-License-Identifier: Apache-2.0
#include "core/metadata.hpp"

#include <limits>

#include "core/cluster_script.hpp"

using namespace kafka;
using namespace kafka::core;
using namespace kafka::core::testing;

namespace {

struct Fixture {
    Metadata metadata{{}};
    Time now = at(0ms);

    Metadata::Outcome update(MetadataResponse answer, int version = 13) {
        metadata.stale();
        const auto asked = metadata.ask(now);
        return metadata.update(asked, std::move(answer), version, now, 0.5);
    }
    const TopicMetadata& data(std::string_view name) {
        const auto* found = metadata.topic(name);
        REQUIRE(found);
        REQUIRE(found->data);
        return *found->data;
    }
    std::vector<std::string> asked_names() {
        std::vector<std::string> names;
        const auto request = metadata.ask(now);
        for (const auto& row : *request.topics)
            names.push_back(*row.name);
        std::sort(names.begin(), names.end());
        return names;
    }
};

}  // namespace

TEST_CASE("metadata knows brokers, leaders and ids after an answer") {
    Fixture f;
    f.metadata.want("t", f.now);
    auto answer = cluster(3, {topic("t", 7, {partition(1, 3, 5), partition(0, 2, 4)})});
    CHECK(f.update(answer).changed);
    CHECK(f.metadata.brokers().size() == 3);
    CHECK(f.metadata.broker(2)->host == "b2");
    CHECK(f.metadata.broker(4) == nullptr);
    CHECK(f.metadata.controller() == 1);
    CHECK(f.data("t").partitions.at(0).leader == 2);
    CHECK(f.data("t").partitions.at(1).leader_epoch == 5);
    CHECK(f.metadata.topic(uuid(7))->data->name == "t");
    CHECK_FALSE(f.update(answer).changed);
    const auto snapshot = f.metadata.snapshot();
    CHECK(snapshot == f.metadata.snapshot());
    CHECK(snapshot->partition("t", 1)->leader == 3);
    CHECK(snapshot->partition("t", 2) == nullptr);
    CHECK(snapshot->topic(uuid(7)) == snapshot->topic("t"));
    CHECK(*snapshot->cluster_id == "c");
}

TEST_CASE("answers that name another controller each time change nothing until one is doubted") {
    Fixture f;
    f.update(cluster(3));
    auto answer = cluster(3);
    answer.controller_id = 2;
    CHECK_FALSE(f.update(answer).changed);
    CHECK(f.metadata.controller() == 1);
    f.metadata.doubt_controller();
    CHECK(f.update(answer).changed);
    CHECK(f.metadata.controller() == 2);
}

TEST_CASE("an older leader epoch never replaces a newer one, an equal one may") {
    Fixture f;
    f.metadata.want("t", f.now);
    f.update(cluster(3, {topic("t", 7, {partition(0, 1, 5)})}));
    f.update(cluster(3, {topic("t", 7, {partition(0, 2, 4)})}));
    CHECK(f.data("t").partitions[0].leader == 1);
    f.update(cluster(3, {topic("t", 7, {partition(0, 3, 5)})}));
    CHECK(f.data("t").partitions[0].leader == 3);
    f.update(cluster(3, {topic("t", 7, {partition(0, 2, 6)})}));
    CHECK(f.data("t").partitions[0].leader == 2);
}

TEST_CASE("a topic that was deleted and created again begins with its own epochs (C14)") {
    Fixture f;
    f.metadata.want("t", f.now);
    f.update(cluster(3, {topic("t", 7, {partition(0, 1, 50), partition(1, 1, 50)})}));
    f.update(cluster(3, {topic("t", 8, {partition(0, 2, 0)})}));
    CHECK(f.data("t").partitions.size() == 1);
    CHECK(f.data("t").partitions[0].leader == 2);
    CHECK(f.data("t").partitions[0].leader_epoch == 0);
    CHECK(f.metadata.topic(uuid(7)) == nullptr);
    CHECK(f.metadata.topic(uuid(8)) != nullptr);
}

TEST_CASE("epochs of answers before v9 are not relied on") {
    Fixture f;
    f.metadata.want("t", f.now);
    f.update(cluster(3, {topic("t", 0, {partition(0, 1, 5)})}), 8);
    CHECK(f.data("t").partitions[0].leader_epoch == -1);
    f.update(cluster(3, {topic("t", 0, {partition(0, 2, 4)})}), 8);
    CHECK(f.data("t").partitions[0].leader == 2);
}

TEST_CASE("a topic's partitions never become fewer, and one left out keeps what was known (C04)") {
    Fixture f;
    f.metadata.want("t", f.now);
    f.update(cluster(3, {topic("t", 7, {partition(0, 1), partition(1, 2), partition(2, 3)})}));
    f.update(cluster(3, {topic("t", 7, {partition(0, 3, 1)})}));
    REQUIRE(f.data("t").partitions.size() == 3);
    CHECK(f.data("t").partitions[0].leader == 3);
    CHECK(f.data("t").partitions[2].leader == 3);
}

TEST_CASE("a topic that an answer leaves out or calls unknown keeps what was known (C04)") {
    Fixture f;
    f.metadata.want("t", f.now);
    f.update(cluster(3, {topic("t", 7, {partition(0, 1)})}));
    const auto outcome = f.update(cluster(3));
    CHECK(outcome.odd.size() == 1);
    CHECK(f.data("t").error == 3);
    CHECK(f.data("t").id == uuid(7));
    CHECK(f.data("t").partitions.size() == 1);
    CHECK(f.metadata.is_stale());
    f.update(cluster(3, {topic("t", 7, {partition(0, 2, 1)})}));
    CHECK(f.data("t").error == 0);
    CHECK(f.data("t").partitions[0].leader == 2);
}

TEST_CASE("BI-40: an answer without brokers is refused and changes nothing") {
    Fixture f;
    f.metadata.want("t", f.now);
    f.update(cluster(3, {topic("t", 7, {partition(0, 1)})}));
    auto empty = cluster(0, {topic("t", 7, {partition(0, 2, 9)})});
    const auto outcome = f.update(empty);
    CHECK(outcome.failure.code == errc::malformed_message);
    CHECK(f.metadata.brokers().size() == 3);
    CHECK(f.data("t").partitions[0].leader == 1);
    CHECK(f.metadata.due() > f.now);
}

TEST_CASE("BI-41: brokers whose address cannot be one are left out") {
    const std::pair<std::string, int> bad[] = {{"", 9092},
                                               {std::string(70'000, 'x'), 9092},
                                               {std::string("a\0b", 3), 9092},
                                               {"a\nb", 9092},
                                               {"a b", 9092},
                                               {"x", 0},
                                               {"x", -1},
                                               {"x", 70'000}};
    for (const auto& [host, port] : bad) {
        Fixture f;
        auto answer = cluster(1);
        answer.brokers.push_back({.node_id = 9, .host = host, .port = port});
        const auto outcome = f.update(answer);
        CHECK_FALSE(outcome.failure);
        REQUIRE(outcome.odd.size() == 1);
        CHECK(outcome.odd[0].size() < 400);
        CHECK(outcome.odd[0].find('\n') == std::string::npos);
        CHECK(f.metadata.broker(9) == nullptr);
        CHECK(f.metadata.broker(1) != nullptr);
    }
}

TEST_CASE("BI-42: of two brokers with one id the first counts") {
    Fixture f;
    auto answer = cluster(2);
    answer.brokers.push_back({.node_id = 1, .host = "other", .port = 1});
    CHECK(f.update(answer).odd.size() == 1);
    CHECK(f.metadata.brokers().size() == 2);
    CHECK(f.metadata.broker(1)->host == "b1");
}

TEST_CASE("BI-43: negative broker ids are left out") {
    Fixture f;
    auto answer = cluster(1);
    answer.brokers.push_back({.node_id = -1, .host = "x", .port = 1});
    answer.brokers.push_back(
        {.node_id = std::numeric_limits<std::int32_t>::min(), .host = "y", .port = 1});
    answer.controller_id = -1;
    CHECK(f.update(answer).odd.size() == 2);
    CHECK(f.metadata.brokers().size() == 1);
    CHECK(f.metadata.controller() == -1);
}

TEST_CASE("BI-45: partition numbers that are negative, repeated or huge are left out") {
    Fixture f;
    f.metadata.want("t", f.now);
    const auto outcome = f.update(
        cluster(2, {topic("t", 7,
                          {partition(-5, 1), partition(0, 1), partition(0, 2), partition(3, 2),
                           partition(std::numeric_limits<std::int32_t>::max(), 1)})}));
    CHECK(outcome.odd.size() == 3);
    REQUIRE(f.data("t").partitions.size() == 4);
    CHECK(f.data("t").partitions[0].leader == 1);
    CHECK(f.data("t").partitions[1].leader == -1);
    CHECK(f.data("t").partitions[1].error == 5);
    CHECK(f.data("t").partitions[3].leader == 2);
}

TEST_CASE("BI-46: a topic without partitions and without an error is no success") {
    Fixture f;
    f.metadata.want("t", f.now);
    CHECK(f.update(cluster(2, {topic("t", 7, {})})).odd.size() == 1);
    CHECK(f.data("t").error == 3);
    CHECK(f.data("t").partitions.empty());
}

TEST_CASE("BI-47: a topic that was not asked for is left out, and the one asked for is missing") {
    Fixture f;
    f.metadata.want("t", f.now);
    const auto outcome = f.update(cluster(2, {topic("T", 7, {partition(0, 1)})}));
    CHECK(outcome.odd.size() == 2);
    CHECK(f.metadata.topic("T") == nullptr);
    CHECK(f.data("t").error == 3);
}

TEST_CASE(
    "BI-48: an id that two topics have belongs to the first, and a repeated name counts once") {
    Fixture f;
    f.metadata.want("a", f.now);
    f.metadata.want("b", f.now);
    auto outcome =
        f.update(cluster(2, {topic("a", 7, {partition(0, 1)}), topic("b", 7, {partition(0, 2)}),
                             topic("a", 9, {partition(0, 2)})}));
    CHECK(outcome.odd.size() == 2);
    CHECK(f.metadata.topic(uuid(7))->data->name == "a");
    CHECK(f.data("b").id.is_zero());
    CHECK(f.data("b").partitions[0].leader == 2);
    CHECK(f.data("a").partitions[0].leader == 1);
    CHECK(f.metadata.topic(uuid(9)) == nullptr);
}

TEST_CASE("BI-49: replicas that are no live broker, or more than there are, do no harm") {
    Fixture f;
    f.metadata.want("t", f.now);
    auto row = partition(0, 1);
    row.replica_nodes.assign(1000, 77);
    row.isr_nodes = {-1, std::numeric_limits<std::int32_t>::max()};
    CHECK_FALSE(f.update(cluster(1, {topic("t", 7, {row})})).failure);
    CHECK(f.data("t").partitions[0].leader == 1);
    CHECK(f.data("t").partitions[0].replicas.size() == 1000);
}

TEST_CASE("BI-51: metadata of another cluster is refused") {
    Fixture f;
    f.metadata.want("t", f.now);
    f.update(cluster(3, {topic("t", 7, {partition(0, 1, 5)})}));
    auto other = cluster(1, {topic("t", 8, {partition(0, 1, 9)})});
    other.cluster_id = "d\n";
    const auto outcome = f.update(other);
    CHECK(outcome.other_cluster);
    CHECK(outcome.failure.code == broker_errc::inconsistent_cluster_id);
    CHECK(outcome.failure.detail.find('\n') == std::string::npos);
    CHECK(f.metadata.brokers().size() == 3);
    CHECK(f.data("t").partitions[0].leader_epoch == 5);
}

TEST_CASE("BI-51: without the check, another cluster's metadata replaces all of the old one's") {
    Metadata metadata({.refuse_other_cluster = false});
    const auto now = at(0ms);
    metadata.want("t", now);
    auto asked = metadata.ask(now);
    metadata.update(asked, cluster(3, {topic("t", 0, {partition(0, 1, 5)})}), 13, now, 0);
    metadata.stale();
    asked = metadata.ask(now);
    auto other = cluster(1, {topic("t", 0, {partition(0, 1, 1)})});
    other.cluster_id = "d";
    const auto outcome = metadata.update(asked, other, 13, now, 0);
    CHECK(outcome.other_cluster);
    CHECK_FALSE(outcome.failure);
    CHECK(*metadata.cluster_id() == "d");
    CHECK(metadata.topic("t")->data->partitions[0].leader_epoch == 1);
}

TEST_CASE(
    "a hint names a new leader only with a newer epoch and a broker that is known (KIP-951)") {
    Fixture f;
    f.metadata.want("t", f.now);
    f.update(cluster(2, {topic("t", 7, {partition(0, 1, 5)})}));
    auto& m = f.metadata;
    CHECK_FALSE(m.apply_hint("t", {}, 0, 2, 5, {}));       // not newer
    CHECK_FALSE(m.apply_hint("t", {}, 0, 2, 4, {}));       // older
    CHECK_FALSE(m.apply_hint("t", {}, 0, -1, 9, {}));      // nobody
    CHECK_FALSE(m.apply_hint("t", {}, 1, 2, 9, {}));       // no such partition
    CHECK_FALSE(m.apply_hint("t", {}, -1, 2, 9, {}));      // no such partition
    CHECK_FALSE(m.apply_hint("u", {}, 0, 2, 9, {}));       // no such topic
    CHECK_FALSE(m.apply_hint("t", uuid(8), 0, 2, 9, {}));  // another topic of that name
    CHECK(f.data("t").partitions[0].leader == 1);
    CHECK(m.apply_hint("", uuid(7), 0, 2, 6, {}));
    CHECK(f.data("t").partitions[0].leader == 2);
    CHECK(f.data("t").partitions[0].leader_epoch == 6);
}

TEST_CASE("BI-51: a hint that names an unknown broker is taken only with an address for it") {
    Fixture f;
    f.metadata.want("t", f.now);
    f.update(cluster(2, {topic("t", 7, {partition(0, 1, 5)})}));
    auto& m = f.metadata;
    CHECK_FALSE(m.apply_hint("t", {}, 0, 9, 6, {}));
    CHECK_FALSE(m.apply_hint("t", {}, 0, 9, 6, {{8, "b8", 9092}}));
    CHECK_FALSE(m.apply_hint("t", {}, 0, 9, 6, {{9, "b\n9", 9092}}));
    CHECK(f.data("t").partitions[0].leader == 1);
    CHECK(m.apply_hint("t", {}, 0, 9, 6, {{9, "b9", 9092}}));
    CHECK(m.broker(9)->host == "b9");
    CHECK(f.data("t").partitions[0].leader == 9);
}

TEST_CASE("only what is in use is asked for, never all topics") {
    Fixture f;
    CHECK(f.asked_names().empty());
    f.metadata.failed(f.now, 0);
    f.metadata.want("b", f.now);
    f.metadata.want("a", f.now);
    const auto request = f.metadata.ask(f.now);
    REQUIRE(request.topics);  // null would mean all
    CHECK(request.topics->size() == 2);
    CHECK_FALSE(request.allow_auto_topic_creation);
}

TEST_CASE("for a new topic the others are not asked for again, and it does not wait") {
    Fixture f;
    f.metadata.want("a", f.now);
    f.update(cluster(2, {topic("a", 1, {partition(0, 1)})}));
    CHECK(f.metadata.due() == f.now + 5min);
    f.metadata.want("b", f.now);
    CHECK(f.metadata.due() <= f.now);
    CHECK(f.asked_names() == std::vector<std::string>{"b"});
}

TEST_CASE("an unknown topic that is demanded is asked for by itself, after what is under way") {
    Fixture f;
    const auto both = cluster(2, {topic("a", 1, {partition(0, 1)}), topic("b", 2, {})});
    f.metadata.want("a", f.now);
    f.metadata.want("b", f.now);
    f.update(both);
    f.metadata.demand("b", f.now);
    CHECK(f.metadata.is_lacking());
    CHECK(f.metadata.due() <= f.now);
    const auto asked = f.metadata.ask(f.now);
    CHECK(asked.topics->size() == 1);
    CHECK_FALSE(f.metadata.is_lacking());
    SUBCASE("it failed") {
        f.metadata.failed(f.now, 0);
        CHECK(f.asked_names() == std::vector<std::string>{"b"});
    }
    SUBCASE("it was answered") {
        f.metadata.update(asked, both, 13, f.now, 0);
        f.metadata.want("c", f.now);
        CHECK(f.asked_names() == std::vector<std::string>{"c"});
    }
    SUBCASE("it is demanded while the answer is on its way") {
        f.metadata.demand("b", f.now);
        f.metadata.update(asked, both, 13, f.now, 0);
        CHECK(f.asked_names() == std::vector<std::string>{"b"});
    }
}

TEST_CASE("what is known can be looked at in the order of names, whatever changed in between") {
    Fixture f;
    const auto names = [&] {
        std::string all;
        for (const auto& topic : f.metadata.snapshot()->topics) {
            CHECK(topic == f.metadata.topic(topic->name)->data);
            all += topic->name;
        }
        return all;
    };
    const auto learn = [&](std::initializer_list<std::string> wanted) {
        std::vector<MetadataResponse::Topic> rows;
        for (const auto& name : wanted) {
            f.metadata.want(name, f.now);
            rows.push_back(topic(name, static_cast<std::uint8_t>(name[0]), {partition(0, 1)}));
        }
        f.metadata.update(f.metadata.ask(f.now), cluster(2, std::move(rows)), 13, f.now, 0);
    };
    learn({"k", "c", "p"});
    CHECK(names() == "ckp");
    learn({"z", "a"});
    learn({"m"});
    CHECK(names() == "ackmpz");
    // Another leader.
    const auto one_leader = f.metadata.snapshot();
    CHECK(f.metadata.apply_hint("k", {}, 0, 2, 5, {}));
    CHECK(names() == "ackmpz");
    const auto changed = changed_topics(*one_leader, *f.metadata.snapshot());
    REQUIRE(changed.size() == 1);
    CHECK(changed[0] == f.metadata.topic("k")->data);
    CHECK(changed_topics(*one_leader, *one_leader).empty());
    f.now += 4min;
    for (const auto* kept : {"c", "k", "z"})
        f.metadata.want(kept, f.now);
    f.now += 2min;
    CHECK(f.metadata.ask(f.now).topics->size() == 3);
    CHECK(names() == "ckz");
    f.metadata.failed(f.now, 0);
    // More at once than are put in one by one.
    for (int i = 0; i < 200; ++i)
        f.metadata.want("n" + std::to_string(1000 + i), f.now);
    std::vector<MetadataResponse::Topic> rows;
    for (int i = 0; i < 200; ++i)
        rows.push_back(topic("n" + std::to_string(1000 + i), 0, {partition(0, 1)}));
    const auto before = f.metadata.snapshot();
    f.metadata.update(f.metadata.ask(f.now), cluster(2, std::move(rows)), 13, f.now, 0);
    // The others, too: the answer leaves them out.
    CHECK(changed_topics(*before, *f.metadata.snapshot()).size() == 203);
    CHECK(f.metadata.snapshot()->topics.size() == 203);
    CHECK(f.metadata.snapshot()->topic("n1199"));
    CHECK(names().substr(0, 7) == "ckn1000");
}

TEST_CASE("a topic that nobody used for metadata.max.idle is not asked for any more") {
    Fixture f;
    f.metadata.want("a", f.now);
    f.metadata.want("b", f.now);
    f.metadata.hold("c", f.now);
    f.update(cluster(2, {topic("a", 1, {partition(0, 1)}), topic("b", 2, {partition(0, 1)}),
                         topic("c", 3, {partition(0, 1)})}));
    f.now += 4min;
    f.metadata.want("b", f.now);
    f.now += 2min;
    CHECK(f.asked_names() == std::vector<std::string>{"b", "c"});
    CHECK(f.metadata.topic("a") == nullptr);
    CHECK(f.metadata.topic(uuid(1)) == nullptr);
    CHECK(f.metadata.snapshot()->topics.size() == 2);
    f.metadata.failed(f.now, 0);
    f.metadata.release("c", f.now);
    f.now += 6min;
    CHECK(f.asked_names().empty());
}

TEST_CASE("refreshes for stale metadata follow each other at growing pauses, new topics at once") {
    Fixture f;
    f.metadata.want("a", f.now);
    const auto answer = cluster(2, {topic("a", 1, {partition(0, 1)})});
    f.update(answer);
    milliseconds pauses[6];
    for (auto& pause : pauses) {
        f.metadata.stale();
        REQUIRE(f.metadata.due() > f.now);
        pause = std::chrono::duration_cast<milliseconds>(f.metadata.due() - f.now);
        f.now = f.metadata.due();
        f.update(answer);
    }
    CHECK(pauses[0] >= 80ms);
    CHECK(pauses[0] <= 120ms);
    CHECK(pauses[5] >= 800ms);
    CHECK(pauses[5] <= 1000ms);
    f.metadata.want("b", f.now);
    CHECK(f.metadata.due() <= f.now);
}

TEST_CASE("a refresh that failed is made again after a pause, for all that it asked") {
    Fixture f;
    f.metadata.want("a", f.now);
    CHECK(f.asked_names().size() == 1);
    CHECK(f.metadata.due() == never);
    f.metadata.failed(f.now, 0.5);
    CHECK(f.metadata.due() > f.now);
    CHECK(f.metadata.due() <= f.now + 120ms);
    f.now = f.metadata.due();
    CHECK(f.asked_names() == std::vector<std::string>{"a"});
}

TEST_CASE("a topic known by its id alone is asked for by it, and by its name from then on") {
    Fixture f;
    f.update(cluster(2));
    f.metadata.want(uuid(7), f.now);
    CHECK(f.metadata.due() <= f.now);
    const auto asked = f.metadata.ask(f.now);
    REQUIRE(asked.topics->size() == 1);
    CHECK_FALSE((*asked.topics)[0].name);
    CHECK((*asked.topics)[0].topic_id == uuid(7));
    f.metadata.update(asked, cluster(2, {topic("t", 7, {partition(0, 2)})}), 13, f.now, 0);
    CHECK(f.metadata.topic(uuid(7))->data->name == "t");
    CHECK(f.metadata.due() > f.now);
    f.metadata.stale();
    CHECK(f.asked_names() == std::vector<std::string>{"t"});
}

TEST_CASE("an id that the brokers do not know is said to be unknown") {
    Fixture f;
    f.metadata.want(uuid(7), f.now);
    auto row = topic("", 7, {});
    row.name.reset();
    row.error_code = 100;
    f.update(cluster(2, {row}));
    CHECK(f.metadata.unknown_id(uuid(7)) == f.now);
    CHECK(f.metadata.topic(uuid(7)) == nullptr);
}

TEST_CASE("starting again forgets brokers and cluster, and keeps topics for their epochs") {
    Fixture f;
    f.metadata.want("t", f.now);
    f.update(cluster(3, {topic("t", 7, {partition(0, 1, 5)})}));
    f.metadata.forget_brokers();
    CHECK(f.metadata.brokers().empty());
    CHECK_FALSE(f.metadata.cluster_id());
    f.update(cluster(3, {topic("t", 7, {partition(0, 2, 4)})}));
    CHECK(f.data("t").partitions[0].leader == 1);
}
