// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <strings.h>

#include <kafka/protocol/add_offsets_to_txn.hpp>
#include <kafka/protocol/add_partitions_to_txn.hpp>
#include <kafka/protocol/add_raft_voter.hpp>
#include <kafka/protocol/allocate_producer_ids.hpp>
#include <kafka/protocol/alter_client_quotas.hpp>
#include <kafka/protocol/alter_configs.hpp>
#include <kafka/protocol/alter_partition.hpp>
#include <kafka/protocol/alter_partition_reassignments.hpp>
#include <kafka/protocol/alter_replica_log_dirs.hpp>
#include <kafka/protocol/alter_share_group_offsets.hpp>
#include <kafka/protocol/alter_user_scram_credentials.hpp>
#include <kafka/protocol/api_versions.hpp>
#include <kafka/protocol/assign_replicas_to_dirs.hpp>
#include <kafka/protocol/begin_quorum_epoch.hpp>
#include <kafka/protocol/broker_data.hpp>
#include <kafka/protocol/broker_heartbeat.hpp>
#include <kafka/protocol/broker_registration.hpp>
#include <kafka/protocol/consumer_group_describe.hpp>
#include <kafka/protocol/consumer_group_heartbeat.hpp>
#include <kafka/protocol/consumer_protocol.hpp>
#include <kafka/protocol/control_record_values.hpp>
#include <kafka/protocol/controller_registration.hpp>
#include <kafka/protocol/create_acls.hpp>
#include <kafka/protocol/create_delegation_token.hpp>
#include <kafka/protocol/create_partitions.hpp>
#include <kafka/protocol/create_topics.hpp>
#include <kafka/protocol/delete_acls.hpp>
#include <kafka/protocol/delete_groups.hpp>
#include <kafka/protocol/delete_records.hpp>
#include <kafka/protocol/delete_share_group_offsets.hpp>
#include <kafka/protocol/delete_share_group_state.hpp>
#include <kafka/protocol/delete_topics.hpp>
#include <kafka/protocol/describe_acls.hpp>
#include <kafka/protocol/describe_client_quotas.hpp>
#include <kafka/protocol/describe_cluster.hpp>
#include <kafka/protocol/describe_configs.hpp>
#include <kafka/protocol/describe_delegation_token.hpp>
#include <kafka/protocol/describe_groups.hpp>
#include <kafka/protocol/describe_log_dirs.hpp>
#include <kafka/protocol/describe_producers.hpp>
#include <kafka/protocol/describe_quorum.hpp>
#include <kafka/protocol/describe_share_group_offsets.hpp>
#include <kafka/protocol/describe_topic_partitions.hpp>
#include <kafka/protocol/describe_transactions.hpp>
#include <kafka/protocol/describe_user_scram_credentials.hpp>
#include <kafka/protocol/elect_leaders.hpp>
#include <kafka/protocol/end_quorum_epoch.hpp>
#include <kafka/protocol/end_txn.hpp>
#include <kafka/protocol/envelope.hpp>
#include <kafka/protocol/expire_delegation_token.hpp>
#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/fetch_snapshot.hpp>
#include <kafka/protocol/find_coordinator.hpp>
#include <kafka/protocol/get_telemetry_subscriptions.hpp>
#include <kafka/protocol/headers.hpp>
#include <kafka/protocol/heartbeat.hpp>
#include <kafka/protocol/incremental_alter_configs.hpp>
#include <kafka/protocol/init_producer_id.hpp>
#include <kafka/protocol/initialize_share_group_state.hpp>
#include <kafka/protocol/join_group.hpp>
#include <kafka/protocol/leave_group.hpp>
#include <kafka/protocol/list_config_resources.hpp>
#include <kafka/protocol/list_groups.hpp>
#include <kafka/protocol/list_offsets.hpp>
#include <kafka/protocol/list_partition_reassignments.hpp>
#include <kafka/protocol/list_transactions.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/offset_commit.hpp>
#include <kafka/protocol/offset_delete.hpp>
#include <kafka/protocol/offset_fetch.hpp>
#include <kafka/protocol/offset_for_leader_epoch.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/push_telemetry.hpp>
#include <kafka/protocol/read_share_group_state.hpp>
#include <kafka/protocol/read_share_group_state_summary.hpp>
#include <kafka/protocol/registry.hpp>
#include <kafka/protocol/remove_raft_voter.hpp>
#include <kafka/protocol/renew_delegation_token.hpp>
#include <kafka/protocol/sasl_authenticate.hpp>
#include <kafka/protocol/sasl_handshake.hpp>
#include <kafka/protocol/share_acknowledge.hpp>
#include <kafka/protocol/share_fetch.hpp>
#include <kafka/protocol/share_group_describe.hpp>
#include <kafka/protocol/share_group_heartbeat.hpp>
#include <kafka/protocol/streams_group_describe.hpp>
#include <kafka/protocol/streams_group_heartbeat.hpp>
#include <kafka/protocol/streams_group_topology_description_update.hpp>
#include <kafka/protocol/sync_group.hpp>
#include <kafka/protocol/txn_offset_commit.hpp>
#include <kafka/protocol/unregister_broker.hpp>
#include <kafka/protocol/unregister_controller.hpp>
#include <kafka/protocol/update_features.hpp>
#include <kafka/protocol/update_raft_voter.hpp>
#include <kafka/protocol/vote.hpp>
#include <kafka/protocol/write_share_group_state.hpp>
#include <kafka/protocol/write_txn_markers.hpp>

namespace kafka::protocol {
namespace {

template <class T>
AnyMessage make() {
    return {new T, [](void* message) { delete static_cast<T*>(message); }};
}
template <Request R>
constexpr ApiEntry entry{&R::info, &R::response_type::info, &make<R>,
                         &make<typename R::response_type>};
template <Message M>
constexpr PartEntry part{&M::info, &make<M>};

constexpr ApiEntry all_apis[] = {
    entry<ProduceRequest>,
    entry<FetchRequest>,
    entry<ListOffsetsRequest>,
    entry<MetadataRequest>,
    entry<OffsetCommitRequest>,
    entry<OffsetFetchRequest>,
    entry<FindCoordinatorRequest>,
    entry<JoinGroupRequest>,
    entry<HeartbeatRequest>,
    entry<LeaveGroupRequest>,
    entry<SyncGroupRequest>,
    entry<DescribeGroupsRequest>,
    entry<ListGroupsRequest>,
    entry<SaslHandshakeRequest>,
    entry<ApiVersionsRequest>,
    entry<CreateTopicsRequest>,
    entry<DeleteTopicsRequest>,
    entry<DeleteRecordsRequest>,
    entry<InitProducerIdRequest>,
    entry<OffsetForLeaderEpochRequest>,
    entry<AddPartitionsToTxnRequest>,
    entry<AddOffsetsToTxnRequest>,
    entry<EndTxnRequest>,
    entry<WriteTxnMarkersRequest>,
    entry<TxnOffsetCommitRequest>,
    entry<DescribeAclsRequest>,
    entry<CreateAclsRequest>,
    entry<DeleteAclsRequest>,
    entry<DescribeConfigsRequest>,
    entry<AlterConfigsRequest>,
    entry<AlterReplicaLogDirsRequest>,
    entry<DescribeLogDirsRequest>,
    entry<SaslAuthenticateRequest>,
    entry<CreatePartitionsRequest>,
    entry<CreateDelegationTokenRequest>,
    entry<RenewDelegationTokenRequest>,
    entry<ExpireDelegationTokenRequest>,
    entry<DescribeDelegationTokenRequest>,
    entry<DeleteGroupsRequest>,
    entry<ElectLeadersRequest>,
    entry<IncrementalAlterConfigsRequest>,
    entry<AlterPartitionReassignmentsRequest>,
    entry<ListPartitionReassignmentsRequest>,
    entry<OffsetDeleteRequest>,
    entry<DescribeClientQuotasRequest>,
    entry<AlterClientQuotasRequest>,
    entry<DescribeUserScramCredentialsRequest>,
    entry<AlterUserScramCredentialsRequest>,
    entry<VoteRequest>,
    entry<BeginQuorumEpochRequest>,
    entry<EndQuorumEpochRequest>,
    entry<DescribeQuorumRequest>,
    entry<AlterPartitionRequest>,
    entry<UpdateFeaturesRequest>,
    entry<EnvelopeRequest>,
    entry<FetchSnapshotRequest>,
    entry<DescribeClusterRequest>,
    entry<DescribeProducersRequest>,
    entry<BrokerRegistrationRequest>,
    entry<BrokerHeartbeatRequest>,
    entry<UnregisterBrokerRequest>,
    entry<DescribeTransactionsRequest>,
    entry<ListTransactionsRequest>,
    entry<AllocateProducerIdsRequest>,
    entry<ConsumerGroupHeartbeatRequest>,
    entry<ConsumerGroupDescribeRequest>,
    entry<ControllerRegistrationRequest>,
    entry<GetTelemetrySubscriptionsRequest>,
    entry<PushTelemetryRequest>,
    entry<AssignReplicasToDirsRequest>,
    entry<ListConfigResourcesRequest>,
    entry<DescribeTopicPartitionsRequest>,
    entry<ShareGroupHeartbeatRequest>,
    entry<ShareGroupDescribeRequest>,
    entry<ShareFetchRequest>,
    entry<ShareAcknowledgeRequest>,
    entry<AddRaftVoterRequest>,
    entry<RemoveRaftVoterRequest>,
    entry<UpdateRaftVoterRequest>,
    entry<InitializeShareGroupStateRequest>,
    entry<ReadShareGroupStateRequest>,
    entry<WriteShareGroupStateRequest>,
    entry<DeleteShareGroupStateRequest>,
    entry<ReadShareGroupStateSummaryRequest>,
    entry<StreamsGroupHeartbeatRequest>,
    entry<StreamsGroupDescribeRequest>,
    entry<DescribeShareGroupOffsetsRequest>,
    entry<AlterShareGroupOffsetsRequest>,
    entry<DeleteShareGroupOffsetsRequest>,
    entry<StreamsGroupTopologyDescriptionUpdateRequest>,
    entry<UnregisterControllerRequest>,
};
constexpr PartEntry all_parts[] = {
    part<RequestHeader>,
    part<ResponseHeader>,
    part<ConsumerProtocolSubscription>,
    part<ConsumerProtocolAssignment>,
    part<ControlRecordTypeSchema>,
    part<EndTxnMarker>,
    part<LeaderChangeMessage>,
    part<SnapshotHeaderRecord>,
    part<SnapshotFooterRecord>,
    part<KRaftVersionRecord>,
    part<VotersRecord>,
    part<AbortedTxn>,
    part<DefaultPrincipalData>,
};

}  // namespace

std::span<const ApiEntry> apis() noexcept {
    return all_apis;
}
std::span<const PartEntry> parts() noexcept {
    return all_parts;
}

const ApiEntry* find_api(std::int16_t key) noexcept {
    const auto* found = std::ranges::lower_bound(
        all_apis, key, {}, [](const ApiEntry& api) { return api.request->api_key; });
    return found != std::end(all_apis) && found->request->api_key == key ? found : nullptr;
}

const ApiEntry* find_api(std::string_view name) noexcept {
    const auto* found = std::ranges::find_if(all_apis, [&](const ApiEntry& api) {
        const std::string_view own = api.request->api;
        return own.size() == name.size() && strncasecmp(own.data(), name.data(), own.size()) == 0;
    });
    return found != std::end(all_apis) ? found : nullptr;
}

}  // namespace kafka::protocol
