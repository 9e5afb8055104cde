// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/consumer_protocol.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

template <>
struct Schema<ConsumerProtocolSubscription::TopicPartition> {
    using T = ConsumerProtocolSubscription::TopicPartition;
    static constexpr const char* name = "TopicPartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topic", topic, since(1).map_key().entity("topicName")),
        KAFKA_FIELD("partitions", partitions, since(1)),
    };
};
template <>
struct Schema<ConsumerProtocolSubscription> {
    using T = ConsumerProtocolSubscription;
    static constexpr const char* name = "ConsumerProtocolSubscription";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topics", topics),
        KAFKA_FIELD("userData", user_data, nullable()),
        KAFKA_FIELD("ownedPartitions", owned_partitions, since(1).ignorable()),
        KAFKA_FIELD("generationId", generation_id, since(2).ignorable()),
        KAFKA_FIELD("rackId", rack_id, since(3).nullable(3).ignorable()),
    };
};
constexpr MessageInfo ConsumerProtocolSubscription::info =
    part_of<ConsumerProtocolSubscription>(MessageKind::data, {0, 3}, never_flexible);

template <>
struct Schema<ConsumerProtocolAssignment::TopicPartition> {
    using T = ConsumerProtocolAssignment::TopicPartition;
    static constexpr const char* name = "TopicPartition";
    static constexpr Field fields[] = {
        KAFKA_FIELD("topic", topic, map_key().entity("topicName")),
        KAFKA_FIELD("partitions", partitions),
    };
};
template <>
struct Schema<ConsumerProtocolAssignment> {
    using T = ConsumerProtocolAssignment;
    static constexpr const char* name = "ConsumerProtocolAssignment";
    static constexpr Field fields[] = {
        KAFKA_FIELD("assignedPartitions", assigned_partitions),
        KAFKA_FIELD("userData", user_data, nullable()),
    };
};
constexpr MessageInfo ConsumerProtocolAssignment::info =
    part_of<ConsumerProtocolAssignment>(MessageKind::data, {0, 3}, never_flexible);

}  // namespace kafka::protocol
