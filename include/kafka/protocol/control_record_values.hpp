// SPDX-License-Identifier: Apache-2.0
// What control records carry, by their schemas: transaction markers (KIP-98) and those of the
// metadata log (KIP-595, KIP-630, KIP-853).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct ControlRecordTypeSchema {
    KAFKA_API static const MessageInfo info;

    std::int16_t type = 0;
};

struct EndTxnMarker {
    KAFKA_API static const MessageInfo info;

    std::int32_t coordinator_epoch = 0;
};

struct LeaderChangeMessage {
    struct Voter {
        std::int32_t voter_id = 0;
        Uuid voter_directory_id{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    std::int16_t version = 0;
    std::int32_t leader_id = 0;
    std::vector<Voter> voters{};
    std::vector<Voter> granting_voters{};
    UnknownTags unknown_tags{};
};

struct SnapshotHeaderRecord {
    KAFKA_API static const MessageInfo info;

    std::int16_t version = 0;
    std::int64_t last_contained_log_timestamp = 0;
    UnknownTags unknown_tags{};
};

struct SnapshotFooterRecord {
    KAFKA_API static const MessageInfo info;

    std::int16_t version = 0;
    UnknownTags unknown_tags{};
};

struct KRaftVersionRecord {
    KAFKA_API static const MessageInfo info;

    std::int16_t version = 0;
    std::int16_t kraft_version = 0;
    UnknownTags unknown_tags{};
};

struct VotersRecord {
    struct Endpoint {
        std::string name{};
        std::string host{};
        std::uint16_t port = 0;
        UnknownTags unknown_tags{};
    };

    struct KRaftVersionFeature {
        std::int16_t min_supported_version = 0;
        std::int16_t max_supported_version = 0;
        UnknownTags unknown_tags{};
    };

    struct Voter {
        std::int32_t voter_id = 0;
        Uuid voter_directory_id{};
        std::vector<Endpoint> endpoints{};
        KRaftVersionFeature kraft_version_feature{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    std::int16_t version = 0;
    std::vector<Voter> voters{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
