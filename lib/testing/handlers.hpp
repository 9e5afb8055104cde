// SPDX-License-Identifier: Apache-2.0
// One handler an API, and what they are given.
#pragma once

#include <cstdint>
#include <span>

#include <kafka/protocol/add_offsets_to_txn.hpp>
#include <kafka/protocol/add_partitions_to_txn.hpp>
#include <kafka/protocol/api_versions.hpp>
#include <kafka/protocol/create_topics.hpp>
#include <kafka/protocol/describe_configs.hpp>
#include <kafka/protocol/delete_topics.hpp>
#include <kafka/protocol/describe_cluster.hpp>
#include <kafka/protocol/describe_transactions.hpp>
#include <kafka/protocol/end_txn.hpp>
#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/find_coordinator.hpp>
#include <kafka/protocol/init_producer_id.hpp>
#include <kafka/protocol/list_offsets.hpp>
#include <kafka/protocol/list_transactions.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/offset_commit.hpp>
#include <kafka/protocol/offset_fetch.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/registry.hpp>
#include <kafka/protocol/sasl_authenticate.hpp>
#include <kafka/protocol/sasl_handshake.hpp>
#include <kafka/protocol/txn_offset_commit.hpp>

#include "testing/broker_core.hpp"

namespace kafka::testing {

/// A request that is being handled.
struct Call {
    BrokerCore& core;
    Cluster& cluster;
    Connection& connection;
    int version;
    std::int32_t correlation_id;
    Now now;
    bool closes = false;  // the connection ends behind the answer

    [[nodiscard]] std::int32_t broker() const noexcept { return connection.broker; }
};

enum class Done : std::uint8_t {
    answered,  // send the response
    silent,    // there is no answer, or it was given
    parked,    // the answer comes later
    closed,    // the handler closed the connection
};

/// What the brokers serve.
struct ServedApi {
    const protocol::MessageInfo* request;
    const protocol::MessageInfo* response;
    protocol::VersionRange versions;
    /// Decodes, handles, answers.
    Done (*run)(Call& call, const Slice& body);
    /// The same for a request that is decoded.
    Done (*handle)(Call& call, const void* request);
    protocol::AnyMessage (*make_request)();
    protocol::AnyMessage (*make_response)();
};
[[nodiscard]] std::span<const ServedApi> served_apis() noexcept;

Done api_versions(Call&, const protocol::ApiVersionsRequest&, protocol::ApiVersionsResponse&);
Done metadata(Call&, const protocol::MetadataRequest&, protocol::MetadataResponse&);
Done describe_cluster(Call&, const protocol::DescribeClusterRequest&,
                      protocol::DescribeClusterResponse&);
Done sasl_handshake(Call&, const protocol::SaslHandshakeRequest&, protocol::SaslHandshakeResponse&);
Done sasl_authenticate(Call&, const protocol::SaslAuthenticateRequest&,
                       protocol::SaslAuthenticateResponse&);
Done find_coordinator(Call&, const protocol::FindCoordinatorRequest&,
                      protocol::FindCoordinatorResponse&);
Done create_topics(Call&, const protocol::CreateTopicsRequest&, protocol::CreateTopicsResponse&);
Done delete_topics(Call&, const protocol::DeleteTopicsRequest&, protocol::DeleteTopicsResponse&);
Done init_producer_id(Call&, const protocol::InitProducerIdRequest&,
                      protocol::InitProducerIdResponse&);
Done add_partitions_to_txn(Call&, const protocol::AddPartitionsToTxnRequest&,
                           protocol::AddPartitionsToTxnResponse&);
Done add_offsets_to_txn(Call&, const protocol::AddOffsetsToTxnRequest&,
                        protocol::AddOffsetsToTxnResponse&);
Done txn_offset_commit(Call&, const protocol::TxnOffsetCommitRequest&,
                       protocol::TxnOffsetCommitResponse&);
Done end_txn(Call&, const protocol::EndTxnRequest&, protocol::EndTxnResponse&);
Done describe_configs(Call&, const protocol::DescribeConfigsRequest&,
                      protocol::DescribeConfigsResponse&);
Done describe_transactions(Call&, const protocol::DescribeTransactionsRequest&,
                           protocol::DescribeTransactionsResponse&);
Done list_transactions(Call&, const protocol::ListTransactionsRequest&,
                       protocol::ListTransactionsResponse&);
Done offset_commit(Call&, const protocol::OffsetCommitRequest&, protocol::OffsetCommitResponse&);
Done offset_fetch(Call&, const protocol::OffsetFetchRequest&, protocol::OffsetFetchResponse&);
Done produce(Call&, const protocol::ProduceRequest&, protocol::ProduceResponse&);
Done fetch(Call&, const protocol::FetchRequest&, protocol::FetchResponse&);
Done list_offsets(Call&, const protocol::ListOffsetsRequest&, protocol::ListOffsetsResponse&);

/// ApiVersions in a version that is not served is answered all the same, in version 0 (KIP-511).
void refuse_api_versions(Call& call);

/// Where a partition's leader is, for clients that asked another broker (KIP-951).
template <class Leader, class Endpoint>
void hint_at_leader(const Call& call, const Partition& partition, Leader& leader,
                    std::vector<Endpoint>& endpoints) {
    leader.leader_id = partition.leader;
    leader.leader_epoch = partition.leader_epoch;
    for (const auto& known : endpoints) {
        if (known.node_id == partition.leader) return;
    }
    const auto* node = call.cluster.node(partition.leader);
    if (!node || !node->known()) return;
    auto& endpoint = endpoints.emplace_back();
    endpoint.node_id = node->id;
    endpoint.host = node->host;
    endpoint.port = node->port;
    endpoint.rack = node->rack;
}

/// Checks the leader epoch that a client believes in (KIP-320); -1 is any.
[[nodiscard]] broker_errc check_epoch(const Partition& partition, std::int32_t epoch) noexcept;

}  // namespace kafka::testing
