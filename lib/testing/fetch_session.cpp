// SPDX-License-Identifier: Apache-2.0
#include "testing/fetch_session.hpp"

#include <algorithm>
#include <limits>

namespace kafka::testing {
namespace {

constexpr std::int32_t no_session = 0;
constexpr std::int32_t initial_epoch = 0;  // asks for a new session
constexpr std::int32_t final_epoch = -1;   // wants none
constexpr int first_version_with_ids = 13;
// min.incremental.fetch.session.eviction.ms
constexpr auto idle_before_eviction = std::chrono::minutes(2);

std::int32_t next_epoch(std::int32_t epoch) {
    return epoch == std::numeric_limits<std::int32_t>::max() ? 1 : epoch + 1;
}

}  // namespace

void FetchSession::update(const protocol::FetchRequest& request) {
    for (const auto& topic : request.topics) {
        for (const auto& wanted : topic.partitions) {
            const auto known = index.find({topic.topic, topic.topic_id, wanted.partition});
            if (known != index.end()) {
                known->second->wanted = wanted;
                continue;
            }
            auto& added = partitions.emplace_back();
            added.topic = topic.topic;
            added.topic_id = topic.topic_id;
            added.wanted = wanted;
            index.emplace(Key{added.topic, added.topic_id, wanted.partition},
                          std::prev(partitions.end()));
        }
    }
    for (const auto& topic : request.forgotten_topics_data) {
        for (const auto partition : topic.partitions) {
            const auto known = index.find({topic.topic, topic.topic_id, partition});
            if (known == index.end()) continue;
            const auto at = known->second;
            index.erase(known);
            partitions.erase(at);
        }
    }
}

void FetchSession::move_to_end(std::list<FetchedPartition>::iterator at) {
    partitions.splice(partitions.end(), partitions, at);
}

FetchSessions::Found FetchSessions::find(const protocol::FetchRequest& request, int version,
                                         Now now) {
    const bool by_ids = version >= first_version_with_ids;
    const auto epoch = request.session_epoch;
    if (epoch == initial_epoch || epoch == final_epoch) {
        if (request.session_id != no_session) sessions_.erase(request.session_id);
        auto session = std::make_shared<FetchSession>();
        session->update(request);
        if (epoch == final_epoch || !make_room(now)) {
            return {broker_errc::none, std::move(session), false};
        }
        do {
            session->id = random_.positive();
        } while (sessions_.contains(session->id));
        session->by_ids = by_ids;
        session->used = now.time;
        sessions_.emplace(session->id, session);
        return {broker_errc::none, std::move(session), false};
    }
    const auto known = sessions_.find(request.session_id);
    if (known == sessions_.end()) return {broker_errc::fetch_session_id_not_found, nullptr, false};
    auto session = known->second;
    if (session->epoch != epoch) return {broker_errc::invalid_fetch_session_epoch, nullptr, false};
    if (session->by_ids != by_ids)
        return {broker_errc::fetch_session_topic_id_error, nullptr, false};
    session->update(request);
    if (session->partitions.empty()) {
        sessions_.erase(known);
        session->id = no_session;
        return {broker_errc::none, std::move(session), false};
    }
    session->used = now.time;
    session->epoch = next_epoch(session->epoch);
    return {broker_errc::none, std::move(session), true};
}

bool FetchSessions::make_room(Now now) {
    if (sessions_.size() < most_) return true;
    const auto oldest = std::min_element(
        sessions_.begin(), sessions_.end(),
        [](const auto& a, const auto& b) { return a.second->used < b.second->used; });
    if (oldest == sessions_.end() || now.time - oldest->second->used < idle_before_eviction) {
        return false;
    }
    sessions_.erase(oldest);
    return true;
}

}  // namespace kafka::testing
