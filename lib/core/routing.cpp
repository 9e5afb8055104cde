// SPDX-License-Identifier: Apache-2.0
#include "core/routing.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include <kafka/error.hpp>

#include "protocol/table.hpp"

namespace kafka {

std::string_view to_string(ConnPurpose purpose) noexcept {
    switch (purpose) {
        case ConnPurpose::control:
            return "control";
        case ConnPurpose::produce:
            return "produce";
        case ConnPurpose::fetch:
            return "fetch";
        case ConnPurpose::group:
            return "group";
        case ConnPurpose::slow:
            return "slow";
    }
    return {};
}

namespace core {
namespace {

constexpr auto control = ConnPurpose::control;
constexpr auto produce = ConnPurpose::produce;
constexpr auto fetch = ConnPurpose::fetch;
constexpr auto joining = ConnPurpose::group;
constexpr auto slow = ConnPurpose::slow;
constexpr bool reads = true;
constexpr bool acts = false;

using enum Destination;

constexpr Route table[] = {
    {0, leader, produce, acts},         // Produce
    {1, leader, fetch, reads},          // Fetch
    {2, leader, control, reads},        // ListOffsets
    {3, any, control, reads},           // Metadata
    {8, group, control, acts},          // OffsetCommit
    {9, group, control, reads},         // OffsetFetch
    {10, any, control, reads},          // FindCoordinator
    {11, group, joining, acts},         // JoinGroup
    {12, group, control, acts},         // Heartbeat
    {13, group, control, acts},         // LeaveGroup
    {14, group, joining, acts},         // SyncGroup
    {15, group, control, reads},        // DescribeGroups
    {16, every, control, reads},        // ListGroups
    {17, refused, control, acts},       // SaslHandshake
    {18, any, control, reads},          // ApiVersions
    {19, controller, slow, acts},       // CreateTopics
    {20, controller, slow, acts},       // DeleteTopics
    {21, leader, slow, acts},           // DeleteRecords
    {22, transaction, control, acts},   // InitProducerId: any, without a transactional id
    {23, leader, control, reads},       // OffsetForLeaderEpoch
    {24, transaction, control, acts},   // AddPartitionsToTxn
    {25, transaction, control, acts},   // AddOffsetsToTxn
    {26, transaction, control, acts},   // EndTxn
    {27, leader, control, acts},        // WriteTxnMarkers
    {28, group, control, acts},         // TxnOffsetCommit
    {29, any, control, reads},          // DescribeAcls
    {30, any, control, acts},           // CreateAcls
    {31, any, control, acts},           // DeleteAcls
    {32, resource, control, reads},     // DescribeConfigs
    {33, resource, control, acts},      // AlterConfigs
    {34, broker, control, acts},        // AlterReplicaLogDirs
    {35, broker, control, reads},       // DescribeLogDirs
    {36, refused, control, acts},       // SaslAuthenticate
    {37, controller, slow, acts},       // CreatePartitions
    {38, any, control, acts},           // CreateDelegationToken
    {39, any, control, acts},           // RenewDelegationToken
    {40, any, control, acts},           // ExpireDelegationToken
    {41, any, control, reads},          // DescribeDelegationToken
    {42, group, control, acts},         // DeleteGroups
    {43, controller, slow, acts},       // ElectLeaders
    {44, resource, control, acts},      // IncrementalAlterConfigs
    {45, controller, slow, acts},       // AlterPartitionReassignments
    {46, controller, slow, reads},      // ListPartitionReassignments
    {47, group, control, acts},         // OffsetDelete
    {48, any, control, reads},          // DescribeClientQuotas
    {49, any, control, acts},           // AlterClientQuotas
    {50, any, control, reads},          // DescribeUserScramCredentials
    {51, controller, control, acts},    // AlterUserScramCredentials
    {52, broker, control, acts},        // Vote
    {53, broker, control, acts},        // BeginQuorumEpoch
    {54, broker, control, acts},        // EndQuorumEpoch
    {55, any, control, reads},          // DescribeQuorum
    {56, broker, control, acts},        // AlterPartition
    {57, controller, slow, acts},       // UpdateFeatures
    {58, broker, control, acts},        // Envelope
    {59, broker, control, reads},       // FetchSnapshot
    {60, any, control, reads},          // DescribeCluster
    {61, leader, control, reads},       // DescribeProducers
    {62, broker, control, acts},        // BrokerRegistration
    {63, broker, control, acts},        // BrokerHeartbeat
    {64, any, control, acts},           // UnregisterBroker
    {65, transaction, control, reads},  // DescribeTransactions
    {66, every, control, reads},        // ListTransactions
    {67, broker, control, acts},        // AllocateProducerIds
    {68, group, control, acts},         // ConsumerGroupHeartbeat
    {69, group, control, reads},        // ConsumerGroupDescribe
    {70, broker, control, acts},        // ControllerRegistration
    {71, any, control, reads},          // GetTelemetrySubscriptions
    {72, any, control, acts},           // PushTelemetry
    {73, broker, control, acts},        // AssignReplicasToDirs
    {74, any, control, reads},          // ListConfigResources
    {75, any, control, reads},          // DescribeTopicPartitions
    {76, group, control, acts},         // ShareGroupHeartbeat
    {77, group, control, reads},        // ShareGroupDescribe
    // One connection for both: a broker ends a share session with its connection.
    {78, leader, fetch, acts},    // ShareFetch
    {79, leader, fetch, acts},    // ShareAcknowledge
    {80, any, slow, acts},        // AddRaftVoter
    {81, any, slow, acts},        // RemoveRaftVoter
    {82, broker, control, acts},  // UpdateRaftVoter
    {83, share, control, acts},   // InitializeShareGroupState
    {84, share, control, acts},   // ReadShareGroupState: it notes the leader epoch
    {85, share, control, acts},   // WriteShareGroupState
    {86, share, control, acts},   // DeleteShareGroupState
    {87, share, control, reads},  // ReadShareGroupStateSummary
    {88, group, control, acts},   // StreamsGroupHeartbeat
    {89, group, control, reads},  // StreamsGroupDescribe
    {90, group, control, reads},  // DescribeShareGroupOffsets
    {91, group, control, acts},   // AlterShareGroupOffsets
    {92, group, control, acts},   // DeleteShareGroupOffsets
    {93, group, control, acts},   // StreamsGroupTopologyDescriptionUpdate
    {94, any, control, acts},     // UnregisterController
};

constexpr bool ascending() {
    for (std::size_t i = 1; i < std::size(table); ++i)
        if (table[i - 1].api_key >= table[i].api_key) return false;
    return true;
}
static_assert(ascending());

bool is_error_code(const protocol::Field& row) {
    return row.type->kind == protocol::FieldKind::int16 && !row.type->array &&
           (std::strcmp(row.name, "errorCode") == 0 ||
            std::strcmp(row.name, "partitionErrorCode") == 0);
}

// The tables reach members through pointers that are not const; nothing is changed.
std::int16_t find_code(const protocol::StructTable& fields, const void* object, Destination to) {
    auto* base = static_cast<char*>(const_cast<void*>(object));
    for (const auto& row : fields.rows()) {
        const auto& type = *row.type;
        auto* at = base + row.offset;
        if (is_error_code(row)) {
            std::int16_t code = 0;
            std::memcpy(&code, at, sizeof code);
            if (is_wrong_place(to, code)) return code;
        }
        if (type.kind != protocol::FieldKind::structure) continue;
        if (type.optional) at = static_cast<char*>(type.get(at));
        if (!at) continue;
        const auto count = type.array ? type.count(at) : 1;
        auto* element = type.array ? static_cast<char*>(type.data(at)) : at;
        for (std::size_t i = 0; i < count; ++i, element += type.size)
            if (const auto code = find_code(*type.inner, element, to)) return code;
    }
    return 0;
}

}  // namespace

std::span<const Route> routes() noexcept {
    return table;
}

Route route_of(std::int16_t api_key) noexcept {
    const auto* at =
        std::lower_bound(std::begin(table), std::end(table), api_key,
                         [](const Route& route, std::int16_t key) { return route.api_key < key; });
    if (at != std::end(table) && at->api_key == api_key) return *at;
    return {api_key, broker, control, acts};
}

bool is_unknown_topic(std::int16_t code) noexcept {
    switch (static_cast<broker_errc>(code)) {
        case broker_errc::unknown_topic_or_partition:
        case broker_errc::unknown_topic_id:
        case broker_errc::inconsistent_topic_id:
            return true;
        default:
            return false;
    }
}

bool is_wrong_place(Destination to, std::int16_t code) noexcept {
    const auto error = static_cast<broker_errc>(code);
    switch (to) {
        case leader:
            return is_unknown_topic(code) || error == broker_errc::not_leader_or_follower ||
                   error == broker_errc::leader_not_available ||
                   error == broker_errc::offset_not_available ||
                   error == broker_errc::replica_not_available ||
                   error == broker_errc::listener_not_found ||
                   error == broker_errc::unknown_leader_epoch;
        case controller:
            return error == broker_errc::not_controller;
        case group:
        case transaction:
        case share:
            return error == broker_errc::not_coordinator ||
                   error == broker_errc::coordinator_not_available ||
                   error == broker_errc::coordinator_load_in_progress;
        case every:  // coordinators that load what they would list
            return error == broker_errc::coordinator_load_in_progress ||
                   error == broker_errc::coordinator_not_available;
        default:
            return false;
    }
}

std::int16_t stand_in_code(const std::error_code& ec) noexcept {
    if (ec.category() == broker_category()) return static_cast<std::int16_t>(ec.value());
    const auto code = [&ec] {
        if (ec == errc::request_timed_out) return broker_errc::request_timed_out;
        if (ec == errc::unsupported_api || ec == errc::unsupported_version ||
            ec == errc::not_in_version)
            return broker_errc::unsupported_version;
        if (ec == errc::invalid_argument) return broker_errc::invalid_request;
        return broker_errc::network_exception;
    };
    return static_cast<std::int16_t>(code());
}

std::string_view text_field(const protocol::MessageInfo& info, const void* message,
                            std::string_view field) {
    for (const auto& row : info.table->rows()) {
        if (row.type->kind != protocol::FieldKind::string || row.type->array || field != row.name)
            continue;
        const void* at = static_cast<const char*>(message) + row.offset;
        if (!row.type->optional) return *static_cast<const std::string*>(at);
        const auto& text = *static_cast<const std::optional<std::string>*>(at);
        return text ? std::string_view(*text) : std::string_view();
    }
    return {};
}

std::string_view coordinator_key(const Route& route, const protocol::MessageInfo& info,
                                 const void* request) {
    if (route.to == group) return text_field(info, request, "groupId");
    const auto id = text_field(info, request, "transactionalId");
    return id.empty() ? text_field(info, request, "v3AndBelowTransactionalId") : id;
}

std::int16_t find_wrong_place(Destination to, const protocol::MessageInfo& info,
                              const void* response) {
    return find_code(*info.table, response, to);
}

std::int16_t error_code_of(const protocol::MessageInfo& info, const void* response) {
    for (const auto& row : info.table->rows()) {
        if (!is_error_code(row)) continue;
        std::int16_t code = 0;
        std::memcpy(&code, static_cast<const char*>(response) + row.offset, sizeof code);
        return code;
    }
    return 0;
}

}  // namespace core
}  // namespace kafka
