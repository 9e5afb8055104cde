// SPDX-License-Identifier: Apache-2.0
// DescribeConfigs, of topics.
#include <algorithm>

#include "testing/handlers.hpp"

namespace kafka::testing {
namespace {

using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;

constexpr std::int8_t topic_resource = 2;
// Where a value comes from (KIP-226).
constexpr std::int8_t set_for_topic = 1, preset = 5;

// The types of KIP-569. Ours do not tell integers from long ones.
std::int8_t type_of(TopicConfigKey::Type type) noexcept {
    using enum TopicConfigKey::Type;
    switch (type) {
        case boolean:
            return 1;
        case choice:
            return 2;
        case decimal:
            return 6;
        case choices:
        case replicas:
            return 7;
        case integer:
            break;
    }
    return 0;
}

void describe(const TopicConfig& config, const DescribeConfigsRequest::Resource& wanted,
              bool synonyms, DescribeConfigsResponse::Result& result) {
    const auto& names = wanted.configuration_keys;
    for (const auto& key : topic_config_keys()) {
        if (names && std::find(names->begin(), names->end(), key.name) == names->end()) continue;
        const auto set = config.values().find(key.name);
        const bool own = set != config.values().end();
        if (!own && key.name.starts_with("internal.")) continue;
        auto& row = result.configs.emplace_back();
        row.name = key.name;
        row.value = own ? set->second : std::string(key.preset);
        row.config_source = own ? set_for_topic : preset;
        row.config_type = type_of(key.type);
        row.documentation.reset();
        if (!synonyms) continue;
        if (own) row.synonyms.push_back({row.name, row.value, set_for_topic, {}});
        row.synonyms.push_back({row.name, std::string(key.preset), preset, {}});
    }
}

}  // namespace

Done describe_configs(Call& call, const DescribeConfigsRequest& request,
                      DescribeConfigsResponse& response) {
    for (const auto& wanted : request.resources) {
        auto& result = response.results.emplace_back();
        result.resource_type = wanted.resource_type;
        result.resource_name = wanted.resource_name;
        const auto refuse = [&](broker_errc error, std::string message) {
            result.error_code = code(error);
            result.error_message = std::move(message);
        };
        if (wanted.resource_type != topic_resource) {
            refuse(broker_errc::invalid_request, "Only topics have a configuration here.");
        } else if (const auto* topic = call.cluster.find(wanted.resource_name)) {
            result.error_message.reset();
            describe(topic->config, wanted, request.include_synonyms, result);
        } else {
            refuse(broker_errc::unknown_topic_or_partition, "There is no such topic.");
        }
    }
    return Done::answered;
}

}  // namespace kafka::testing
