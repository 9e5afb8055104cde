// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/control_record_values.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

template <>
struct Schema<ControlRecordTypeSchema> {
    using T = ControlRecordTypeSchema;
    static constexpr const char* name = "ControlRecordTypeSchema";
    static constexpr Field fields[] = {
        KAFKA_FIELD("type", type),
    };
};
constexpr MessageInfo ControlRecordTypeSchema::info =
    part_of<ControlRecordTypeSchema>(MessageKind::data, {0, 0}, never_flexible);

template <>
struct Schema<EndTxnMarker> {
    using T = EndTxnMarker;
    static constexpr const char* name = "EndTxnMarker";
    static constexpr Field fields[] = {
        KAFKA_FIELD("coordinatorEpoch", coordinator_epoch),
    };
};
constexpr MessageInfo EndTxnMarker::info =
    part_of<EndTxnMarker>(MessageKind::data, {0, 0}, never_flexible);

template <>
struct Schema<LeaderChangeMessage::Voter> {
    using T = LeaderChangeMessage::Voter;
    static constexpr const char* name = "Voter";
    static constexpr Field fields[] = {
        KAFKA_FIELD("voterId", voter_id),
        KAFKA_FIELD("voterDirectoryId", voter_directory_id, since(1)),
    };
};
template <>
struct Schema<LeaderChangeMessage> {
    using T = LeaderChangeMessage;
    static constexpr const char* name = "LeaderChangeMessage";
    static constexpr Field fields[] = {
        KAFKA_FIELD("version", version),
        KAFKA_FIELD("leaderId", leader_id, entity("brokerId")),
        KAFKA_FIELD("voters", voters),
        KAFKA_FIELD("grantingVoters", granting_voters),
    };
};
constexpr MessageInfo LeaderChangeMessage::info =
    part_of<LeaderChangeMessage>(MessageKind::data, {0, 1}, 0);

template <>
struct Schema<SnapshotHeaderRecord> {
    using T = SnapshotHeaderRecord;
    static constexpr const char* name = "SnapshotHeaderRecord";
    static constexpr Field fields[] = {
        KAFKA_FIELD("version", version),
        KAFKA_FIELD("lastContainedLogTimestamp", last_contained_log_timestamp),
    };
};
constexpr MessageInfo SnapshotHeaderRecord::info =
    part_of<SnapshotHeaderRecord>(MessageKind::data, {0, 0}, 0);

template <>
struct Schema<SnapshotFooterRecord> {
    using T = SnapshotFooterRecord;
    static constexpr const char* name = "SnapshotFooterRecord";
    static constexpr Field fields[] = {
        KAFKA_FIELD("version", version),
    };
};
constexpr MessageInfo SnapshotFooterRecord::info =
    part_of<SnapshotFooterRecord>(MessageKind::data, {0, 0}, 0);

template <>
struct Schema<KRaftVersionRecord> {
    using T = KRaftVersionRecord;
    static constexpr const char* name = "KRaftVersionRecord";
    static constexpr Field fields[] = {
        KAFKA_FIELD("version", version),
        KAFKA_FIELD("kRaftVersion", kraft_version),
    };
};
constexpr MessageInfo KRaftVersionRecord::info =
    part_of<KRaftVersionRecord>(MessageKind::data, {0, 0}, 0);

template <>
struct Schema<VotersRecord::Endpoint> {
    using T = VotersRecord::Endpoint;
    static constexpr const char* name = "Endpoint";
    static constexpr Field fields[] = {
        KAFKA_FIELD("name", name, map_key()),
        KAFKA_FIELD("host", host),
        KAFKA_FIELD("port", port),
    };
};
template <>
struct Schema<VotersRecord::KRaftVersionFeature> {
    using T = VotersRecord::KRaftVersionFeature;
    static constexpr const char* name = "KRaftVersionFeature";
    static constexpr Field fields[] = {
        KAFKA_FIELD("minSupportedVersion", min_supported_version),
        KAFKA_FIELD("maxSupportedVersion", max_supported_version),
    };
};
template <>
struct Schema<VotersRecord::Voter> {
    using T = VotersRecord::Voter;
    static constexpr const char* name = "Voter";
    static constexpr Field fields[] = {
        KAFKA_FIELD("voterId", voter_id, entity("brokerId")),
        KAFKA_FIELD("voterDirectoryId", voter_directory_id),
        KAFKA_FIELD("endpoints", endpoints),
        KAFKA_FIELD("kRaftVersionFeature", kraft_version_feature),
    };
};
template <>
struct Schema<VotersRecord> {
    using T = VotersRecord;
    static constexpr const char* name = "VotersRecord";
    static constexpr Field fields[] = {
        KAFKA_FIELD("version", version),
        KAFKA_FIELD("voters", voters),
    };
};
constexpr MessageInfo VotersRecord::info = part_of<VotersRecord>(MessageKind::data, {0, 0}, 0);

}  // namespace kafka::protocol
