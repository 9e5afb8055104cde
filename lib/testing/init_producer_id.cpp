// SPDX-License-Identifier: Apache-2.0
#include "testing/handlers.hpp"

namespace kafka::testing {

Done init_producer_id(Call& call, const protocol::InitProducerIdRequest& request,
                      protocol::InitProducerIdResponse& response) {
    constexpr int first_version_with_fenced = 4;  // KIP-588

    const auto refuse = [&](broker_errc error) {
        if (error == broker_errc::producer_fenced && call.version < first_version_with_fenced) {
            error = broker_errc::invalid_producer_epoch;
        }
        response.error_code = code(error);
        response.producer_id = -1;
        response.producer_epoch = -1;
        return Done::answered;
    };
    // KIP-360: id and epoch go together.
    if ((request.producer_id == -1) != (request.producer_epoch == -1)) {
        return refuse(broker_errc::invalid_request);
    }
    if (!request.transactional_id) {
        response.producer_id = call.cluster.new_producer_id();
        response.producer_epoch = 0;
        return Done::answered;
    }
    if (request.transactional_id->empty()) return refuse(broker_errc::invalid_request);
    if (request.transaction_timeout_ms <= 0 ||
        request.transaction_timeout_ms > call.cluster.options().transaction_max_timeout.count()) {
        return refuse(broker_errc::invalid_transaction_timeout);
    }
    const auto identity = call.cluster.transactions().init(
        call.broker(), *request.transactional_id, request.transaction_timeout_ms,
        {broker_errc::none, request.producer_id, request.producer_epoch}, call.now);
    if (identity.error != broker_errc::none) return refuse(identity.error);
    response.producer_id = identity.producer_id;
    response.producer_epoch = identity.epoch;
    return Done::answered;
}

}  // namespace kafka::testing
