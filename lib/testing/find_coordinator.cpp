// SPDX-License-Identifier: Apache-2.0
#include "testing/handlers.hpp"

namespace kafka::testing {
namespace {

using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;

constexpr int first_version_with_lists = 4;   // KIP-699
constexpr int first_version_with_shares = 6;  // KIP-932

// "group:topicId:partition"
bool is_share_key(std::string_view key) {
    const auto last = key.rfind(':');
    if (last == std::string_view::npos || last == 0) return false;
    const auto before = key.rfind(':', last - 1);
    if (before == std::string_view::npos || before == 0) return false;
    const auto partition = key.substr(last + 1);
    return uuid_from_string(key.substr(before + 1, last - before - 1)) && !partition.empty() &&
           partition.find_first_not_of("0123456789") == std::string_view::npos;
}

// Serves the old response and an entry of the new one alike.
template <class Answer>
void answer(const Call& call, std::int8_t type, const std::string& key, Answer& answer) {
    const auto refuse = [&](broker_errc error, const char* message) {
        answer.error_code = code(error);
        answer.error_message = message;
        answer.node_id = -1;
        answer.host.clear();
        answer.port = -1;
    };
    const auto kind = static_cast<CoordinatorOf>(type);
    const bool known = type >= 0 && type <= 2;
    const bool shares = kind == CoordinatorOf::share;
    if (!known || (shares && call.version < first_version_with_lists)) {
        return refuse(broker_errc::invalid_request,
                      "This most likely occurs because of a request being malformed by the client "
                      "library or the message was sent to an incompatible broker. See the broker "
                      "logs for more details.");
    }
    if (shares && (call.version < first_version_with_shares || !is_share_key(key))) {
        return refuse(broker_errc::invalid_request, "");
    }
    const auto* node = call.cluster.coordinator(kind, key);
    if (!node) {
        return refuse(broker_errc::coordinator_not_available, "The coordinator is not available.");
    }
    answer.node_id = node->id;
    answer.host = node->host;
    answer.port = node->port;
}

}  // namespace

Done find_coordinator(Call& call, const FindCoordinatorRequest& request,
                      FindCoordinatorResponse& response) {
    if (call.version < first_version_with_lists) {
        // The name of "no error" stands there in Kafka, too.
        if (call.version >= 1) response.error_message = "NONE";
        answer(call, request.key_type, request.key, response);
        return Done::answered;
    }
    for (const auto& key : request.coordinator_keys) {
        auto& row = response.coordinators.emplace_back();
        row.key = key;
        answer(call, request.key_type, key, row);
    }
    return Done::answered;
}

}  // namespace kafka::testing
