// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "testing/handlers.hpp"

namespace kafka::testing {
namespace {

bool alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Names and versions of client software end in metrics and logs; Kafka takes letters and digits,
// and between them also '-' and '.' (KIP-511).
bool valid_software_text(std::string_view text) {
    return !text.empty() && alphanumeric(text.front()) && alphanumeric(text.back()) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return alphanumeric(c) || c == '-' || c == '.'; });
}

// KIP-584. Clients of version 3 do not understand a feature that can be 0.
void add_features(const Call& call, protocol::ApiVersionsResponse& response) {
    constexpr const char* name = "transaction.version";
    constexpr std::int16_t newest = 2;
    constexpr int first_version_with_zero = 4;
    if (call.version >= first_version_with_zero) {
        auto& supported = response.supported_features.emplace_back();
        supported.name = name;
        supported.max_version = newest;
    }
    response.finalized_features_epoch = 1;
    const auto level = call.cluster.options().transaction_version;
    if (level <= 0) return;
    auto& finalized = response.finalized_features.emplace_back();
    finalized.name = name;
    finalized.min_version_level = level;
    finalized.max_version_level = level;
}

}  // namespace

Done api_versions(Call& call, const protocol::ApiVersionsRequest& request,
                  protocol::ApiVersionsResponse& response) {
    if (call.version >= 3 && (!valid_software_text(request.client_software_name) ||
                              !valid_software_text(request.client_software_version))) {
        response.error_code = code(broker_errc::invalid_request);
        return Done::answered;
    }
    if (call.version >= 5 && (request.cluster_id.has_value() != (request.node_id != -1))) {
        response.error_code = code(broker_errc::invalid_request);
        return Done::answered;
    }
    // A client that was led to the wrong place has to begin again (KIP-1242).
    if (request.cluster_id &&
        (*request.cluster_id != call.cluster.id() || request.node_id != call.broker())) {
        response.error_code = code(broker_errc::rebootstrap_required);
        return Done::answered;
    }
    for (const auto& api : call.core.apis()) {
        auto& row = response.api_keys.emplace_back();
        row.api_key = api.request->api_key;
        row.min_version = api.versions.min;
        row.max_version = api.versions.max;
    }
    if (call.version >= 3) add_features(call, response);
    return Done::answered;
}

void refuse_api_versions(Call& call) {
    protocol::ApiVersionsResponse response;
    response.error_code = code(broker_errc::unsupported_version);
    for (const auto& api : call.core.apis()) {
        if (api.request->api_key != protocol::ApiVersionsRequest::info.api_key) continue;
        auto& row = response.api_keys.emplace_back();
        row.api_key = api.request->api_key;
        row.min_version = api.versions.min;
        row.max_version = api.versions.max;
    }
    call.core.answer(call.connection, call.correlation_id, protocol::ApiVersionsResponse::info,
                     &response, 0, call.now);
}

}  // namespace kafka::testing
