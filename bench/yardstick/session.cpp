// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

namespace yardstick {

using kafka::protocol::FetchRequest;

std::size_t Fetching::index(const std::string& name, const kafka::Uuid& uuid) {
    for (std::size_t i = 0; i < topics_.size(); ++i)
        if (topics_[i].name == name && topics_[i].id == uuid) return i;
    topics_.push_back({name, uuid});
    return topics_.size() - 1;
}

void Fetching::add(std::size_t topic, const FetchRequest::Partition& asked) {
    auto& row = rows_.emplace_back();
    row.topic = topic;
    row.partition = asked.partition;
    row.offset = asked.fetch_offset;
    row.max_bytes = asked.partition_max_bytes;
}

void Fetching::replace(const FetchRequest& request) {
    topics_.clear();
    rows_.clear();
    places_.clear();
    first = 0;
    for (const auto& topic : request.topics) {
        const auto at = index(topic.topic, topic.topic_id);
        for (const auto& asked : topic.partitions)
            add(at, asked);
    }
}

void Fetching::change(const FetchRequest& request) {
    if (places_.empty()) {
        for (std::size_t i = 0; i < rows_.size(); ++i)
            places_[{rows_[i].topic, rows_[i].partition}] = i;
    }
    for (const auto& topic : request.topics) {
        const auto at = index(topic.topic, topic.topic_id);
        for (const auto& asked : topic.partitions) {
            const auto [place, added] = places_.try_emplace({at, asked.partition}, rows_.size());
            if (added) {
                add(at, asked);
                continue;
            }
            auto& row = rows_[place->second];
            row.offset = asked.fetch_offset;
            row.max_bytes = asked.partition_max_bytes;
            if (std::exchange(row.forgotten, false)) row.told = -1;
        }
    }
    for (const auto& topic : request.forgotten_topics_data) {
        const auto at = index(topic.topic, topic.topic_id);
        for (const auto partition : topic.partitions) {
            const auto place = places_.find({at, partition});
            if (place != places_.end()) rows_[place->second].forgotten = true;
        }
    }
}

}  // namespace yardstick
