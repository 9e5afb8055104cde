// SPDX-License-Identifier: Apache-2.0
#include "testing/broker_core.hpp"

#include "testing/core_client.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::InitProducerIdRequest;
using protocol::ListOffsetsRequest;

ApiVersionsRequest versions_request() {
    ApiVersionsRequest request;
    request.client_software_name = "test";
    request.client_software_version = "1.0";
    return request;
}

ListOffsetsRequest offsets_request(std::int64_t timestamp, std::int32_t partition = 0) {
    ListOffsetsRequest request;
    request.replica_id = -1;
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    auto& wanted = topic.partitions.emplace_back();
    wanted.partition_index = partition;
    wanted.timestamp = timestamp;
    return request;
}

protocol::ListOffsetsResponse::PartitionResponse offset_of(CoreFixture& f,
                                                           const ListOffsetsRequest& request,
                                                           int version = 11) {
    return f.ask(request, version).topics.at(0).partitions.at(0);
}

}  // namespace

TEST_CASE("every version of ApiVersions tells all that is served") {
    CoreFixture f;
    const auto versions = ApiVersionsRequest::info.stable();
    for (int version = versions.min; version <= versions.max; ++version) {
        const auto response = f.ask(versions_request(), version);
        CHECK(response.error_code == 0);
        CHECK(response.api_keys.size() == served_apis().size());
    }
}

TEST_CASE("ApiVersions of a version to come is answered in version 0 with those that are served") {
    CoreFixture f;
    // Key 18, version 99, correlation id 5, no client id, no tags; the body is not looked at.
    const std::uint8_t frame[] = {0, 18, 0, 99, 0, 0, 0, 5, 0xff, 0xff, 0, 1, 2, 3};
    f.send_raw(frame);
    const auto response = f.take<ApiVersionsResponse>(0);
    CHECK(f.last_correlation == 5);
    CHECK(response.error_code == code(broker_errc::unsupported_version));
    REQUIRE(response.api_keys.size() == 1);
    CHECK(response.api_keys[0].api_key == 18);
    CHECK(response.api_keys[0].max_version == ApiVersionsRequest::info.stable().max);
}

TEST_CASE("names of client software that could spoil logs are refused") {
    CoreFixture f;
    for (const auto* name : {"", "-a", "a-", "a b", "a_b"}) {
        CAPTURE(name);
        auto request = versions_request();
        request.client_software_name = name;
        CHECK(f.ask(request, 3).error_code == code(broker_errc::invalid_request));
    }
}

TEST_CASE("a client that means another broker is told to begin again") {
    CoreFixture f;
    auto request = versions_request();
    request.cluster_id = f.core.cluster().id();
    CHECK(f.ask(request, 5).error_code == code(broker_errc::invalid_request));
    request.node_id = 1;
    CHECK(f.ask(request, 5).error_code == 0);
    request.node_id = 2;
    CHECK(f.ask(request, 5).error_code == code(broker_errc::rebootstrap_required));
}

TEST_CASE("requests that cannot be read end their own connection only") {
    const std::vector<std::vector<std::uint8_t>> frames = {
        {},                                                            // nothing
        {0, 3, 0},                                                     // half a header
        {0x7f, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff},                       // an API of nobody
        {0, 3, 0, 99, 0, 0, 0, 1, 0xff, 0xff, 0},                      // a version to come
        {0, 3, 0, 12, 0, 0, 0, 1, 0, 9, 'x'},                          // a client id cut short
        {0, 3, 0, 12, 0, 0, 0, 1, 0xff, 0xff, 0, 0xff},                // a body cut short
        {0, 3, 0, 12, 0, 0, 0, 1, 0xff, 0xff, 0, 1, 1, 0, 0, 9},       // bytes behind the end
        {0, 1, 0, 4, 0, 0, 0, 1, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff},  // Fetch, cut
        {0x15, 0x03, 0x01, 0x00, 0x10, 0, 0, 0, 0, 0},                 // TLS
    };
    for (const auto& frame : frames) {
        CoreFixture f;
        f.send_raw(frame);
        CHECK(f.closed());
        CHECK(!f.answered());
        CHECK(f.ask(protocol::MetadataRequest{}, 12, 2).brokers.size() == 3);
    }
}

TEST_CASE("every version of ListOffsets finds both ends") {
    CoreFixture f;
    f.ask(produce_request(make_batch(4)), 12);
    const auto versions = ListOffsetsRequest::info.stable();
    for (int version = versions.min; version <= versions.max; ++version) {
        CAPTURE(version);
        CHECK(offset_of(f, offsets_request(-1), version).offset == 4);
        CHECK(offset_of(f, offsets_request(-2), version).offset == 0);
        const auto largest = offset_of(f, offsets_request(-3), version);
        CHECK(largest.error_code == (version < 7 ? code(broker_errc::unsupported_version) : 0));
        CHECK(largest.offset == (version < 7 ? -1 : 3));
    }
}

TEST_CASE("a timestamp finds the first record that is as late") {
    CoreFixture f;
    f.ask(produce_request(make_batch(4)), 12);
    f.ask(produce_request(make_batch(4, {}, Compression::gzip)), 12);
    const auto found = offset_of(f, offsets_request(1'700'000'000'002));
    CHECK(found.offset == 2);
    CHECK(found.timestamp == 1'700'000'000'002);
    CHECK(offset_of(f, offsets_request(0)).offset == 0);
    CHECK(offset_of(f, offsets_request(1'700'000'000'004)).offset == -1);
    CHECK(offset_of(f, offsets_request(-5)).offset == -1);
}

TEST_CASE("ListOffsets refuses what Kafka refuses") {
    CoreFixture f;
    CHECK(offset_of(f, offsets_request(-1, 1)).error_code ==
          code(broker_errc::not_leader_or_follower));
    CHECK(offset_of(f, offsets_request(-1, 9)).error_code ==
          code(broker_errc::unknown_topic_or_partition));
    CHECK(offset_of(f, offsets_request(-7)).error_code == code(broker_errc::unsupported_version));
    auto twice = offsets_request(-1);
    twice.topics[0].partitions.push_back(twice.topics[0].partitions[0]);
    CHECK(offset_of(f, twice).error_code == code(broker_errc::invalid_request));
    auto fenced = offsets_request(-1);
    fenced.topics[0].partitions[0].current_leader_epoch = 3;
    CHECK(offset_of(f, fenced).error_code == code(broker_errc::unknown_leader_epoch));
}

TEST_CASE("every version of InitProducerId gives another id") {
    CoreFixture f;
    InitProducerIdRequest request;
    request.transactional_id.reset();
    std::int64_t last = -1;
    const auto versions = InitProducerIdRequest::info.stable();
    for (int version = versions.min; version <= versions.max; ++version) {
        const auto response = f.ask(request, version);
        CHECK(response.error_code == 0);
        CHECK(response.producer_id > last);
        CHECK(response.producer_epoch == 0);
        last = response.producer_id;
    }
}

TEST_CASE("InitProducerId refuses halves of an identity, impossible times and the wrong broker") {
    CoreFixture f;
    InitProducerIdRequest request;
    request.transactional_id.reset();
    request.producer_id = 5;
    CHECK(f.ask(request, 5).error_code == code(broker_errc::invalid_request));
    request.producer_id = -1;
    request.transactional_id = "";
    CHECK(f.ask(request, 5).error_code == code(broker_errc::invalid_request));
    request.transactional_id = "tx";
    CHECK(f.ask(request, 5).error_code == code(broker_errc::invalid_transaction_timeout));
    request.transaction_timeout_ms = 900'001;
    CHECK(f.ask(request, 5).error_code == code(broker_errc::invalid_transaction_timeout));
    request.transaction_timeout_ms = 900'000;
    const auto* coordinator = f.core.cluster().coordinator(CoordinatorOf::transaction, "tx");
    const auto other = static_cast<ConnectionId>(coordinator->id % 3 + 1);
    CHECK(f.ask(request, 5, other).error_code == code(broker_errc::not_coordinator));
}

TEST_CASE("every version of DescribeCluster names the brokers") {
    CoreFixture f;
    protocol::DescribeClusterRequest request;
    const auto versions = protocol::DescribeClusterRequest::info.stable();
    for (int version = versions.min; version <= versions.max; ++version) {
        CHECK(f.ask(request, version).brokers.size() == 3);
    }
    request.endpoint_type = 2;
    CHECK(f.ask(request, 2).error_code == code(broker_errc::mismatched_endpoint_type));
}
