// SPDX-License-Identifier: Apache-2.0
// Everything that is not hot: asked once or twice by a client, answered through the library's own
// messages.
#include <atomic>
#include <string>
#include <type_traits>

#include <kafka/protocol/api_versions.hpp>
#include <kafka/protocol/find_coordinator.hpp>
#include <kafka/protocol/init_producer_id.hpp>
#include <kafka/protocol/list_offsets.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/offset_commit.hpp>
#include <kafka/protocol/offset_fetch.hpp>
#include <kafka/protocol/produce.hpp>

#include "connection.hpp"
#include "output.hpp"

namespace yardstick {
namespace {

using namespace kafka::protocol;

constexpr std::int16_t unknown_topic_or_partition = 3, unsupported_version = 35,
                       unknown_topic_id = 100;
const std::string host = "127.0.0.1";

// Kafka 4 says of Produce that it has versions 0 to 2 as well, which it has not (KAFKA-18659):
// otherwise some versions of librdkafka (2.0.2 is one) send nothing compressed.
std::int16_t advertised_minimum(const Advertised& row) {
    return row.request->api_key == ProduceRequest::info.api_key ? std::int16_t{0}
                                                                : row.versions.min;
}

void answer(const Broker& broker, int, const ApiVersionsRequest&, ApiVersionsResponse& response) {
    for (const auto& row : broker.apis) {
        auto& api = response.api_keys.emplace_back();
        api.api_key = row.request->api_key;
        api.min_version = advertised_minimum(row);
        api.max_version = row.versions.max;
    }
}

MetadataResponse::Topic describe(const Broker& broker) {
    MetadataResponse::Topic topic;
    topic.name = topic_name;
    topic.topic_id = topic_id;
    for (std::int32_t p = 0; p < broker.options.partitions; ++p) {
        auto& partition = topic.partitions.emplace_back();
        partition.partition_index = p;
        partition.leader_id = broker.leader(p);
        partition.leader_epoch = 0;
        partition.replica_nodes = partition.isr_nodes = {partition.leader_id};
    }
    return topic;
}

void answer(const Broker& broker, int, const MetadataRequest& request, MetadataResponse& response) {
    for (std::size_t i = 0; i < broker.ports.size(); ++i) {
        auto& node = response.brokers.emplace_back();
        node.node_id = static_cast<std::int32_t>(i) + 1;
        node.host = host;
        node.port = broker.ports[i];
    }
    response.cluster_id = "yardstick-cluster";
    response.controller_id = 1;
    if (!request.topics) {
        response.topics.push_back(describe(broker));
        return;
    }
    for (const auto& wanted : *request.topics) {
        if (wanted.topic_id == topic_id || (wanted.name && *wanted.name == topic_name)) {
            response.topics.push_back(describe(broker));
            continue;
        }
        auto& unknown = response.topics.emplace_back();
        unknown.name = wanted.name;
        unknown.topic_id = wanted.topic_id;
        unknown.error_code =
            wanted.topic_id.is_zero() ? unknown_topic_or_partition : unknown_topic_id;
    }
}

void answer(const Broker& broker, int version, const ListOffsetsRequest& request,
            ListOffsetsResponse& response) {
    constexpr std::int64_t latest = -1;
    constexpr int first_with_epochs = 4;
    for (const auto& topic : request.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = topic.name;
        for (const auto& wanted : topic.partitions) {
            auto& row = answered.partitions.emplace_back();
            row.partition_index = wanted.partition_index;
            if (topic.name != topic_name || !broker.has(wanted.partition_index)) {
                row.error_code = unknown_topic_or_partition;
                continue;
            }
            row.offset = wanted.timestamp != latest ? 0
                         : broker.log               ? broker.log->end()
                                                    : Log::never;
            if (version >= first_with_epochs) row.leader_epoch = 0;
        }
    }
}

void answer(const Broker& broker, int version, const FindCoordinatorRequest& request,
            FindCoordinatorResponse& response) {
    constexpr int first_with_lists = 4;
    if (version < first_with_lists) {
        response.node_id = 1;
        response.host = host;
        response.port = broker.ports[0];
    }
    for (const auto& key : request.coordinator_keys) {
        auto& row = response.coordinators.emplace_back();
        row.key = key;
        row.node_id = 1;
        row.host = host;
        row.port = broker.ports[0];
    }
}

void answer(const Broker&, int, const InitProducerIdRequest&, InitProducerIdResponse& response) {
    static std::atomic<std::int64_t> next{4000};
    response.producer_id = next++;
}

// Nothing was ever committed, and what is committed is forgotten.
void answer(const Broker&, int, const OffsetFetchRequest& request, OffsetFetchResponse& response) {
    const auto fill = [](const auto& wanted, auto& answered) {
        for (const auto index : wanted.partition_indexes) {
            auto& row = answered.partitions.emplace_back();
            row.partition_index = index;
            row.committed_offset = -1;
        }
    };
    if (request.topics) {
        for (const auto& topic : *request.topics) {
            auto& answered = response.topics.emplace_back();
            answered.name = topic.name;
            fill(topic, answered);
        }
    }
    for (const auto& group : request.groups) {
        auto& answered = response.groups.emplace_back();
        answered.group_id = group.group_id;
        if (!group.topics) continue;
        for (const auto& topic : *group.topics) {
            auto& row = answered.topics.emplace_back();
            row.name = topic.name;
            row.topic_id = topic.topic_id;
            fill(topic, row);
        }
    }
}

void answer(const Broker&, int, const OffsetCommitRequest& request,
            OffsetCommitResponse& response) {
    for (const auto& topic : request.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = topic.name;
        answered.topic_id = topic.topic_id;
        for (const auto& partition : topic.partitions)
            answered.partitions.emplace_back().partition_index = partition.partition_index;
    }
}

void append(const MessageInfo& info, const void* message, int version,
            std::vector<std::uint8_t>& frame) {
    Gather encoded;
    if (const auto failure = encode(info, message, version, encoded)) {
        throw Gone{failure.message()};
    }
    const auto flat = encoded.flat();
    frame.insert(frame.end(), flat.data(), flat.data() + flat.size());
    set_frame_length(frame, frame.size());
}

template <class R>
void respond(const Broker& broker, int version, const std::vector<std::uint8_t>& body,
             std::vector<std::uint8_t>& frame) {
    R request;
    if (const auto failure = decode(request, version, kafka::Slice(body.data(), body.size()))) {
        throw Gone{failure.message()};
    }
    if constexpr (std::is_same_v<R, MetadataRequest>) {
        // Before there were nulls an empty list meant all topics.
        if (version == 0 && request.topics && request.topics->empty()) request.topics.reset();
    }
    typename R::response_type response;
    answer(broker, version, request, response);
    append(R::response_type::info, &response, version, frame);
}

}  // namespace

void answer_other(const Broker& broker, const Request& request, std::vector<std::uint8_t> body,
                  std::vector<std::uint8_t>& frame) {
    using Respond =
        void (*)(const Broker&, int, const std::vector<std::uint8_t>&, std::vector<std::uint8_t>&);
    struct Row {
        std::int16_t key;
        Respond respond;
    };
    static const Row rows[] = {
        {ApiVersionsRequest::info.api_key, respond<ApiVersionsRequest>},
        {MetadataRequest::info.api_key, respond<MetadataRequest>},
        {ListOffsetsRequest::info.api_key, respond<ListOffsetsRequest>},
        {FindCoordinatorRequest::info.api_key, respond<FindCoordinatorRequest>},
        {InitProducerIdRequest::info.api_key, respond<InitProducerIdRequest>},
        {OffsetFetchRequest::info.api_key, respond<OffsetFetchRequest>},
        {OffsetCommitRequest::info.api_key, respond<OffsetCommitRequest>},
    };
    for (const auto& row : rows)
        if (row.key == request.api) return row.respond(broker, request.version, body, frame);
    throw Gone{"groups are not served, API " + std::to_string(request.api)};
}

void refuse_api_versions(const Broker& broker, std::vector<std::uint8_t>& frame) {
    ApiVersionsResponse response;
    answer(broker, 0, {}, response);
    std::erase_if(response.api_keys,
                  [](const auto& api) { return api.api_key != ApiVersionsRequest::info.api_key; });
    response.error_code = unsupported_version;
    append(ApiVersionsResponse::info, &response, 0, frame);
}

}  // namespace yardstick
