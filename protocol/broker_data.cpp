// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/broker_data.hpp>

#include "protocol/table.hpp"

namespace kafka::protocol {

template <>
struct Schema<AbortedTxn> {
    using T = AbortedTxn;
    static constexpr const char* name = "AbortedTxn";
    static constexpr Field fields[] = {
        KAFKA_FIELD("producerId", producer_id),
        KAFKA_FIELD("firstOffset", first_offset),
        KAFKA_FIELD("lastOffset", last_offset),
        KAFKA_FIELD("lastStableOffset", last_stable_offset),
    };
};
constexpr MessageInfo AbortedTxn::info =
    part_of<AbortedTxn>(MessageKind::data, {0, 0}, never_flexible);

template <>
struct Schema<DefaultPrincipalData> {
    using T = DefaultPrincipalData;
    static constexpr const char* name = "DefaultPrincipalData";
    static constexpr Field fields[] = {
        KAFKA_FIELD("type", type),
        KAFKA_FIELD("name", name),
        KAFKA_FIELD("tokenAuthenticated", token_authenticated),
    };
};
constexpr MessageInfo DefaultPrincipalData::info =
    part_of<DefaultPrincipalData>(MessageKind::data, {0, 0}, 0);

}  // namespace kafka::protocol
