// SPDX-License-Identifier: Apache-2.0
// Requests for partitions: one part for each leader.
#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <type_traits>
#include <unordered_map>

#include <kafka/protocol/delete_records.hpp>
#include <kafka/protocol/describe_producers.hpp>
#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/list_offsets.hpp>
#include <kafka/protocol/offset_for_leader_epoch.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/record_batch.hpp>
#include <kafka/protocol/share_acknowledge.hpp>
#include <kafka/protocol/share_fetch.hpp>
#include <kafka/protocol/write_txn_markers.hpp>

#include "core/split.hpp"

namespace kafka::core {
namespace {

using namespace protocol;

// How each message spells the same things. Overloads: one a spelling.

template <class M>
auto& topics_of(M& message) {
    if constexpr (requires { message.topic_data; })
        return message.topic_data;
    else if constexpr (requires { message.responses; })
        return message.responses;
    else
        return message.topics;
}
template <class T>
auto& items_of(T& topic) {
    if constexpr (requires { topic.partition_data; })
        return topic.partition_data;
    else if constexpr (requires { topic.partition_responses; })
        return topic.partition_responses;
    else if constexpr (requires { topic.partition_indexes; })
        return topic.partition_indexes;
    else
        return topic.partitions;
}
template <class P>
auto& number_of(P& item) {
    if constexpr (std::is_integral_v<std::remove_const_t<P>>)
        return item;
    else if constexpr (requires { item.partition_index; })
        return item.partition_index;
    else if constexpr (requires { item.index; })
        return item.index;
    else
        return item.partition;
}
template <class T>
std::string_view name_of(const T& topic) {
    if constexpr (requires { topic.name; })
        return topic.name;
    else if constexpr (requires { topic.topic; })
        return topic.topic;
    else
        return {};
}
template <class T>
Uuid id_of(const T& topic) {
    if constexpr (requires { topic.topic_id; })
        return topic.topic_id;
    else
        return {};
}
template <class T>
void set_topic(T& topic, std::string_view name, const Uuid& id) {
    if constexpr (requires { topic.name; })
        topic.name = name;
    else if constexpr (requires { topic.topic; })
        topic.topic = name;
    if constexpr (requires { topic.topic_id; }) topic.topic_id = id;
}
// By name where both have one, otherwise by id.
template <class A, class B>
bool same_topic(const A& a, const B& b) {
    if (!name_of(a).empty() && !name_of(b).empty()) return name_of(a) == name_of(b);
    if (!id_of(a).is_zero() || !id_of(b).is_zero()) return id_of(a) == id_of(b);
    return name_of(a) == name_of(b);
}
template <class T>
std::string key_of(const T& topic) {
    const auto id = id_of(topic);
    std::string key(name_of(topic));
    if (key.empty()) key.assign(id.bytes.begin(), id.bytes.end());
    return key;
}
// Items come topic by topic: the last one is the one to look at.
template <class Topics, class Like>
auto& last_like(Topics& topics, const Like& like) {
    if (!topics.empty() && same_topic(topics.back(), like)) return topics.back();
    auto& topic = topics.emplace_back();
    set_topic(topic, std::string(name_of(like)), id_of(like));
    return topic;
}

// What a partition's answer says may not be so: a broker that stops leading while others still copy
// a record answers that it does not lead, with the offset at which it wrote the record, and the new
// leader may well have it. (Without a write the offset is -1.) Only a producer's numbers in the
// batch let brokers see the second one for what it is (KIP-98).
template <class Item, class Result>
bool may_repeat(const Item& item, const Result& result) {
    if constexpr (requires { result.base_offset, item.records; }) {
        const auto batch = item.records.bytes();
        const bool numbered = batch.size() >= batch_layout::records &&
                              batch[batch_layout::magic] == 2 &&
                              (batch[batch_layout::producer_id] & 0x80U) == 0;
        return result.base_offset < 0 || numbered;
    } else {
        return true;
    }
}

template <class R>
struct Partitions {
    using Response = typename R::response_type;
    using ResponseTopic =
        typename std::remove_cvref_t<decltype(topics_of(std::declval<Response&>()))>::value_type;
    using Result = typename std::remove_cvref_t<decltype(items_of(
        std::declval<ResponseTopic&>()))>::value_type;

    static const R& in(const void* p) { return *static_cast<const R*>(p); }
    static Response& out(void* p) { return *static_cast<Response*>(p); }

    // A copy without the topics.
    static std::shared_ptr<R> shell(const R& request) {
        auto topics = std::remove_cvref_t<decltype(topics_of(request))>();
        auto copy = std::make_shared<R>(request);
        topics_of(*copy) = std::move(topics);
        return copy;
    }
    static Result error(std::int32_t number, std::int16_t code) {
        Result result;
        number_of(result) = number;
        result.error_code = code;
        if constexpr (requires { result.base_offset; }) result.base_offset = -1;
        if constexpr (requires { result.high_watermark; }) result.high_watermark = -1;
        if constexpr (requires { result.low_watermark; }) result.low_watermark = -1;
        return result;
    }

    static Cut cut(const Request& whole, Placer& placer, void* response) {
        const auto& request = in(whole.get());
        constexpr bool has_names =
            !std::is_same_v<R, ShareFetchRequest> && !std::is_same_v<R, ShareAcknowledgeRequest>;
        Cut result;
        std::vector<Placer::Place> places;
        bool rename = false;
        for (const auto& topic : topics_of(request))
            for (const auto& item : items_of(topic)) {
                auto place = placer.partition(name_of(topic), id_of(topic), number_of(item));
                result.wait |= place.error == 0 && place.broker == Placer::unknown;
                if constexpr (requires { topic.topic_id; })
                    rename |= place.error == 0 && (place.id != topic.topic_id ||
                                                   (has_names && name_of(topic) != place.name));
                places.push_back(std::move(place));
            }
        if (result.wait) return result;
        if (places.empty()) {
            result.parts.push_back({Placer::anywhere, whole});
            return result;
        }
        const bool one = std::all_of(places.begin(), places.end(), [&](const auto& place) {
            return place.error == 0 && place.broker == places.front().broker;
        });
        if (one && !rename) {
            result.parts.push_back({places.front().broker, whole});
            return result;
        }
        std::map<std::int32_t, std::shared_ptr<R>> parts;
        std::size_t at = 0;
        for (const auto& topic : topics_of(request))
            for (const auto& item : items_of(topic)) {
                const auto& place = places[at++];
                if (place.error != 0) {
                    result.refused = true;
                    items_of(last_like(topics_of(out(response)), topic))
                        .push_back(error(number_of(item), place.error));
                    continue;
                }
                auto& part = parts[place.broker];
                if (!part) part = shell(request);
                std::remove_cvref_t<decltype(topic)> named;
                set_topic(named, place.name.empty() ? name_of(topic) : place.name, place.id);
                items_of(last_like(topics_of(*part), named)).push_back(item);
            }
        for (auto& [broker, part] : parts)
            result.parts.push_back({broker, std::move(part)});
        return result;
    }

    static void merge(void* into_, void* from_) {
        auto &into = out(into_), &from = out(from_);
        into.throttle_time_ms = std::max(into.throttle_time_ms, from.throttle_time_ms);
        if constexpr (requires { into.error_code; })
            if (into.error_code == 0) into.error_code = from.error_code;
        if constexpr (requires { into.node_endpoints; })
            for (auto& endpoint : from.node_endpoints)
                into.node_endpoints.push_back(std::move(endpoint));
        auto& topics = topics_of(into);
        std::unordered_map<std::string, std::size_t> index;
        for (std::size_t i = 0; i < topics.size(); ++i)
            index.try_emplace(key_of(topics[i]), i);
        for (auto& topic : topics_of(from)) {
            const auto [at, fresh] = index.try_emplace(key_of(topic), topics.size());
            if (fresh) {
                topics.push_back(std::move(topic));
                continue;
            }
            auto& to = items_of(topics[at->second]);
            for (auto& item : items_of(topic))
                to.push_back(std::move(item));
        }
    }

    static Request take_failed(Destination to, const void* request_, void* response,
                               std::int16_t& code) {
        const auto& request = in(request_);
        std::shared_ptr<R> again;
        auto& topics = topics_of(out(response));
        for (auto& topic : topics) {
            std::map<std::int32_t, const Result*> failed;
            std::set<std::int32_t> taken;
            for (const auto& result : items_of(topic))
                if (is_wrong_place(to, result.error_code)) failed[number_of(result)] = &result;
            if (failed.empty()) continue;
            for (const auto& asked : topics_of(request)) {
                if (!same_topic(asked, topic)) continue;
                for (const auto& item : items_of(asked)) {
                    const auto found = failed.find(number_of(item));
                    if (found == failed.end() || !may_repeat(item, *found->second)) continue;
                    if (code == 0) code = found->second->error_code;
                    if (!again) again = shell(request);
                    items_of(last_like(topics_of(*again), asked)).push_back(item);
                    taken.insert(number_of(item));
                }
            }
            std::erase_if(items_of(topic),
                          [&](const Result& result) { return taken.count(number_of(result)) > 0; });
        }
        std::erase_if(topics, [](auto& topic) { return items_of(topic).empty(); });
        return again;
    }

    static void refuse(const void* request, void* response, std::int16_t code) {
        for (const auto& topic : topics_of(in(request)))
            for (const auto& item : items_of(topic))
                items_of(last_like(topics_of(out(response)), topic))
                    .push_back(error(number_of(item), code));
    }

    // Newer versions name topics by id alone: brokers before 2.8 have none.
    static std::int16_t newest(const void* request) {
        constexpr std::int16_t last_with_names = 12;
        for (const auto& topic : topics_of(in(request)))
            if (id_of(topic).is_zero()) return last_with_names;
        return std::numeric_limits<std::int16_t>::max();
    }

    static void complete(const void* request, void* response, std::int16_t) {
        for (auto& topic : topics_of(out(response)))
            for (const auto& asked : topics_of(in(request)))
                if (same_topic(topic, asked)) {
                    const auto name = std::string(name_of(asked));
                    set_topic(topic, name, id_of(asked));
                    break;
                }
    }

    static void hints(const void* response, std::vector<LeaderHint>& found,
                      std::vector<BrokerMetadata>& endpoints) {
        constexpr auto moved = static_cast<std::int16_t>(broker_errc::not_leader_or_follower);
        constexpr auto fenced = static_cast<std::int16_t>(broker_errc::fenced_leader_epoch);
        const auto& from = *static_cast<const Response*>(response);
        for (const auto& topic : topics_of(from))
            for (const auto& item : items_of(topic))
                if (item.error_code == moved || item.error_code == fenced)
                    found.push_back({name_of(topic), id_of(topic), number_of(item),
                                     item.current_leader.leader_id,
                                     item.current_leader.leader_epoch});
        if (found.empty()) return;
        for (const auto& node : from.node_endpoints)
            if (node.port > 0 && node.port <= 65535)
                endpoints.push_back(
                    {node.node_id, node.host, static_cast<std::uint16_t>(node.port), node.rack});
    }

    // The key is not taken from R::info: that would link every message's table.
    static Splitter splitter(std::int16_t key, bool (*separable)(const void*) = nullptr) {
        constexpr bool names_and_ids =
            std::is_same_v<R, ProduceRequest> || std::is_same_v<R, FetchRequest>;
        constexpr bool says_leaders = requires(const Response& r) {
            r.node_endpoints;
        };
        Splitter s{key, separable, cut, merge, take_failed, refuse};
        if constexpr (names_and_ids) {
            s.newest = newest;
            s.complete = complete;
        }
        if constexpr (says_leaders) s.hints = hints;
        return s;
    }
};

bool never_apart(const void*) {
    return false;
}
// A Fetch in a session (KIP-227) means something to one broker only.
bool without_session(const void* request) {
    const auto& fetch = *static_cast<const FetchRequest*>(request);
    return fetch.session_id == 0 && fetch.session_epoch == -1;
}

// Markers: partitions a level deeper, and never apart: a caller sends them to one leader.
struct Markers {
    static Cut cut(const Request& whole, Placer& placer, void*) {
        Cut result;
        for (const auto& marker : static_cast<const WriteTxnMarkersRequest*>(whole.get())->markers)
            for (const auto& topic : marker.topics)
                for (const auto number : topic.partition_indexes) {
                    const auto place = placer.partition(topic.name, {}, number);
                    const auto broker = place.broker;
                    if (result.error == 0) result.error = place.error;
                    result.wait |= place.error == 0 && broker == Placer::unknown;
                    if (std::none_of(result.parts.begin(), result.parts.end(),
                                     [&](const auto& part) { return part.broker == broker; }))
                        result.parts.push_back({broker, whole});
                }
        if (result.parts.empty()) result.parts.push_back({Placer::anywhere, whole});
        return result;
    }
    static void merge(void*, void*) {}
    static Request take_failed(Destination, const void*, void*, std::int16_t&) { return nullptr; }
    static void refuse(const void*, void*, std::int16_t) {}
};

}  // namespace

std::span<const Splitter> partition_splitters() noexcept {
    static const Splitter splitters[] = {
        Partitions<ProduceRequest>::splitter(0),
        Partitions<FetchRequest>::splitter(1, without_session),
        Partitions<ListOffsetsRequest>::splitter(2),
        Partitions<DeleteRecordsRequest>::splitter(21),
        Partitions<OffsetForLeaderEpochRequest>::splitter(23),
        {27, never_apart, Markers::cut, Markers::merge, Markers::take_failed, Markers::refuse},
        Partitions<DescribeProducersRequest>::splitter(61),
        Partitions<ShareFetchRequest>::splitter(78, never_apart),
        Partitions<ShareAcknowledgeRequest>::splitter(79, never_apart),
    };
    return splitters;
}

}  // namespace kafka::core
