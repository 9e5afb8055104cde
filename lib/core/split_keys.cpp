// SPDX-License-Identifier: Apache-2.0
// Requests for groups and transactions by their ids: one part for each coordinator. And
// FindCoordinator, whose older versions take one key at a time.
#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include <kafka/protocol/add_partitions_to_txn.hpp>
#include <kafka/protocol/consumer_group_describe.hpp>
#include <kafka/protocol/delete_groups.hpp>
#include <kafka/protocol/describe_groups.hpp>
#include <kafka/protocol/describe_share_group_offsets.hpp>
#include <kafka/protocol/describe_transactions.hpp>
#include <kafka/protocol/find_coordinator.hpp>
#include <kafka/protocol/offset_commit.hpp>
#include <kafka/protocol/offset_fetch.hpp>
#include <kafka/protocol/share_group_describe.hpp>
#include <kafka/protocol/streams_group_describe.hpp>
#include <kafka/protocol/txn_offset_commit.hpp>

#include "core/split.hpp"

namespace kafka::core {
namespace {

using namespace protocol;

template <class M>
auto& keys_of(M& request) {
    if constexpr (requires { request.groups_names; })
        return request.groups_names;
    else if constexpr (requires { request.group_ids; })
        return request.group_ids;
    else if constexpr (requires { request.transactional_ids; })
        return request.transactional_ids;
    else
        return request.groups;
}
template <class M>
auto& results_of(M& response) {
    if constexpr (requires { response.results; })
        return response.results;
    else if constexpr (requires { response.transaction_states; })
        return response.transaction_states;
    else
        return response.groups;
}
// Of an item of either.
template <class T>
auto& key_of(T& item) {
    if constexpr (requires { item.group_id; })
        return item.group_id;
    else if constexpr (requires { item.transactional_id; })
        return item.transactional_id;
    else
        return item;
}

template <class R>
struct Keys {
    using Response = typename R::response_type;

    static const R& in(const void* p) { return *static_cast<const R*>(p); }
    static Response& out(void* p) { return *static_cast<Response*>(p); }

    static std::shared_ptr<R> shell(const R& request) {
        auto copy = std::make_shared<R>(request);
        keys_of(*copy).clear();
        return copy;
    }
    static void add_error(Response& response, const std::string& key, std::int16_t code) {
        auto& result = results_of(response).emplace_back();
        key_of(result) = key;
        result.error_code = code;
    }

    static Cut cut(const Request& whole, Placer& placer, void* response) {
        const auto& request = in(whole.get());
        Cut result;
        std::vector<Placer::Place> places;
        for (const auto& item : keys_of(request)) {
            places.push_back(placer.coordinator(key_of(item)));
            result.wait |= places.back().error == 0 && places.back().broker == Placer::unknown;
        }
        if (result.wait) return result;
        const bool one = std::all_of(places.begin(), places.end(), [&](const auto& place) {
            return place.error == 0 && place.broker == places.front().broker;
        });
        if (one) {
            result.parts.push_back(
                {places.empty() ? Placer::anywhere : places.front().broker, whole});
            return result;
        }
        std::map<std::int32_t, std::shared_ptr<R>> parts;
        std::size_t at = 0;
        for (const auto& item : keys_of(request)) {
            const auto& place = places[at++];
            if (place.error != 0) {
                result.refused = true;
                add_error(out(response), key_of(item), place.error);
                continue;
            }
            auto& part = parts[place.broker];
            if (!part) part = shell(request);
            keys_of(*part).push_back(item);
        }
        for (auto& [broker, part] : parts)
            result.parts.push_back({broker, std::move(part)});
        return result;
    }

    static void merge(void* into_, void* from_) {
        auto &into = out(into_), &from = out(from_);
        into.throttle_time_ms = std::max(into.throttle_time_ms, from.throttle_time_ms);
        for (auto& result : results_of(from))
            results_of(into).push_back(std::move(result));
    }

    static Request take_failed(Destination to, const void* request, void* response,
                               std::int16_t& code) {
        std::set<std::string> failed;
        auto& results = results_of(out(response));
        for (const auto& result : results)
            if (is_wrong_place(to, result.error_code)) {
                if (code == 0) code = result.error_code;
                failed.insert(key_of(result));
            }
        if (failed.empty()) return nullptr;
        auto again = shell(in(request));
        std::set<std::string> taken;
        for (const auto& item : keys_of(in(request)))
            if (failed.count(key_of(item)) > 0) {
                keys_of(*again).push_back(item);
                taken.insert(key_of(item));
            }
        if (taken.empty()) return nullptr;
        std::erase_if(results, [&](const auto& r) { return taken.count(key_of(r)) > 0; });
        return again;
    }

    static void refuse(const void* request, void* response, std::int16_t code) {
        for (const auto& item : keys_of(in(request)))
            add_error(out(response), key_of(item), code);
    }

    static Splitter splitter(std::int16_t key) {
        return {key, nullptr, cut, merge, take_failed, refuse};
    }
};

// Newer versions of requests for offsets name topics by their ids alone (KIP-848): a request that
// names them by name is sent in the form that has names. These are the last with them.
constexpr std::int16_t commit_with_names = 9;
constexpr std::int16_t fetch_with_names = 9;
constexpr std::int16_t transaction_commit_with_names = 5;

template <class Topics>
bool have_ids(const Topics& topics) {
    return !topics.empty() && std::none_of(topics.begin(), topics.end(), [](const auto& topic) {
        return topic.topic_id.is_zero();
    });
}

// OffsetFetch before v8 is for one group, named at the top.
struct Offsets : Keys<OffsetFetchRequest> {
    static constexpr std::int16_t first_with_groups = 8;

    static std::shared_ptr<OffsetFetchRequest> with_groups(const OffsetFetchRequest& request) {
        auto copy = std::make_shared<OffsetFetchRequest>();
        copy->require_stable = request.require_stable;
        auto& group = copy->groups.emplace_back();
        group.group_id = request.group_id;
        if (!request.topics) group.topics.reset();
        if (request.topics)
            for (const auto& topic : *request.topics)
                group.topics->push_back(
                    {.name = topic.name, .partition_indexes = topic.partition_indexes});
        return copy;
    }

    static std::int16_t newest(const void* p) {
        const auto& groups = in(p).groups;
        const bool ids =
            !groups.empty() && std::all_of(groups.begin(), groups.end(), [](const auto& group) {
                return group.topics && have_ids(*group.topics);
            });
        return ids ? std::numeric_limits<std::int16_t>::max() : fetch_with_names;
    }

    static Cut cut(const Request& whole, Placer& placer, void* response) {
        const auto& request = in(whole.get());
        if (!request.groups.empty() || request.group_id.empty())
            return Keys::cut(whole, placer, response);
        // In the old form: one group, and fit() turns the form.
        Cut result;
        const auto place = placer.coordinator(request.group_id);
        result.wait = place.error == 0 && place.broker == Placer::unknown;
        if (result.wait) return result;
        if (place.error != 0) {
            out(response).error_code = place.error;
            result.refused = true;
        } else {
            result.parts.push_back({place.broker, whole});
        }
        return result;
    }
    static std::vector<Request> fit(const void* p, std::int16_t version) {
        const auto& request = in(p);
        std::vector<Request> fitting;
        if (version >= first_with_groups) {
            if (request.groups.empty() && !request.group_id.empty())
                fitting.push_back(with_groups(request));
            return fitting;
        }
        for (const auto& group : request.groups) {
            auto one = std::make_shared<OffsetFetchRequest>();
            one->require_stable = request.require_stable;
            one->group_id = group.group_id;
            if (!group.topics) one->topics.reset();
            if (group.topics)
                for (const auto& topic : *group.topics)
                    one->topics->push_back(
                        {.name = topic.name, .partition_indexes = topic.partition_indexes});
            fitting.push_back(std::move(one));
        }
        return fitting;
    }
    // Both forms hold the answer for one group, so that it is where its user looks for it.
    static void complete(const void* p, void* r, std::int16_t version) {
        const auto& request = in(p);
        auto& response = out(r);
        if (version < first_with_groups) {
            auto& group = response.groups.emplace_back();
            group.group_id = request.group_id;
            group.error_code = response.error_code;
            for (const auto& topic : response.topics) {
                auto& to = group.topics.emplace_back();
                to.name = topic.name;
                for (const auto& from : topic.partitions)
                    to.partitions.push_back({from.partition_index, from.committed_offset,
                                             from.committed_leader_epoch, from.metadata,
                                             from.error_code});
            }
        } else if (response.groups.size() == 1) {
            response.error_code = response.groups.front().error_code;
            for (const auto& topic : response.groups.front().topics) {
                auto& to = response.topics.emplace_back();
                to.name = topic.name;
                for (const auto& from : topic.partitions)
                    to.partitions.push_back({from.partition_index, from.committed_offset,
                                             from.committed_leader_epoch, from.metadata,
                                             from.error_code});
            }
        }
    }
    static Request take_failed(Destination to, const void* p, void* r, std::int16_t& code) {
        const auto& request = in(p);
        if (!request.group_id.empty()) {  // the old form: all of it
            if (!is_wrong_place(to, out(r).error_code)) return nullptr;
            code = out(r).error_code;
            out(r) = {};
            return std::make_shared<OffsetFetchRequest>(request);
        }
        auto again = Keys::take_failed(to, p, r, code);
        if (again) out(r).topics.clear(), out(r).error_code = 0;
        return again;
    }
    static void merge(void* into_, void* from_) {
        auto &into = out(into_), &from = out(from_);
        Keys::merge(&into, &from);
        into.topics.clear();  // the old form is for one group
        into.error_code = 0;
    }
    static void refuse(const void* p, void* response, std::int16_t code) {
        const auto& request = in(p);
        if (!request.group_id.empty() && request.groups.empty())
            add_error(out(response), request.group_id, code);
        Keys::refuse(p, response, code);
    }
};

// FindCoordinator before v4 is for one key. It goes to any broker; only its form changes.
struct Find {
    using R = FindCoordinatorRequest;
    static constexpr std::int16_t first_with_keys = 4;

    static const R& in(const void* p) { return *static_cast<const R*>(p); }
    static FindCoordinatorResponse& out(void* p) {
        return *static_cast<FindCoordinatorResponse*>(p);
    }

    static Cut cut(const Request& whole, Placer&, void*) {
        Cut result;
        result.parts.push_back({Placer::anywhere, whole});
        return result;
    }
    static void merge(void* into_, void* from_) {
        auto &into = out(into_), &from = out(from_);
        into.throttle_time_ms = std::max(into.throttle_time_ms, from.throttle_time_ms);
        for (auto& row : from.coordinators)
            into.coordinators.push_back(std::move(row));
    }
    static Request take_failed(Destination, const void*, void*, std::int16_t&) { return nullptr; }
    static void refuse(const void* p, void* r, std::int16_t code) {
        const auto add = [&](const std::string& key) {
            out(r).coordinators.push_back(
                {.key = key, .node_id = -1, .port = -1, .error_code = code});
        };
        for (const auto& key : in(p).coordinator_keys)
            add(key);
        if (in(p).coordinator_keys.empty()) add(in(p).key);
    }
    static std::vector<Request> fit(const void* p, std::int16_t version) {
        const auto& request = in(p);
        std::vector<Request> fitting;
        if (version >= first_with_keys) {
            if (request.coordinator_keys.empty() && !request.key.empty()) {
                auto turned = std::make_shared<R>();
                turned->key_type = request.key_type;
                turned->coordinator_keys = {request.key};
                fitting.push_back(std::move(turned));
            }
            return fitting;
        }
        for (const auto& key : request.coordinator_keys) {
            auto one = std::make_shared<R>();
            one->key_type = request.key_type;
            one->key = key;
            fitting.push_back(std::move(one));
        }
        return fitting;
    }
    static void complete(const void* p, void* r, std::int16_t version) {
        auto& response = out(r);
        if (version < first_with_keys) {
            response.coordinators.push_back({.key = in(p).key,
                                             .node_id = response.node_id,
                                             .host = response.host,
                                             .port = response.port,
                                             .error_code = response.error_code,
                                             .error_message = response.error_message});
        } else if (response.coordinators.size() == 1) {
            const auto& row = response.coordinators.front();
            response.node_id = row.node_id;
            response.host = row.host;
            response.port = row.port;
            response.error_code = row.error_code;
            response.error_message = row.error_message;
        }
    }
};

// AddPartitionsToTxn from v4 on is for brokers, which name many transactions at once; a client's
// form is that of v3.
struct TxnPartitions {
    static const AddPartitionsToTxnRequest& in(const void* p) {
        return *static_cast<const AddPartitionsToTxnRequest*>(p);
    }
    static bool separable(const void*) { return false; }
    static Cut cut(const Request& whole, Placer& placer, void*) {
        const auto& request = in(whole.get());
        Cut result;
        const auto add = [&](std::string_view id) {
            const auto place = placer.coordinator(id);
            const auto broker = place.broker;
            if (result.error == 0) result.error = place.error;
            result.wait |= place.error == 0 && broker == Placer::unknown;
            if (std::none_of(result.parts.begin(), result.parts.end(),
                             [&](const auto& part) { return part.broker == broker; }))
                result.parts.push_back({broker, whole});
        };
        for (const auto& transaction : request.transactions)
            add(transaction.transactional_id);
        if (request.transactions.empty()) add(request.v3_and_below_transactional_id);
        return result;
    }
    static void merge(void*, void*) {}
    static Request take_failed(Destination, const void*, void*, std::int16_t&) { return nullptr; }
    static void refuse(const void*, void*, std::int16_t) {}
    static std::int16_t newest(const void* request) {
        return in(request).transactions.empty() ? std::int16_t{3}
                                                : std::numeric_limits<std::int16_t>::max();
    }
};

constexpr auto any_version = std::numeric_limits<std::int16_t>::max();

}  // namespace

std::int16_t newest_version(std::int16_t api_key, const void* request) noexcept {
    if (api_key == OffsetCommitRequest::info.api_key)
        return have_ids(static_cast<const OffsetCommitRequest*>(request)->topics)
                   ? any_version
                   : commit_with_names;
    if (api_key == TxnOffsetCommitRequest::info.api_key)
        return have_ids(static_cast<const TxnOffsetCommitRequest*>(request)->topics)
                   ? any_version
                   : transaction_commit_with_names;
    const auto* splitter = find_splitter(api_key);
    return splitter && splitter->newest ? splitter->newest(request) : any_version;
}

std::span<const Splitter> key_splitters() noexcept {
    static const Splitter splitters[] = {
        {9, nullptr, Offsets::cut, Offsets::merge, Offsets::take_failed, Offsets::refuse,
         Offsets::newest, Offsets::fit, Offsets::complete},
        {10, nullptr, Find::cut, Find::merge, Find::take_failed, Find::refuse, nullptr, Find::fit,
         Find::complete},
        Keys<DescribeGroupsRequest>::splitter(15),
        {24, TxnPartitions::separable, TxnPartitions::cut, TxnPartitions::merge,
         TxnPartitions::take_failed, TxnPartitions::refuse, TxnPartitions::newest},
        Keys<DeleteGroupsRequest>::splitter(42),
        Keys<DescribeTransactionsRequest>::splitter(65),
        Keys<ConsumerGroupDescribeRequest>::splitter(69),
        Keys<ShareGroupDescribeRequest>::splitter(77),
        Keys<StreamsGroupDescribeRequest>::splitter(89),
        Keys<DescribeShareGroupOffsetsRequest>::splitter(90),
    };
    return splitters;
}

}  // namespace kafka::core
