// SPDX-License-Identifier: Apache-2.0
#include "core/produce/response_check.hpp"

#include <map>
#include <string_view>
#include <utility>

namespace kafka::core {
namespace {

using protocol::ProduceRequest;
using protocol::ProduceResponse;
using Row = ProduceResponse::PartitionProduceResponse;

/// Topics are answered by name before version 13, by id from there on.
bool same_topic(const ProduceRequest::TopicProduceData& asked,
                const ProduceResponse::TopicProduceResponse& answer) {
    return answer.name.empty() ? asked.topic_id == answer.topic_id && !(asked.topic_id == Uuid{})
                               : asked.name == answer.name;
}

class Matcher {
public:
    Matcher(const ProduceRequest& request, std::span<ProduceEntry* const> entries)
        : request_(request), entries_(entries) {}

    ProduceEntry* find(const ProduceResponse::TopicProduceResponse& topic, std::int32_t partition) {
        if (at_ < entries_.size()) {
            const auto& asked = request_.topic_data[topic_];
            if (same_topic(asked, topic) && asked.partition_data[partition_].index == partition) {
                auto* entry = entries_[at_++];
                if (++partition_ == asked.partition_data.size()) {
                    ++topic_;
                    partition_ = 0;
                }
                return entry;
            }
        }
        return search(topic, partition);
    }

private:
    using Key = std::pair<std::string_view, std::int32_t>;

    ProduceEntry* search(const ProduceResponse::TopicProduceResponse& topic,
                         std::int32_t partition) {
        if (index_.empty()) {
            std::size_t i = 0;
            for (const auto& asked : request_.topic_data) {
                names_.emplace(text(asked.topic_id), asked.name);
                for (const auto& one : asked.partition_data)
                    index_.emplace(Key(asked.name, one.index), entries_[i++]);
            }
        }
        auto name = std::string_view(topic.name);
        if (name.empty()) {
            const auto known = names_.find(text(topic.topic_id));
            if (topic.topic_id == Uuid{} || known == names_.end()) return nullptr;
            name = known->second;
        }
        const auto found = index_.find(Key(name, partition));
        return found == index_.end() ? nullptr : found->second;
    }
    static std::string_view text(const Uuid& id) noexcept {
        return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
    }

    const ProduceRequest& request_;
    const std::span<ProduceEntry* const> entries_;
    std::size_t at_ = 0;  // where the next row is expected: the entry, its topic, its place there
    std::size_t topic_ = 0;
    std::size_t partition_ = 0;
    std::map<Key, ProduceEntry*> index_;
    std::map<std::string_view, std::string_view> names_;  // of ids
};

}  // namespace

OddRows match_rows(const ProduceRequest& request, std::span<ProduceEntry* const> entries,
                   const ProduceResponse& response) {
    OddRows odd;
    for (auto* entry : entries) {
        entry->answer = nullptr;
        entry->answer_twice = false;
    }
    Matcher matcher(request, entries);
    for (const auto& topic : response.responses) {
        for (const auto& row : topic.partition_responses) {
            auto* entry = matcher.find(topic, row.index);
            if (!entry) {
                ++odd.strangers;
            } else if (!entry->answer) {
                entry->answer = &row;
            } else {
                ++odd.repeated;
                const auto& first = *entry->answer;
                entry->answer_twice |=
                    first.error_code != row.error_code || first.base_offset != row.base_offset;
            }
        }
    }
    return odd;
}

}  // namespace kafka::core
