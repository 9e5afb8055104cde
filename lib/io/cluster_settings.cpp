// SPDX-License-Identifier: Apache-2.0
#include "io/cluster_settings.hpp"

#include <algorithm>
#include <random>

namespace kafka::io {

core::ClusterLimits limits_of(const ClientConfig& config) {
    core::ClusterLimits limits;
    limits.pool.reconnect = {config.reconnect_backoff,
                             std::max(config.reconnect_backoff, config.reconnect_backoff_max)};
    limits.pool.connect_timeout = config.conn.connect_timeout;
    limits.pool.connect_timeout_max = config.connect_timeout_max;
    limits.pool.max_idle = config.max_idle;
    limits.retry = {config.retry_backoff, std::max(config.retry_backoff, config.retry_backoff_max)};
    limits.metadata.max_age = config.metadata_max_age;
    limits.metadata.max_idle = config.metadata_max_idle;
    limits.metadata.retry = limits.retry;
    limits.metadata.auto_create = config.auto_create_topics;
    limits.request_timeout = config.conn.request_timeout;
    limits.unknown_topic_tries = std::max(config.unknown_topic_tries, 1U);
    limits.rebootstrap = config.metadata_recovery == MetadataRecovery::rebootstrap;
    limits.rebootstrap_trigger = config.rebootstrap_trigger;
    limits.cluster_check = config.cluster_check;
    limits.keep_warm = config.keep_warm;
    limits.canonical_seeds =
        config.dns_lookup == DnsLookup::resolve_canonical_bootstrap_servers_only;
    limits.max_calls = config.max_calls;
    std::random_device device;
    limits.seed = (std::uint64_t{device()} << 32U) ^ device();
    return limits;
}

Result<std::vector<core::Address>> parse_bootstrap(std::string_view text) {
    std::vector<core::Address> addresses;
    while (!text.empty()) {
        const auto comma = text.find(',');
        const auto one = text.substr(0, comma);
        text = comma == text.npos ? std::string_view() : text.substr(comma + 1);
        if (one.find_first_not_of(" \t\r\n") == one.npos) continue;
        auto address = core::parse_address(one);
        if (!address) return address.take_failure();
        addresses.push_back(std::move(*address));
    }
    if (addresses.empty())
        return Failure(errc::invalid_argument, "the configuration names no bootstrap address");
    return addresses;
}

}  // namespace kafka::io
