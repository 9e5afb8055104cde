// SPDX-License-Identifier: Apache-2.0
#include "core/routing.hpp"

#include <map>
#include <ostream>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <kafka/protocol/create_topics.hpp>
#include <kafka/protocol/offset_commit.hpp>
#include <kafka/protocol/registry.hpp>
#include <kafka/protocol/txn_offset_commit.hpp>

#include "core/split.hpp"

using namespace kafka;
using namespace kafka::core;

TEST_CASE("every API of the registry has a route, and no other key has one") {
    std::set<std::int16_t> keys, routed;
    for (const auto& api : protocol::apis())
        keys.insert(api.request->api_key);
    for (const auto& route : routes())
        routed.insert(route.api_key);
    CHECK(keys == routed);
    CHECK(keys.size() == 91);
}

// Read from the byte code of KafkaAdminClient and its handlers in kafka-clients 4.4.0. Apache's
// LeastLoadedNode and LeastLoadedBrokerOrActiveKController are "any" here: this library speaks to
// brokers.
TEST_CASE("requests of an administrator go where Apache's AdminClient sends them") {
    using enum Destination;
    const std::map<std::string, Destination> apache{
        {"CreateTopics", controller},
        {"DeleteTopics", controller},
        {"CreatePartitions", controller},
        {"ElectLeaders", controller},
        {"AlterPartitionReassignments", controller},
        {"ListPartitionReassignments", controller},
        {"AlterUserScramCredentials", controller},
        {"UpdateFeatures", controller},
        {"Metadata", any},
        {"DescribeTopicPartitions", any},
        {"DescribeCluster", any},
        {"DescribeAcls", any},
        {"CreateAcls", any},
        {"DeleteAcls", any},
        {"CreateDelegationToken", any},
        {"RenewDelegationToken", any},
        {"ExpireDelegationToken", any},
        {"DescribeDelegationToken", any},
        {"DescribeClientQuotas", any},
        {"AlterClientQuotas", any},
        {"DescribeUserScramCredentials", any},
        {"DescribeQuorum", any},
        {"UnregisterBroker", any},
        {"UnregisterController", any},
        {"ListConfigResources", any},
        {"AddRaftVoter", any},
        {"RemoveRaftVoter", any},
        {"DescribeConfigs", resource},
        {"IncrementalAlterConfigs", resource},
        {"DescribeLogDirs", broker},
        {"AlterReplicaLogDirs", broker},
        {"ListGroups", every},
        {"ListTransactions", every},
        {"DescribeProducers", leader},
        {"DeleteRecords", leader},
        {"ListOffsets", leader},
        {"WriteTxnMarkers", leader},
        {"DescribeTransactions", transaction},
        {"InitProducerId", transaction},
        {"DescribeGroups", group},
        {"ConsumerGroupDescribe", group},
        {"ShareGroupDescribe", group},
        {"StreamsGroupDescribe", group},
        {"DeleteGroups", group},
        {"OffsetFetch", group},
        {"OffsetCommit", group},
        {"OffsetDelete", group},
        {"LeaveGroup", group},
        {"DescribeShareGroupOffsets", group},
        {"AlterShareGroupOffsets", group},
        {"DeleteShareGroupOffsets", group},
    };
    for (const auto& [key, destination] : apache) {
        const auto& name = key;
        CAPTURE(name);
        const auto* api = protocol::find_api(name);
        REQUIRE(api);
        CHECK(route_of(api->request->api_key).to == destination);
    }
}

TEST_CASE("what brokers say among themselves needs a broker to be named") {
    for (const auto* name : {"Vote", "BrokerHeartbeat", "FetchSnapshot", "AlterPartition"})
        CHECK(route_of(protocol::find_api(name)->request->api_key).to == Destination::broker);
    for (const auto* name : {"SaslHandshake", "SaslAuthenticate"})
        CHECK(route_of(protocol::find_api(name)->request->api_key).to == Destination::refused);
    CHECK(route_of(9999).to == Destination::broker);
}

TEST_CASE("requests that brokers hold have connections of their own") {
    using enum ConnPurpose;
    const std::map<std::string, ConnPurpose> purposes{
        {"Produce", produce},      {"Fetch", fetch},         {"ShareFetch", fetch},
        {"JoinGroup", group},      {"SyncGroup", group},     {"Heartbeat", control},
        {"OffsetCommit", control}, {"CreateTopics", slow},   {"DeleteRecords", slow},
        {"Metadata", control},     {"ListOffsets", control},
    };
    for (const auto& [key, purpose] : purposes) {
        const auto& name = key;
        CAPTURE(name);
        CHECK(route_of(protocol::find_api(name)->request->api_key).purpose == purpose);
    }
}

TEST_CASE("every request for several leaders, coordinators or brokers can be split") {
    // For one group or one transaction: they name it at the top.
    const std::set<std::string> single{"OffsetCommit",
                                       "JoinGroup",
                                       "Heartbeat",
                                       "LeaveGroup",
                                       "SyncGroup",
                                       "InitProducerId",
                                       "AddOffsetsToTxn",
                                       "EndTxn",
                                       "TxnOffsetCommit",
                                       "OffsetDelete",
                                       "ConsumerGroupHeartbeat",
                                       "ShareGroupHeartbeat",
                                       "StreamsGroupHeartbeat",
                                       "AlterShareGroupOffsets",
                                       "DeleteShareGroupOffsets",
                                       "StreamsGroupTopologyDescriptionUpdate"};
    using enum Destination;
    for (const auto& api : protocol::apis()) {
        const auto route = route_of(api.request->api_key);
        CAPTURE(api.request->api);
        const bool spans = route.to == leader || route.to == group || route.to == transaction ||
                           route.to == share || route.to == resource || route.to == every;
        if (!spans) continue;
        if (single.count(api.request->api) == 0) {
            CHECK(find_splitter(route.api_key) != nullptr);
        } else {
            CHECK(find_splitter(route.api_key) == nullptr);
            const auto request = api.make_request();
            const bool has_field = [&] {
                for (const auto* field :
                     {"groupId", "transactionalId", "v3AndBelowTransactionalId"})
                    if (protocol::describe(*api.request).find(field) != std::string::npos)
                        return true;
                return false;
            }();
            CHECK(has_field);
        }
    }
}

TEST_CASE("the key of a coordinator is found in a request of any type") {
    protocol::OffsetCommitRequest commit;
    commit.group_id = "g";
    CHECK(coordinator_key(route_of(8), commit.info, &commit) == "g");
    protocol::TxnOffsetCommitRequest in_transaction;
    in_transaction.group_id = "g";
    in_transaction.transactional_id = "t";
    CHECK(coordinator_key(route_of(28), in_transaction.info, &in_transaction) == "g");
}

TEST_CASE("a code that says 'not here' is found on any level of an answer") {
    protocol::CreateTopicsResponse response;
    response.topics.resize(3);
    CHECK(find_wrong_place(Destination::controller, response.info, &response) == 0);
    response.topics[2].error_code = 41;
    CHECK(find_wrong_place(Destination::controller, response.info, &response) == 41);
    CHECK(find_wrong_place(Destination::group, response.info, &response) == 0);
}

TEST_CASE("an item whose broker could not be asked gets the code that fits best") {
    CHECK(stand_in_code(errc::connection_lost) == 13);
    CHECK(stand_in_code(std::make_error_code(std::errc::connection_refused)) == 13);
    CHECK(stand_in_code(errc::request_timed_out) == 7);
    CHECK(stand_in_code(errc::unsupported_api) == 35);
    CHECK(stand_in_code(broker_errc::group_authorization_failed) == 30);
}
