// SPDX-License-Identifier: Apache-2.0
#include "broker.hpp"

#include <kafka/protocol/api_versions.hpp>
#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/find_coordinator.hpp>
#include <kafka/protocol/heartbeat.hpp>
#include <kafka/protocol/init_producer_id.hpp>
#include <kafka/protocol/join_group.hpp>
#include <kafka/protocol/leave_group.hpp>
#include <kafka/protocol/list_offsets.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/offset_commit.hpp>
#include <kafka/protocol/offset_fetch.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/sync_group.hpp>

namespace yardstick {

using namespace kafka::protocol;

std::vector<Advertised> advertised(bool newest) {
    struct Row {
        const MessageInfo* request;
        VersionRange old;
    };
    // The APIs of groups are listed because librdkafka makes lz4 and its consumer depend on them;
    // nobody here asks for them.
    const Row rows[] = {
        {&ProduceRequest::info, {3, 7}},         {&FetchRequest::info, {4, 11}},
        {&ListOffsetsRequest::info, {1, 3}},     {&MetadataRequest::info, {0, 7}},
        {&OffsetCommitRequest::info, {2, 5}},    {&OffsetFetchRequest::info, {1, 4}},
        {&FindCoordinatorRequest::info, {0, 2}}, {&JoinGroupRequest::info, {0, 4}},
        {&HeartbeatRequest::info, {0, 2}},       {&LeaveGroupRequest::info, {0, 2}},
        {&SyncGroupRequest::info, {0, 2}},       {&ApiVersionsRequest::info, {0, 2}},
        {&InitProducerIdRequest::info, {0, 1}},
    };
    std::vector<Advertised> result;
    for (const auto& row : rows) {
        const auto all = row.request->stable();
        result.push_back({row.request, newest ? all : all.intersect(row.old)});
    }
    return result;
}

Broker::Broker(const Options& wanted)
    : options(wanted),
      apis(advertised(wanted.newest)),
      next_offsets(new std::atomic<std::int64_t>[static_cast<std::size_t>(wanted.partitions)]()) {
    if (!options.corpus.empty()) {
        corpus.emplace(options.corpus);
        if (options.verify) verifier.emplace(*corpus);
        log.emplace(*corpus, options);
    }
    if (options.tls()) tls.emplace(options.certificate, options.key);
}

const Advertised* Broker::find(std::int16_t api) const {
    for (const auto& row : apis)
        if (row.request->api_key == api) return &row;
    return nullptr;
}

}  // namespace yardstick
