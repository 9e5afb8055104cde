// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/describe_cluster.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{60, "DescribeCluster", {0, 2}, 0, Listener::both};

template <>
struct Schema<DescribeClusterRequest> {
    using T = DescribeClusterRequest;
    static constexpr const char* name = "DescribeClusterRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("includeClusterAuthorizedOperations", include_cluster_authorized_operations),
        KAFKA_FIELD("endpointType", endpoint_type, since(1)),
        KAFKA_FIELD("includeFencedBrokers", include_fenced_brokers, since(2)),
    };
};
constexpr MessageInfo DescribeClusterRequest::info = request_of<DescribeClusterRequest>(api);

template <>
struct Schema<DescribeClusterResponse::Broker> {
    using T = DescribeClusterResponse::Broker;
    static constexpr const char* name = "DescribeClusterBroker";
    static constexpr Field fields[] = {
        KAFKA_FIELD("brokerId", broker_id, map_key().entity("brokerId")),
        KAFKA_FIELD("host", host),
        KAFKA_FIELD("port", port),
        KAFKA_FIELD("rack", rack, nullable()),
        KAFKA_FIELD("isFenced", is_fenced, since(2)),
    };
};
template <>
struct Schema<DescribeClusterResponse> {
    using T = DescribeClusterResponse;
    static constexpr const char* name = "DescribeClusterResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
        KAFKA_FIELD("endpointType", endpoint_type, since(1)),
        KAFKA_FIELD("clusterId", cluster_id),
        KAFKA_FIELD("controllerId", controller_id, entity("brokerId")),
        KAFKA_FIELD("brokers", brokers),
        KAFKA_FIELD("clusterAuthorizedOperations", cluster_authorized_operations),
    };
};
constexpr MessageInfo DescribeClusterResponse::info = response_of<DescribeClusterResponse>(api);

}  // namespace kafka::protocol
