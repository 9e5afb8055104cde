// SPDX-License-Identifier: Apache-2.0
#include "testing/core_client.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
using protocol::CreateTopicsRequest;
using protocol::DeleteTopicsRequest;
using protocol::MetadataRequest;

MetadataRequest metadata_of(std::vector<std::string> names) {
    MetadataRequest request;
    for (auto& name : names)
        request.topics->emplace_back().name = std::move(name);
    return request;
}

CreateTopicsRequest creation_of(std::string name, std::int32_t partitions = 1,
                                std::int16_t copies = 1) {
    CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = std::move(name);
    topic.num_partitions = partitions;
    topic.replication_factor = copies;
    return request;
}

broker_errc create(CoreFixture& f, const CreateTopicsRequest& request) {
    return static_cast<broker_errc>(f.ask(request, 7).topics.at(0).error_code);
}

broker_errc create_assigned(CoreFixture& f, std::vector<std::vector<std::int32_t>> brokers,
                            std::int32_t first = 0) {
    auto request = creation_of("assigned", -1, -1);
    for (auto& replicas : brokers) {
        auto& row = request.topics[0].assignments.emplace_back();
        row.partition_index = first++;
        row.broker_ids = std::move(replicas);
    }
    return create(f, request);
}

broker_errc create_with(CoreFixture& f, std::string name, std::optional<std::string> value) {
    auto request = creation_of("configured");
    request.validate_only = true;
    auto& config = request.topics[0].configs.emplace_back();
    config.name = std::move(name);
    config.value = std::move(value);
    return create(f, request);
}

}  // namespace

TEST_CASE("every version of Metadata describes brokers and topics") {
    CoreFixture f;
    const auto versions = MetadataRequest::info.stable();
    for (int version = versions.min; version <= versions.max; ++version) {
        CAPTURE(version);
        const auto response = f.ask(metadata_of({"t"}), version);
        CHECK(response.brokers.size() == 3);
        REQUIRE(response.topics.size() == 1);
        CHECK(response.topics[0].error_code == 0);
        REQUIRE(response.topics[0].partitions.size() == 3);
        CHECK(response.topics[0].partitions[1].leader_id == 2);
        if (version >= 10) CHECK(response.topics[0].topic_id == f.topic().id);
        if (version >= 2) CHECK(response.cluster_id == f.core.cluster().id());
    }
}

TEST_CASE("no list means all topics, an empty one none, except in version 0") {
    CoreFixture f;
    CHECK(f.ask(metadata_of({}), 0).topics.size() == 1);
    CHECK(f.ask(metadata_of({}), 1).topics.empty());
    MetadataRequest all;
    all.topics.reset();
    CHECK(f.ask(all, 1).topics.size() == 1);
}

TEST_CASE("a missing topic is made when that is allowed, and known to the next question") {
    CoreFixture f;
    auto request = metadata_of({"new"});
    request.allow_auto_topic_creation = false;
    const auto ask = [&] { return f.ask(request, 12).topics.at(0).error_code; };
    CHECK(ask() == code(broker_errc::unknown_topic_or_partition));
    CHECK(ask() == code(broker_errc::unknown_topic_or_partition));
    request.allow_auto_topic_creation = true;
    CHECK(ask() == code(broker_errc::unknown_topic_or_partition));
    CHECK(ask() == 0);
    request = metadata_of({"not a name"});
    CHECK(ask() == code(broker_errc::invalid_topic_exception));
    request = metadata_of({"__consumer_offsets"});
    CHECK(ask() == code(broker_errc::unknown_topic_or_partition));
    CHECK(ask() == code(broker_errc::unknown_topic_or_partition));
}

TEST_CASE("topics are found by their ids from version 12 on") {
    CoreFixture f;
    MetadataRequest request;
    auto& wanted = request.topics->emplace_back();
    wanted.name.reset();
    wanted.topic_id = f.topic().id;
    CHECK(f.ask(request, 12).topics.at(0).name == "t");
    CHECK(f.ask(request, 10).topics.at(0).error_code == code(broker_errc::invalid_request));
    wanted.topic_id.bytes[0] ^= 1;
    CHECK(f.ask(request, 12).topics.at(0).error_code == code(broker_errc::unknown_topic_id));
}

TEST_CASE("every version of CreateTopics makes a topic, every version of DeleteTopics ends it") {
    CoreFixture f;
    const auto creations = CreateTopicsRequest::info.stable();
    for (int version = creations.min; version <= creations.max; ++version) {
        const auto name = "made-" + std::to_string(version);
        CHECK(f.ask(creation_of(name, 4), version).topics.at(0).error_code == 0);
        REQUIRE(f.core.cluster().find(name));
        CHECK(f.topic(name).partitions.size() == 4);
    }
    const auto deletions = DeleteTopicsRequest::info.stable();
    for (int version = deletions.min; version <= deletions.max; ++version) {
        const auto name = "made-" + std::to_string(creations.min + version % 6);
        if (!f.core.cluster().find(name)) {
            REQUIRE(create(f, creation_of(name)) == broker_errc::none);
        }
        DeleteTopicsRequest request;
        if (version >= 6) {
            request.topics.emplace_back().topic_id = f.topic(name).id;
        } else {
            request.topic_names = {name};
        }
        CHECK(f.ask(request, version).responses.at(0).error_code == 0);
        CHECK(!f.core.cluster().find(name));
    }
}

TEST_CASE("topics that cannot be are refused with the code that Kafka 4.4 gives") {
    CoreFixture f;
    REQUIRE(create(f, creation_of("a.b")) == broker_errc::none);
    CHECK(create(f, creation_of("t")) == broker_errc::topic_already_exists);
    for (const auto* name : {"", ".", "..", "a b", "\xc3\xa4", "a_b"}) {
        CAPTURE(name);
        CHECK(create(f, creation_of(name)) == broker_errc::invalid_topic_exception);
    }
    CHECK(create(f, creation_of(std::string(249, 'x'))) == broker_errc::none);
    CHECK(create(f, creation_of(std::string(250, 'x'))) == broker_errc::invalid_topic_exception);
    CHECK(create(f, creation_of("__cluster_metadata")) == broker_errc::invalid_request);
    CHECK(create(f, creation_of("n", 0)) == broker_errc::invalid_partitions);
    CHECK(create(f, creation_of("n", -2)) == broker_errc::invalid_partitions);
    CHECK(create(f, creation_of("n", 10'001)) == broker_errc::policy_violation);
    CHECK(create(f, creation_of("n", 1, 0)) == broker_errc::invalid_replication_factor);
    CHECK(create(f, creation_of("n", 1, 4)) == broker_errc::invalid_replication_factor);
    auto twice = creation_of("n");
    twice.topics.push_back(twice.topics[0]);
    const auto response = f.ask(twice, 7);
    REQUIRE(response.topics.size() == 1);
    CHECK(response.topics[0].error_code == code(broker_errc::invalid_request));
    CHECK(!f.core.cluster().find("n"));
}

TEST_CASE("an assignment by hand has to make sense") {
    CoreFixture f;
    CHECK(create_assigned(f, {{1, 2}, {1}}) == broker_errc::invalid_replica_assignment);
    CHECK(create_assigned(f, {{1, 1}}) == broker_errc::invalid_replica_assignment);
    CHECK(create_assigned(f, {{9}}) == broker_errc::invalid_replica_assignment);
    CHECK(create_assigned(f, {{}}) == broker_errc::invalid_replica_assignment);
    CHECK(create_assigned(f, {{1}}, 1) == broker_errc::invalid_replica_assignment);
    CHECK(create_assigned(f, {{3, 1}, {2, 3}}) == broker_errc::none);
    CHECK(f.topic("assigned").partitions[0].leader == 3);
}

TEST_CASE("the configuration of topics is checked") {
    CoreFixture f;
    CHECK(create_with(f, "retention.ms", "5000") == broker_errc::none);
    CHECK(create_with(f, "retention.ms", " +5 ") == broker_errc::none);
    CHECK(create_with(f, "preallocate", "TRUE") == broker_errc::none);
    CHECK(create_with(f, "cleanup.policy", "compact, delete") == broker_errc::none);
    CHECK(create_with(f, "leader.replication.throttled.replicas", "0:1") == broker_errc::none);
    CHECK(create_with(f, "leader.replication.throttled.replicas", "x") ==
          broker_errc::invalid_config);
    CHECK(create_with(f, "retention.ms", std::nullopt) == broker_errc::invalid_config);
    CHECK(create_with(f, "retention.ms", "soon") == broker_errc::invalid_config);
    CHECK(create_with(f, "retention.ms", "-5") == broker_errc::invalid_config);
    CHECK(create_with(f, "compression.gzip.level", "0") == broker_errc::invalid_config);
    CHECK(create_with(f, "compression.type", "GZIP") == broker_errc::invalid_config);
    CHECK(create_with(f, "remote.storage.enable", "true") == broker_errc::invalid_config);
    CHECK(create_with(f, "no.such.thing", "1") == broker_errc::invalid_config);
    CHECK(!f.core.cluster().find("configured"));
}

TEST_CASE("topics that cannot be deleted are refused") {
    CoreFixture f;
    DeleteTopicsRequest request;
    auto& wanted = request.topics.emplace_back();
    const auto ask = [&] { return f.ask(request, 6).responses.at(0).error_code; };
    CHECK(ask() == code(broker_errc::invalid_request));
    wanted.name = "none";
    CHECK(ask() == code(broker_errc::unknown_topic_or_partition));
    wanted.topic_id = f.topic().id;
    CHECK(ask() == code(broker_errc::invalid_request));
    wanted.name.reset();
    wanted.topic_id.bytes[0] ^= 1;
    CHECK(ask() == code(broker_errc::unknown_topic_id));
    wanted.topic_id = {};
    wanted.name = "t";
    request.topics.emplace_back().topic_id = f.topic().id;
    CHECK(ask() == code(broker_errc::invalid_request));
    CHECK(f.core.cluster().find("t"));
}

TEST_CASE("DescribeConfigs tells what a topic is configured with, and what by default") {
    CoreFixture f;
    auto creation = creation_of("configured");
    auto& config = creation.topics[0].configs.emplace_back();
    config.name = "compression.type";
    config.value = "zstd";
    REQUIRE(create(f, creation) == broker_errc::none);
    const auto versions = protocol::DescribeConfigsRequest::info.stable();
    for (int version = versions.min; version <= versions.max; ++version) {
        CAPTURE(version);
        protocol::DescribeConfigsRequest request;
        request.include_synonyms = true;
        for (const auto* name : {"configured", "t", "none such"}) {
            auto& resource = request.resources.emplace_back();
            resource.resource_type = 2;
            resource.resource_name = name;
            resource.configuration_keys = {{"compression.type", "no such"}};
        }
        request.resources.push_back({4, "1", std::nullopt, {}});
        request.resources.push_back({2, "t", std::nullopt, {}});
        const auto results = f.ask(request, version).results;
        REQUIRE(results.size() == 5);
        REQUIRE(results[0].configs.size() == 1);
        CHECK(results[0].configs[0].value == "zstd");
        CHECK(results[0].configs[0].config_source == 1);
        REQUIRE(results[0].configs[0].synonyms.size() == 2);
        CHECK(results[0].configs[0].synonyms[1].value == "producer");
        REQUIRE(results[1].configs.size() == 1);
        CHECK(results[1].configs[0].value == "producer");
        CHECK(results[1].configs[0].config_source == 5);
        CHECK(results[2].error_code == code(broker_errc::unknown_topic_or_partition));
        CHECK(results[3].error_code == code(broker_errc::invalid_request));
        CHECK(results[4].configs.size() > 20);
    }
}
