// SPDX-License-Identifier: Apache-2.0
#include "testing/handlers.hpp"

namespace kafka::testing {

Done init_producer_id(Call& call, const protocol::InitProducerIdRequest& request,
                      protocol::InitProducerIdResponse& response) {
    // transaction.max.timeout.ms
    constexpr std::int32_t longest_transaction_ms = 900'000;

    const auto refuse = [&](broker_errc error) {
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
        request.transaction_timeout_ms > longest_transaction_ms) {
        return refuse(broker_errc::invalid_transaction_timeout);
    }
    // What a broker says that coordinates no transactions.
    return refuse(broker_errc::not_coordinator);
}

}  // namespace kafka::testing
