// SPDX-License-Identifier: Apache-2.0
// Requests to all brokers, whose lists become one, and requests for resources, some of which name
// a broker.
#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include <kafka/protocol/alter_configs.hpp>
#include <kafka/protocol/describe_configs.hpp>
#include <kafka/protocol/incremental_alter_configs.hpp>
#include <kafka/protocol/list_groups.hpp>
#include <kafka/protocol/list_transactions.hpp>

#include "core/split.hpp"

namespace kafka::core {
namespace {

using namespace protocol;

template <class R>
struct Lists {
    using Response = typename R::response_type;
    static Response& out(void* p) { return *static_cast<Response*>(p); }
    static auto& rows(Response& response) {
        if constexpr (requires { response.groups; })
            return response.groups;
        else
            return response.transaction_states;
    }
    template <class Row>
    static const std::string& id(const Row& row) {
        if constexpr (requires { row.group_id; })
            return row.group_id;
        else
            return row.transactional_id;
    }

    // Where it goes is all brokers; that is no matter of its content.
    static Cut cut(const Request& whole, Placer&, void*) {
        Cut result;
        result.parts.push_back({Placer::anywhere, whole});
        return result;
    }
    // While a coordinator moves, two brokers list what it holds: the first one counts.
    static void merge(void* into_, void* from_) {
        auto &into = out(into_), &from = out(from_);
        into.throttle_time_ms = std::max(into.throttle_time_ms, from.throttle_time_ms);
        if (into.error_code == 0) into.error_code = from.error_code;
        if constexpr (requires { into.unknown_state_filters; })
            for (auto& filter : from.unknown_state_filters)
                if (std::find(into.unknown_state_filters.begin(), into.unknown_state_filters.end(),
                              filter) == into.unknown_state_filters.end())
                    into.unknown_state_filters.push_back(std::move(filter));
        std::set<std::string> known;
        for (const auto& row : rows(into))
            known.insert(id(row));
        for (auto& row : rows(from))
            if (known.insert(id(row)).second) rows(into).push_back(std::move(row));
    }
    static Request take_failed(Destination to, const void* request, void* response,
                               std::int16_t& code) {
        if (!is_wrong_place(to, out(response).error_code)) return nullptr;
        code = out(response).error_code;
        out(response) = {};
        return std::make_shared<R>(*static_cast<const R*>(request));
    }
    static void refuse(const void*, void* response, std::int16_t code) {
        if (out(response).error_code == 0) out(response).error_code = code;
    }
    static Splitter splitter(std::int16_t key) {
        return {key, nullptr, cut, merge, take_failed, refuse};
    }
};

// ConfigResource.Type of Apache: these name a broker by its id; an empty name means all of them.
constexpr std::int8_t broker_type = 4;
constexpr std::int8_t broker_logger_type = 8;

template <class R>
struct Resources {
    using Response = typename R::response_type;
    static const R& in(const void* p) { return *static_cast<const R*>(p); }
    static Response& out(void* p) { return *static_cast<Response*>(p); }
    static auto& rows(Response& response) {
        if constexpr (requires { response.results; })
            return response.results;
        else
            return response.responses;
    }
    template <class Resource>
    static void add_error(Response& response, const Resource& resource, std::int16_t code) {
        auto& row = rows(response).emplace_back();
        row.error_code = code;
        row.error_message.reset();
        row.resource_type = resource.resource_type;
        row.resource_name = resource.resource_name;
    }

    static Cut cut(const Request& whole, Placer& placer, void* response) {
        Cut result;
        std::map<std::int32_t, std::shared_ptr<R>> parts;
        for (const auto& resource : in(whole.get()).resources) {
            Placer::Place place{Placer::anywhere};
            if ((resource.resource_type == broker_type ||
                 resource.resource_type == broker_logger_type) &&
                !resource.resource_name.empty())
                place = placer.broker(resource.resource_name);
            result.wait |= place.error == 0 && place.broker == Placer::unknown;
            if (place.error != 0) {
                result.refused = true;
                add_error(out(response), resource, place.error);
                continue;
            }
            auto& part = parts[place.broker];
            if (!part) {
                part = std::make_shared<R>(in(whole.get()));
                part->resources.clear();
            }
            part->resources.push_back(resource);
        }
        if (parts.empty() && !result.refused) parts[Placer::anywhere] = nullptr;
        const bool one = parts.size() == 1 && !result.refused;
        for (auto& [broker, part] : parts)
            result.parts.push_back({broker, one ? whole : Request(std::move(part))});
        return result;
    }
    static void merge(void* into_, void* from_) {
        auto &into = out(into_), &from = out(from_);
        into.throttle_time_ms = std::max(into.throttle_time_ms, from.throttle_time_ms);
        for (auto& row : rows(from))
            rows(into).push_back(std::move(row));
    }
    static Request take_failed(Destination, const void*, void*, std::int16_t&) { return nullptr; }
    static void refuse(const void* request, void* response, std::int16_t code) {
        for (const auto& resource : in(request).resources)
            add_error(out(response), resource, code);
    }
    static Splitter splitter(std::int16_t key) {
        return {key, nullptr, cut, merge, take_failed, refuse};
    }
};

}  // namespace

std::span<const Splitter> list_splitters() noexcept {
    static const Splitter splitters[] = {
        Lists<ListGroupsRequest>::splitter(16),
        Resources<DescribeConfigsRequest>::splitter(32),
        Resources<AlterConfigsRequest>::splitter(33),
        Resources<IncrementalAlterConfigsRequest>::splitter(44),
        Lists<ListTransactionsRequest>::splitter(66),
    };
    return splitters;
}

}  // namespace kafka::core
