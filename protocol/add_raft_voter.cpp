// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/add_raft_voter.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{80, "AddRaftVoter", {0, 1}, 0, Listener::both};

template <>
struct Schema<AddRaftVoterRequest::Listener> {
    using T = AddRaftVoterRequest::Listener;
    static constexpr const char* name = "Listener";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key()),
        KAFKA_FIELD("host", host),
        KAFKA_FIELD("port", port),
    };
};
template <>
struct Schema<AddRaftVoterRequest> {
    using T = AddRaftVoterRequest;
    static constexpr const char* name = "AddRaftVoterRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("clusterId", cluster_id, nullable()),
        KAFKA_FIELD("timeoutMs", timeout_ms),
        KAFKA_FIELD("voterId", voter_id),
        KAFKA_FIELD("voterDirectoryId", voter_directory_id),
        KAFKA_FIELD("listeners", listeners),
        KAFKA_FIELD("ackWhenCommitted", ack_when_committed, since(1)),
    };
};
constexpr MessageInfo AddRaftVoterRequest::info = request_of<AddRaftVoterRequest>(api);

template <>
struct Schema<AddRaftVoterResponse> {
    using T = AddRaftVoterResponse;
    static constexpr const char* name = "AddRaftVoterResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable().ignorable()),
    };
};
constexpr MessageInfo AddRaftVoterResponse::info = response_of<AddRaftVoterResponse>(api);

}  // namespace kafka::protocol
