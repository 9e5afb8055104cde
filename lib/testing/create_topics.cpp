// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "testing/handlers.hpp"

namespace kafka::testing {
namespace {

using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;

// Where a value comes from (KIP-525).
constexpr std::int8_t set_for_topic = 1, preset = 5;

void describe_config(const TopicConfig& config, CreateTopicsResponse::CreatableTopicResult& row) {
    row.configs.emplace();
    for (const auto& key : topic_config_keys()) {
        const auto set = config.values().find(key.name);
        const bool own = set != config.values().end();
        if (!own && key.name.starts_with("internal.")) continue;
        auto& value = row.configs->emplace_back();
        value.name = key.name;
        value.value = own ? set->second : std::string(key.preset);
        value.config_source = own ? set_for_topic : preset;
    }
}

// Nothing if one partition is assigned twice.
std::optional<NewTopic> read_topic(const CreateTopicsRequest::CreatableTopic& topic) {
    NewTopic wanted{.name = topic.name,
                    .partitions = topic.num_partitions,
                    .replication_factor = topic.replication_factor};
    for (const auto& assignment : topic.assignments) {
        if (!wanted.assignments.emplace(assignment.partition_index, assignment.broker_ids).second) {
            return std::nullopt;
        }
    }
    for (const auto& config : topic.configs) {
        wanted.configs.emplace_back(config.name, config.value);
    }
    return wanted;
}

}  // namespace

Done create_topics(Call& call, const CreateTopicsRequest& request, CreateTopicsResponse& response) {
    std::multiset<std::string_view> names;
    for (const auto& topic : request.topics)
        names.insert(topic.name);
    std::set<std::string_view> seen;
    for (const auto& topic : request.topics) {
        if (!seen.insert(topic.name).second) continue;
        auto& row = response.topics.emplace_back();
        row.name = topic.name;
        const auto refuse = [&](broker_errc error, std::string message) {
            row.error_code = code(error);
            row.error_message = std::move(message);
        };
        if (names.count(topic.name) > 1) {
            refuse(broker_errc::invalid_request, "Duplicate topic name.");
            continue;
        }
        const auto wanted = read_topic(topic);
        if (!wanted) {
            refuse(broker_errc::invalid_replica_assignment,
                   "Found multiple manual partition assignments for one partition.");
            continue;
        }
        std::unique_ptr<Topic> validated;
        Topic* made = nullptr;
        if (auto refusal = call.cluster.create(*wanted, request.validate_only, validated, &made)) {
            refuse(refusal.error, std::move(refusal.message));
            continue;
        }
        row.error_message.reset();
        row.topic_id = made->id;
        row.num_partitions = static_cast<std::int32_t>(made->partitions.size());
        row.replication_factor =
            static_cast<std::int16_t>(made->partitions.front().replicas.size());
        describe_config(made->config, row);
    }
    return Done::answered;
}

}  // namespace kafka::testing
