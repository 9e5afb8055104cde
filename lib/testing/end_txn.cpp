// SPDX-License-Identifier: Apache-2.0
#include "testing/handlers.hpp"

namespace kafka::testing {

Done end_txn(Call& call, const protocol::EndTxnRequest& request,
             protocol::EndTxnResponse& response) {
    constexpr int first_version_with_fenced = 2;  // KIP-588
    constexpr int first_version_that_bumps = 5;   // KIP-890; whatever feature is finalized

    const bool bumps = call.version >= first_version_that_bumps;
    auto identity = call.cluster.transactions().end(
        call.broker(), request.transactional_id,
        {broker_errc::none, request.producer_id, request.producer_epoch}, request.committed, bumps,
        call.now);
    if (identity.error == broker_errc::producer_fenced &&
        call.version < first_version_with_fenced) {
        identity.error = broker_errc::invalid_producer_epoch;
    }
    response.error_code = code(identity.error);
    if (bumps && identity.error == broker_errc::none) {
        response.producer_id = identity.producer_id;
        response.producer_epoch = identity.epoch;
    }
    return Done::answered;
}

}  // namespace kafka::testing
