// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/unregister_controller.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

static constexpr Api api{94, "UnregisterController", {0, 0}, 0, Listener::both};

template <>
struct Schema<UnregisterControllerRequest> {
    using T = UnregisterControllerRequest;
    static constexpr const char* name = "UnregisterControllerRequest";
    static constexpr Field fields[] = {
        KAFKA_FIELD("controllerId", controller_id),
    };
};
constexpr MessageInfo UnregisterControllerRequest::info =
    request_of<UnregisterControllerRequest>(api);

template <>
struct Schema<UnregisterControllerResponse> {
    using T = UnregisterControllerResponse;
    static constexpr const char* name = "UnregisterControllerResponse";
    static constexpr Field fields[] = {
        KAFKA_FIELD("throttleTimeMs", throttle_time_ms),
        KAFKA_FIELD("errorCode", error_code),
        KAFKA_FIELD("errorMessage", error_message, nullable()),
    };
};
constexpr MessageInfo UnregisterControllerResponse::info =
    response_of<UnregisterControllerResponse>(api);

}  // namespace kafka::protocol
