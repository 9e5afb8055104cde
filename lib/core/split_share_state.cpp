// SPDX-License-Identifier: Apache-2.0
// The share coordinator's requests (KIP-932): each partition of a share group has its coordinator.
// Between brokers, mostly; never cut apart.
#include <algorithm>

#include <kafka/protocol/delete_share_group_state.hpp>
#include <kafka/protocol/initialize_share_group_state.hpp>
#include <kafka/protocol/read_share_group_state.hpp>
#include <kafka/protocol/read_share_group_state_summary.hpp>
#include <kafka/protocol/write_share_group_state.hpp>

#include "core/split.hpp"

namespace kafka::core {
namespace {

using namespace protocol;

bool never_apart(const void*) {
    return false;
}

template <class R>
Splitter splitter(std::int16_t key) {
    const auto cut = [](const Request& whole, Placer& placer, void*) {
        const auto& request = *static_cast<const R*>(whole.get());
        Cut result;
        for (const auto& topic : request.topics)
            for (const auto& item : topic.partitions) {
                // As SharePartitionKey of Apache spells it.
                const auto place =
                    placer.coordinator(request.group_id + ':' + to_string(topic.topic_id) + ':' +
                                       std::to_string(item.partition));
                const auto broker = place.broker;
                if (result.error == 0) result.error = place.error;
                result.wait |= place.error == 0 && broker == Placer::unknown;
                if (std::none_of(result.parts.begin(), result.parts.end(),
                                 [&](const auto& part) { return part.broker == broker; }))
                    result.parts.push_back({broker, whole});
            }
        if (result.parts.empty()) result.parts.push_back({Placer::anywhere, whole});
        return result;
    };
    return {key,
            never_apart,
            cut,
            [](void*, void*) {},
            [](Destination, const void*, void*, std::int16_t&) -> Request { return nullptr; },
            [](const void*, void*, std::int16_t) {}};
}

}  // namespace

std::span<const Splitter> share_state_splitters() noexcept {
    static const Splitter splitters[] = {
        splitter<InitializeShareGroupStateRequest>(83),  splitter<ReadShareGroupStateRequest>(84),
        splitter<WriteShareGroupStateRequest>(85),       splitter<DeleteShareGroupStateRequest>(86),
        splitter<ReadShareGroupStateSummaryRequest>(87),
    };
    return splitters;
}

}  // namespace kafka::core
