// SPDX-License-Identifier: Apache-2.0
#include "core/versions.hpp"

#include <algorithm>
#include <string>

namespace kafka::core {
namespace {

std::string text(protocol::VersionRange range) {
    auto out = 'v' + std::to_string(range.min);
    if (range.max != range.min) out += "-v" + std::to_string(range.max);
    return out;
}

}  // namespace

VersionTable::VersionTable(const protocol::ApiVersionsResponse& response) {
    rows_.reserve(response.api_keys.size());
    for (const auto& key : response.api_keys)
        if (const protocol::VersionRange range{key.min_version, key.max_version}; !range.empty())
            rows_.push_back({key.api_key, range});
    std::stable_sort(rows_.begin(), rows_.end(),
                     [](const Row& a, const Row& b) { return a.key < b.key; });
    rows_.erase(std::unique(rows_.begin(), rows_.end(),
                            [](const Row& a, const Row& b) { return a.key == b.key; }),
                rows_.end());
}

protocol::VersionRange VersionTable::find(std::int16_t api_key) const noexcept {
    const auto at =
        std::lower_bound(rows_.begin(), rows_.end(), api_key,
                         [](const Row& row, std::int16_t key) { return row.key < key; });
    return at != rows_.end() && at->key == api_key ? at->range : protocol::VersionRange{};
}

Result<std::int16_t> choose_version(const protocol::MessageInfo& request,
                                    const VersionTable& broker, VersionWish wish) {
    const auto theirs = broker.find(request.api_key);
    if (theirs.empty())
        return Failure{errc::unsupported_api,
                       std::string("the broker does not offer ") + request.api};
    const auto ours = wish.pinned || wish.unstable ? request.versions : request.stable();
    if (wish.pinned) {
        const auto version = *wish.pinned;
        if (ours.contains(version) && theirs.contains(version)) return version;
        return Failure{errc::unsupported_version, std::string(request.api) + " v" +
                                                      std::to_string(version) +
                                                      " was asked for; this client has " +
                                                      text(ours) + ", the broker " + text(theirs)};
    }
    const auto wanted = ours.intersect(wish.allowed);
    const auto both = wanted.intersect(theirs);
    if (!both.empty()) return both.max;
    return Failure{errc::unsupported_version,
                   std::string(wanted == ours ? "this client has " : "this needs ") + request.api +
                       ' ' + text(wanted) + ", the broker " + text(theirs)};
}

}  // namespace kafka::core
