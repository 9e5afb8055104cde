// SPDX-License-Identifier: Apache-2.0
// CreateTopics, API key 19, v2-7, flexible from v5.
// Creates topics; answered by the controller.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

struct CreateTopicsResponse;

struct CreateTopicsRequest {
    struct CreatableReplicaAssignment {
        std::int32_t partition_index = 0;
        std::vector<std::int32_t> broker_ids{};
        UnknownTags unknown_tags{};
    };

    struct CreatableTopicConfig {
        std::string name{};
        std::optional<std::string> value = "";
        UnknownTags unknown_tags{};
    };

    struct CreatableTopic {
        std::string name{};
        std::int32_t num_partitions = 0;
        std::int16_t replication_factor = 0;
        std::vector<CreatableReplicaAssignment> assignments{};
        std::vector<CreatableTopicConfig> configs{};
        UnknownTags unknown_tags{};
    };

    using response_type = CreateTopicsResponse;
    KAFKA_API static const MessageInfo info;

    std::vector<CreatableTopic> topics{};
    std::int32_t timeout_ms = 60000;  ///< milliseconds
    bool validate_only = false;
    UnknownTags unknown_tags{};
};

struct CreateTopicsResponse {
    struct CreatableTopicConfigs {
        std::string name{};
        std::optional<std::string> value = "";
        bool read_only = false;
        std::int8_t config_source = -1;
        bool is_sensitive = false;
        UnknownTags unknown_tags{};
    };

    struct CreatableTopicResult {
        std::string name{};
        Uuid topic_id{};
        std::int16_t error_code = 0;
        std::optional<std::string> error_message = "";
        std::int16_t topic_config_error_code = 0;
        std::int32_t num_partitions = -1;
        std::int16_t replication_factor = -1;
        std::optional<std::vector<CreatableTopicConfigs>> configs =
            std::vector<CreatableTopicConfigs>{};
        UnknownTags unknown_tags{};
    };

    KAFKA_API static const MessageInfo info;

    /// How long the broker held this back, or wants the client to wait (KIP-219).
    std::int32_t throttle_time_ms = 0;
    std::vector<CreatableTopicResult> topics{};
    UnknownTags unknown_tags{};
};

}  // namespace kafka::protocol
