// SPDX-License-Identifier: Apache-2.0
#include "testing/handlers.hpp"

namespace kafka::testing {
namespace {

using namespace protocol;

template <class R, Done (*handler)(Call&, const R&, typename R::response_type&)>
Done run(Call& call, const Slice& body) {
    R request;
    if (auto failure = decode(request, call.version, body)) {
        call.core.close(call.connection, "malformed request", failure.message());
        return Done::closed;
    }
    typename R::response_type response;
    const auto done = handler(call, request, response);
    if (done == Done::answered) {
        call.core.answer(call.connection, call.correlation_id, R::response_type::info, &response,
                         call.version);
    }
    return done;
}

template <class R, Done (*handler)(Call&, const R&, typename R::response_type&)>
ServedApi serve() {
    return {R::info, R::info.stable(), &run<R, handler>};
}

}  // namespace

std::span<const ServedApi> served_apis() noexcept {
    static const ServedApi apis[] = {
        serve<ProduceRequest, produce>(),
        serve<FetchRequest, fetch>(),
        serve<ListOffsetsRequest, list_offsets>(),
        serve<MetadataRequest, metadata>(),
        serve<ApiVersionsRequest, api_versions>(),
        serve<CreateTopicsRequest, create_topics>(),
        serve<DeleteTopicsRequest, delete_topics>(),
        serve<InitProducerIdRequest, init_producer_id>(),
        serve<DescribeClusterRequest, describe_cluster>(),
    };
    return apis;
}

broker_errc check_epoch(const Partition& partition, std::int32_t epoch) noexcept {
    if (epoch < 0 || epoch == partition.leader_epoch) return broker_errc::none;
    return epoch < partition.leader_epoch ? broker_errc::fenced_leader_epoch
                                          : broker_errc::unknown_leader_epoch;
}

}  // namespace kafka::testing
