// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/remove_raft_voter.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{81, "RemoveRaftVoter", {0, 0}, 0, Listener::both};

template <>
struct Schema<RemoveRaftVoterRequest> {
    using T = RemoveRaftVoterRequest;
    static constexpr const char* name = "RemoveRaftVoterRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("clusterId", cluster_id, nullable()),
        KAFKA_FIELD("voterId", voter_id),
        KAFKA_FIELD("voterDirectoryId", voter_directory_id),
    };
};
constexpr MessageInfo RemoveRaftVoterRequest::info = request_of<RemoveRaftVoterRequest>(api);

template <>
struct Schema<RemoveRaftVoterResponse> {
    using T = RemoveRaftVoterResponse;
    static constexpr const char* name = "RemoveRaftVoterResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable().ignorable()),
    };
};
constexpr MessageInfo RemoveRaftVoterResponse::info = response_of<RemoveRaftVoterResponse>(api);

}  // namespace kafka::protocol
