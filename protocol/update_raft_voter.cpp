// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/update_raft_voter.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{82, "UpdateRaftVoter", {0, 0}, 0, Listener::controller};

template <>
struct Schema<UpdateRaftVoterRequest::Listener> {
    using T = UpdateRaftVoterRequest::Listener;
    static constexpr const char* name = "Listener";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key()),
        KAFKA_FIELD("host", host),
        KAFKA_FIELD("port", port),
    };
};
template <>
struct Schema<UpdateRaftVoterRequest::KRaftVersionFeature> {
    using T = UpdateRaftVoterRequest::KRaftVersionFeature;
    static constexpr const char* name = "KRaftVersionFeature";
    static constexpr Field fields[] = {
        KAFKA_FIELD("minSupportedVersion", min_supported_version),
        KAFKA_FIELD("maxSupportedVersion", max_supported_version),
    };
};
template <>
struct Schema<UpdateRaftVoterRequest> {
    using T = UpdateRaftVoterRequest;
    static constexpr const char* name = "UpdateRaftVoterRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("clusterId", cluster_id, nullable()),
        KAFKA_FIELD("currentLeaderEpoch", current_leader_epoch),
        KAFKA_FIELD("voterId", voter_id),
        KAFKA_FIELD("voterDirectoryId", voter_directory_id),
        KAFKA_FIELD("listeners", listeners),
        KAFKA_FIELD("kRaftVersionFeature", kraft_version_feature),
    };
};
constexpr MessageInfo UpdateRaftVoterRequest::info = request_of<UpdateRaftVoterRequest>(api);

template <>
struct Schema<UpdateRaftVoterResponse::CurrentLeader> {
    using T = UpdateRaftVoterResponse::CurrentLeader;
    static constexpr const char* name = "CurrentLeader";
    static constexpr Field fields[] = {
        KAFKA_FIELD("leaderId", leader_id, entity("brokerId")),
        KAFKA_FIELD("leaderEpoch", leader_epoch),
        KAFKA_FIELD("host", host),
        KAFKA_FIELD("port", port),
    };
};
template <>
struct Schema<UpdateRaftVoterResponse> {
    using T = UpdateRaftVoterResponse;
    static constexpr const char* name = "UpdateRaftVoterResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("currentLeader", current_leader, tag(0)),
    };
};
constexpr MessageInfo UpdateRaftVoterResponse::info = response_of<UpdateRaftVoterResponse>(api);

}  // namespace kafka::protocol
