// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/headers.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

template <>
struct Schema<RequestHeader> {
    using T = RequestHeader;
    static constexpr const char* name = "RequestHeader";
    static constexpr Field fields[] = {
        KAFKA_FIELD("requestApiKey", request_api_key),
        KAFKA_FIELD("requestApiVersion", request_api_version),
        KAFKA_FIELD("correlationId", correlation_id),
        KAFKA_FIELD("clientId", client_id, since(1).nullable(1).rigid()),
    };
};
constexpr MessageInfo RequestHeader::info = part_of<RequestHeader>(MessageKind::header, {1, 2}, 2);

template <>
struct Schema<ResponseHeader> {
    using T = ResponseHeader;
    static constexpr const char* name = "ResponseHeader";
    static constexpr Field fields[] = {
        KAFKA_FIELD("correlationId", correlation_id),
    };
};
constexpr MessageInfo ResponseHeader::info =
    part_of<ResponseHeader>(MessageKind::header, {0, 1}, 1);

}  // namespace kafka::protocol
