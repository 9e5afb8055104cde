// SPDX-License-Identifier: Apache-2.0
#include "testing/handlers.hpp"

namespace kafka::testing {
namespace {

using namespace protocol;

template <class R, Done (*handler)(Call&, const R&, typename R::response_type&)>
Done handle(Call& call, const void* request) {
    typename R::response_type response;
    const auto done = handler(call, *static_cast<const R*>(request), response);
    if (done == Done::answered) {
        call.core.answer(call.connection, call.correlation_id, R::response_type::info, &response,
                         call.version, call.now);
    }
    if (call.closes) call.core.close_after_answer(call.connection);
    return done;
}

template <class R, Done (*handler)(Call&, const R&, typename R::response_type&)>
Done run(Call& call, const Slice& body) {
    R request;
    if (auto failure = decode(request, call.version, body)) {
        call.core.close(call.connection, "malformed request", failure.message());
        return Done::closed;
    }
    return handle<R, handler>(call, &request);
}

template <class M>
AnyMessage make() {
    return {new M(), [](void* message) { delete static_cast<M*>(message); }};
}

template <class R, Done (*handler)(Call&, const R&, typename R::response_type&)>
ServedApi serve(VersionRange versions = R::info.stable()) {
    using Response = typename R::response_type;
    return {&R::info, &Response::info, versions, &run<R, handler>, &handle<R, handler>,
            &make<R>, &make<Response>};
}

}  // namespace

std::span<const ServedApi> served_apis() noexcept {
    static const ServedApi apis[] = {
        serve<ProduceRequest, produce>(),
        serve<FetchRequest, fetch>(),
        serve<ListOffsetsRequest, list_offsets>(),
        serve<MetadataRequest, metadata>(),
        serve<OffsetCommitRequest, offset_commit>(),
        serve<OffsetFetchRequest, offset_fetch>(),
        serve<FindCoordinatorRequest, find_coordinator>(),
        serve<SaslHandshakeRequest, sasl_handshake>(),
        serve<ApiVersionsRequest, api_versions>(),
        serve<CreateTopicsRequest, create_topics>(),
        serve<DeleteTopicsRequest, delete_topics>(),
        serve<InitProducerIdRequest, init_producer_id>(),
        serve<AddPartitionsToTxnRequest, add_partitions_to_txn>(),
        serve<AddOffsetsToTxnRequest, add_offsets_to_txn>(),
        serve<EndTxnRequest, end_txn>(),
        serve<TxnOffsetCommitRequest, txn_offset_commit>(),
        serve<DescribeConfigsRequest, describe_configs>(),
        serve<SaslAuthenticateRequest, sasl_authenticate>(),
        serve<DescribeClusterRequest, describe_cluster>(),
        serve<DescribeTransactionsRequest, describe_transactions>(),
        // Version 2 has a regular expression of RE2's.
        serve<ListTransactionsRequest, list_transactions>({0, 1}),
    };
    return apis;
}

broker_errc check_epoch(const Partition& partition, std::int32_t epoch) noexcept {
    if (epoch < 0 || epoch == partition.leader_epoch) return broker_errc::none;
    return epoch < partition.leader_epoch ? broker_errc::fenced_leader_epoch
                                          : broker_errc::unknown_leader_epoch;
}

}  // namespace kafka::testing
