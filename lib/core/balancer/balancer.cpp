// SPDX-License-Identifier: Apache-2.0
#include <kafka/balancer.hpp>
#include <kafka/error.hpp>

#include "core/balancer/key_rule.hpp"

namespace kafka {
namespace core {

std::int32_t KeyRule::by_rare_hash(const protocol::BytesView& key,
                                   std::int32_t count) const noexcept {
    const auto n = static_cast<std::uint32_t>(count);
    switch (hash) {
        case Hash::crc32:
            return static_cast<std::int32_t>(crc32(key.bytes()) % n);
        case Hash::fnv1a: {
            // Sarama takes the remainder of the signed hash, and only then its absolute value: no
            // hash is left without one, the smallest number neither.
            const auto rest = static_cast<std::int32_t>(fnv1a(key.bytes())) % count;
            return rest < 0 ? -rest : rest;
        }
        case Hash::fnv1a_reference:
            return static_cast<std::int32_t>((fnv1a(key.bytes()) & 0x7fffffffU) % n);
        case Hash::murmur2:
            return static_cast<std::int32_t>((murmur2(key.bytes()) & 0x7fffffffU) % n);
        case Hash::none:
            break;
    }
    return -1;
}

namespace {

struct RuleOf {
    using Hash = KeyRule::Hash;

    KeyRule operator()(const Murmur2Balancer& b) const noexcept {
        return {Hash::murmur2, true, b.consistent};
    }
    KeyRule operator()(const Crc32Balancer& b) const noexcept {
        return {Hash::crc32, b.consistent, b.consistent};
    }
    KeyRule operator()(const HashBalancer&) const noexcept { return {Hash::fnv1a, true, false}; }
    KeyRule operator()(const ReferenceHashBalancer&) const noexcept {
        return {Hash::fnv1a_reference, true, false};
    }
    template <class Other>
    KeyRule operator()(const Other&) const noexcept {
        return {};
    }
};

struct NameOf {
    using Name = std::string_view;

    Name operator()(const Murmur2Balancer&) const noexcept { return "murmur2"; }
    Name operator()(const UniformStickyBalancer&) const noexcept { return "uniform_sticky"; }
    Name operator()(const StickyBalancer&) const noexcept { return "sticky"; }
    Name operator()(const RoundRobinBalancer&) const noexcept { return "round_robin"; }
    Name operator()(const LeastBytesBalancer&) const noexcept { return "least_bytes"; }
    Name operator()(const RandomBalancer&) const noexcept { return "random"; }
    Name operator()(const Crc32Balancer&) const noexcept { return "crc32"; }
    Name operator()(const HashBalancer&) const noexcept { return "hash"; }
    Name operator()(const ReferenceHashBalancer&) const noexcept { return "reference_hash"; }
    Name operator()(const ManualBalancer&) const noexcept { return "manual"; }
    Name operator()(const FunctionBalancer&) const noexcept { return "function"; }
};

}  // namespace

KeyRule key_rule(const Balancer& balancer) noexcept {
    return std::visit(RuleOf{}, balancer);
}

}  // namespace core

std::int32_t key_partition(const Balancer& balancer, const protocol::BytesView& key,
                           std::int32_t partitions) noexcept {
    const auto rule = core::key_rule(balancer);
    return partitions > 0 && rule.applies(key) ? rule.partition(key, partitions) : -1;
}

Failure check_balancer(const Balancer& balancer) {
    const auto* function = std::get_if<FunctionBalancer>(&balancer);
    if (function && !function->choose)
        return {errc::invalid_argument, "balancer: a FunctionBalancer without a function"};
    return {};
}

std::string_view balancer_name(const Balancer& balancer) noexcept {
    return std::visit(core::NameOf{}, balancer);
}

}  // namespace kafka
