// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "testing/handlers.hpp"
#include "testing/parked_fetch.hpp"

namespace kafka::testing {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;

constexpr int first_version_from_followers = 11;  // KIP-392
constexpr int first_version_with_ids = 13;        // KIP-516
constexpr int first_version_with_hints = 16;      // KIP-951
constexpr std::int32_t consumer = -1, debugging_consumer = -2;

void refuse(FetchResponse::PartitionData& data, broker_errc error) {
    static constexpr std::uint8_t nothing = 0;
    data.error_code = code(error);
    data.high_watermark = -1;
    data.records = Slice(&nothing, 0);
}

// As Kafka: an exception that nobody foresaw.
Done refuse_all(const FetchRequest& request, broker_errc error, FetchResponse& response) {
    response.error_code = code(error);
    for (const auto& topic : request.topics) {
        auto& answered = response.responses.emplace_back();
        answered.topic = topic.topic;
        answered.topic_id = topic.topic_id;
        for (const auto& wanted : topic.partitions) {
            auto& data = answered.partitions.emplace_back();
            data.partition_index = wanted.partition;
            refuse(data, error);
        }
    }
    return Done::answered;
}

}  // namespace

Topic* ParkedFetch::find(Cluster& cluster, const FetchedPartition& fetched) const {
    return version >= first_version_with_ids ? cluster.find(fetched.topic_id)
                                             : cluster.find(fetched.topic);
}

std::vector<Partition*> ParkedFetch::partitions(Cluster& cluster) const {
    std::vector<Partition*> found;
    for (const auto& fetched : session->partitions) {
        auto* topic = find(cluster, fetched);
        auto* partition = topic ? topic->partition(fetched.wanted.partition) : nullptr;
        if (partition) found.push_back(partition);
    }
    return found;
}

broker_errc ParkedFetch::check(const Call& call, const Partition& partition,
                               const FetchRequest::Partition& wanted) const {
    if (!partition.has_replica(call.broker())) return broker_errc::not_leader_or_follower;
    if (const auto error = check_epoch(partition, wanted.current_leader_epoch);
        error != broker_errc::none) {
        return error;
    }
    const bool reads_followers =
        (replica_id == consumer && version >= first_version_from_followers) ||
        replica_id == debugging_consumer;
    if (!partition.leads(call.broker()) && !reads_followers) {
        return broker_errc::not_leader_or_follower;
    }
    // Nobody but consumers fetches here: the replicas share one log.
    if (replica_id >= 0) return broker_errc::not_leader_or_follower;
    if (wanted.fetch_offset < partition.log.start_offset() ||
        wanted.fetch_offset > partition.log.end_offset()) {
        return broker_errc::offset_out_of_range;
    }
    if (wanted.partition_max_bytes < 0 || max_bytes < 0) return broker_errc::unknown_server_error;
    return broker_errc::none;
}

void ParkedFetch::read_one(Call& call, const Topic& topic, Partition& partition,
                           const FetchRequest::Partition& wanted, Sum& sum,
                           FetchResponse::PartitionData& data) {
    // Clients of that age cannot read what such a topic holds (KIP-110).
    if (topic.config.compression == Compression::zstd && version < 10) {
        return refuse(data, broker_errc::unsupported_compression_type);
    }
    const auto& log = partition.log;
    const auto forced = call.core.forced_error(call.connection, topic.name, partition.index);
    if (forced) {
        sum.urgent = true;
        data.aborted_transactions.reset();
        return refuse(data, *forced);
    }
    auto error = check(call, partition, wanted);
    if (error == broker_errc::none && version >= 12 && wanted.last_fetched_epoch >= 0) {
        const auto end = log.end_of_epoch(wanted.last_fetched_epoch);
        if (!end) {
            error = broker_errc::offset_out_of_range;
        } else if (end->epoch < wanted.last_fetched_epoch ||
                   end->start_offset < wanted.fetch_offset) {
            data.diverging_epoch.epoch = end->epoch;
            data.diverging_epoch.end_offset = end->start_offset;
        }
    }
    if (error != broker_errc::none) {
        sum.urgent = true;
        data.aborted_transactions.reset();
        return refuse(data, error);
    }
    data.high_watermark = log.end_offset();
    data.last_stable_offset = partition.last_stable_offset();
    data.log_start_offset = log.start_offset();
    if (!committed_only) data.aborted_transactions.reset();
    if (data.diverging_epoch.epoch >= 0) {
        sum.urgent = true;
        return refuse(data, broker_errc::none);
    }
    const auto room = std::max<std::int64_t>(max_bytes - sum.bytes, 0);
    const auto limit = std::min<std::int64_t>(wanted.partition_max_bytes, room);
    // KIP-74: the first batch goes out whatever its size, or a client would be stuck.
    data.records = log.read(wanted.fetch_offset, static_cast<std::size_t>(limit), sum.bytes == 0,
                            committed_only ? data.last_stable_offset : INT64_MAX);
    sum.bytes += static_cast<std::int64_t>(data.records.size());
    if (!committed_only || data.records.empty()) return;
    const auto end = log.end_of_read(wanted.fetch_offset, data.records.size());
    for (const auto& aborted : partition.producers.aborted(wanted.fetch_offset, end)) {
        auto& row = data.aborted_transactions->emplace_back();
        row.producer_id = aborted.producer_id;
        row.first_offset = aborted.first_offset;
    }
}

ParkedFetch::Sum ParkedFetch::read_all(Call& call, std::vector<Read>& reads,
                                       FetchResponse& response) {
    Sum sum;
    auto& all = session->partitions;
    for (auto at = all.begin(); at != all.end(); ++at) {
        auto& read = reads.emplace_back(Read{at, {}});
        auto& data = read.data;
        data.partition_index = at->wanted.partition;
        auto* topic = find(call.cluster, *at);
        auto* partition = topic ? topic->partition(at->wanted.partition) : nullptr;
        if (!partition) {
            refuse(data, !topic && version >= first_version_with_ids
                             ? broker_errc::unknown_topic_id
                             : broker_errc::unknown_topic_or_partition);
            continue;
        }
        ++sum.readable;
        read_one(call, *topic, *partition, at->wanted, sum, data);
        const bool stale = data.error_code == code(broker_errc::not_leader_or_follower) ||
                           data.error_code == code(broker_errc::fenced_leader_epoch);
        if (stale && version >= first_version_with_hints) {
            hint_at_leader(call, *partition, data.current_leader, response.node_endpoints);
        }
    }
    return sum;
}

// In an incremental answer only what is new is told; errors are told again and again.
bool ParkedFetch::worth_telling(Read& read) {
    auto& known = *read.from;
    const auto& data = read.data;
    const bool changed = known.high_watermark != data.high_watermark ||
                         known.log_start_offset != data.log_start_offset;
    known.high_watermark = data.error_code == 0 ? data.high_watermark : -1;
    known.log_start_offset = data.log_start_offset;
    return !incremental || changed || !data.records.empty() || data.error_code != 0 ||
           data.diverging_epoch.epoch >= 0;
}

bool ParkedFetch::complete(BrokerCore& core, Connection& connection, Now now) {
    Call call{core, core.cluster(), connection, version, correlation_id, now};
    FetchResponse response;
    std::vector<Read> reads;
    const auto sum = read_all(call, reads, response);
    const bool gone = readable_before_ != SIZE_MAX && sum.readable != readable_before_;
    readable_before_ = sum.readable;
    const bool enough = sum.urgent || gone || sum.readable == 0 || sum.bytes >= min_bytes;
    if (!enough && now.time < deadline) return false;

    for (auto& read : reads) {
        if (!worth_telling(read)) continue;
        const auto& from = *read.from;
        auto& topics = response.responses;
        if (topics.empty() || topics.back().topic != from.topic ||
            topics.back().topic_id != from.topic_id) {
            auto& topic = topics.emplace_back();
            topic.topic = from.topic;
            topic.topic_id = from.topic_id;
        }
        const bool moves = incremental && !read.data.records.empty();
        topics.back().partitions.push_back(std::move(read.data));
        if (moves) session->move_to_end(read.from);
    }
    response.session_id = session->id;
    core.answer(connection, correlation_id, FetchResponse::info, &response, version, now);
    return true;
}

Done fetch(Call& call, const FetchRequest& request, FetchResponse& response) {
    if (request.isolation_level < 0 || request.isolation_level > 1) {
        return refuse_all(request, broker_errc::unknown_server_error, response);
    }
    auto found = call.core.sessions(call.broker()).find(request, call.version, call.now);
    if (found.error != broker_errc::none) {
        response.error_code = code(found.error);
        return Done::answered;
    }
    auto fetch = std::make_unique<ParkedFetch>();
    fetch->version = call.version;
    fetch->correlation_id = call.correlation_id;
    fetch->replica_id = call.version >= 15 ? request.replica_state.replica_id : request.replica_id;
    fetch->max_bytes = std::min(request.max_bytes, call.cluster.options().fetch_max_bytes);
    fetch->min_bytes = std::min<std::int64_t>(request.min_bytes, fetch->max_bytes);
    fetch->committed_only = request.isolation_level == 1;
    fetch->incremental = found.incremental;
    fetch->session = std::move(found.session);
    fetch->deadline = call.now.time + std::chrono::milliseconds(std::max(request.max_wait_ms, 0));
    if (fetch->complete(call.core, call.connection, call.now)) return Done::silent;
    call.core.park(call.connection, std::move(fetch));
    return Done::parked;
}

}  // namespace kafka::testing
