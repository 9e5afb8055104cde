// SPDX-License-Identifier: Apache-2.0
#include "core/balancer/topic_balancer.hpp"

#include <algorithm>
#include <bit>
#include <string>

#include <kafka/error.hpp>

namespace kafka::core {
namespace {

constexpr std::uint32_t most_sticky_bytes = std::uint32_t{1} << 30;  // twice as many still count
constexpr std::uint32_t most_lanes = 256;

std::string range_of(std::string_view topic, std::int32_t count) {
    const std::string name(topic);
    if (count <= 0) return "topic " + name + " has no partitions";
    if (count == 1) return "topic " + name + " has partition 0 only";
    return "topic " + name + " has partitions 0 to " + std::to_string(count - 1);
}

}  // namespace

struct TopicBalancer::PolicyOf {
    TopicBalancer& to;
    std::uint32_t batch_bytes;

    void operator()(const UniformStickyBalancer& b) const noexcept {
        to.policy_ = Policy::uniform_sticky;
        to.rules_ = {b.adaptive, b.rack_aware};
        to.enough_ = std::clamp(b.sticky_bytes ? b.sticky_bytes : batch_bytes, 1U,  //
                                most_sticky_bytes);
        to.too_much_ = 2 * to.enough_;
    }
    // It leaves any batch that is full, and none that is open.
    void operator()(const StickyBalancer&) const noexcept { to.policy_ = Policy::sticky; }
    void operator()(const RoundRobinBalancer& b) const noexcept {
        to.policy_ = Policy::round_robin;
        to.chunk_ = std::max(b.chunk_size, 1U);
    }
    void operator()(const LeastBytesBalancer&) const noexcept { to.policy_ = Policy::least_bytes; }
    void operator()(const RandomBalancer&) const noexcept { to.policy_ = Policy::random; }
    void operator()(const ManualBalancer&) const noexcept { to.policy_ = Policy::manual; }
    void operator()(const FunctionBalancer&) const noexcept { to.policy_ = Policy::function; }
    template <class Keyed>
    void operator()(const Keyed& b) const noexcept {
        std::visit(*this, b.unkeyed);
    }
};

TopicBalancer::TopicBalancer(const Balancer& balancer, TopicBalancerSettings settings)
    : key_rule_(core::key_rule(balancer)),
      lane_mask_(std::bit_ceil(std::clamp(settings.lanes, 1U, most_lanes)) - 1),
      lanes_(std::make_unique<Lane[]>(std::size_t{lane_mask_} + 1)) {
    std::visit(PolicyOf{*this, settings.batch_bytes}, balancer);
    null_stays_ = policy_ <= Policy::sticky && !key_rule_.applies({});
    // Lanes are seeded with the numbers of another one, so that they are not shifted copies.
    Lane seeds;
    seeds.seed(settings.seed);
    for (std::uint32_t i = 0; i <= lane_mask_; ++i)
        lanes_[i].seed(seeds.random());
}

Choice TopicBalancer::named(std::int32_t wanted, std::int32_t count) noexcept {
    if (wanted < 0) return Choice::negative;
    return wanted < count ? wanted : Choice::not_there;
}

// What needs no partitions to be known first.
Choice TopicBalancer::unknown() const noexcept {
    return policy_ == Policy::manual ? Choice::not_named : Choice::no_partitions;
}

// The candidates are others than those that the lane knows.
Choice TopicBalancer::settle(Lane& lane) noexcept {
    const auto table = tables_.pin();
    auto [partition, bytes] = lane.state();
    if (!table->candidates.contains(partition)) {
        partition = next(*table, lane, partition);
        if (partition < 0) return unknown();
        bytes = 0;
        lane.set({partition, bytes});
    }
    lane.set_epoch(table->epoch);
    return {partition, true, bytes >= enough_};
}

Choice TopicBalancer::by_rare_policy(Lane& lane, std::uint64_t shape, std::size_t size) noexcept {
    switch (policy_) {
        case Policy::uniform_sticky:
        case Policy::sticky:
            break;  // choose() has done it
        case Policy::round_robin:
            return by_turn(shape);
        case Policy::least_bytes:
            return by_least_bytes(size);
        case Policy::random: {
            const auto count = static_cast<std::uint32_t>(count_of(shape));
            if (shape & everyone_bit) return static_cast<std::int32_t>(lane.random() % count);
            const auto table = tables_.pin();
            return table->candidates.pick(lane.random());
        }
        case Policy::manual:
            return Choice::not_named;
        case Policy::function:
            return Choice::ask_function;
    }
    return Choice::no_partitions;
}

Choice TopicBalancer::by_turn(std::uint64_t shape) noexcept {
    auto turn = turn_.fetch_add(1, std::memory_order_relaxed);
    if (chunk_ > 1) turn /= chunk_;
    if (shape & everyone_bit)
        return static_cast<std::int32_t>(turn % static_cast<std::uint32_t>(count_of(shape)));
    const auto table = tables_.pin();
    const auto partitions = table->candidates.partitions();
    return partitions.empty() ? Choice::no_partitions
                              : Choice(partitions[turn % partitions.size()]);
}

// Two threads at once may choose the same one: the next choices make up for it.
Choice TopicBalancer::by_least_bytes(std::size_t size) noexcept {
    const auto table = tables_.pin();
    const auto partitions = table->candidates.partitions();
    if (partitions.empty()) return Choice::no_partitions;
    std::size_t best = 0;
    auto fewest = table->bytes[0].load(std::memory_order_relaxed);
    for (std::size_t i = 1; i < partitions.size(); ++i) {
        const auto bytes = table->bytes[i].load(std::memory_order_relaxed);
        if (bytes < fewest) {
            fewest = bytes;
            best = i;
        }
    }
    table->bytes[best].fetch_add(size, std::memory_order_relaxed);
    return partitions[best];
}

std::int32_t TopicBalancer::next(const Table& table, Lane& lane, std::int32_t from) const noexcept {
    return policy_ == Policy::sticky ? table.candidates.pick_other(lane.random(), from)
                                     : table.candidates.pick(lane.random());
}

std::int32_t TopicBalancer::go_on(Lane& lane, std::int32_t from) noexcept {
    const auto table = tables_.pin();
    const auto partition = next(*table, lane, from);
    if (partition >= 0) lane.set({partition, 0});
    return partition;
}

Choice TopicBalancer::move(Lane& lane, Choice choice) noexcept {
    if (!choice.sticky()) return choice;
    // Unless another thread on this lane has moved it in between.
    auto partition = lane.state().partition;
    if (partition == choice.partition()) partition = go_on(lane, partition);
    return partition < 0 ? unknown() : Choice(partition, true);
}

void TopicBalancer::update(std::int32_t count, std::span<const PartitionState> available) {
    auto& to = tables_.spare();
    to.candidates.assign(count, available, rules_);
    const auto& now = tables_.current();
    const bool same = to.candidates.same_partitions(now.candidates);
    if (same && to.candidates.same_weights(now.candidates)) return;
    to.epoch = same ? now.epoch : now.epoch + 1;
    if (policy_ == Policy::least_bytes) {
        if (to.room < to.candidates.size()) {
            to.bytes = std::make_unique<std::atomic<std::uint64_t>[]>(to.candidates.size());
            to.room = to.candidates.size();
        }
        for (std::size_t i = 0; i < to.candidates.size(); ++i)
            to.bytes[i].store(0, std::memory_order_relaxed);
    }
    const auto shape = std::uint64_t{to.epoch} << 32 |
                       (to.candidates.everyone() ? everyone_bit : 0) |
                       static_cast<std::uint32_t>(to.candidates.count());
    tables_.publish();
    shape_.store(shape, std::memory_order_relaxed);
}

Failure TopicBalancer::failure(Choice choice, std::string_view topic, std::int32_t wanted) const {
    if (choice) return {};
    switch (choice.reason()) {
        case Choice::no_partitions:
            return {broker_errc::unknown_topic_or_partition, range_of(topic, 0)};
        case Choice::not_there:
            return {broker_errc::unknown_topic_or_partition,
                    range_of(topic, count()) + ", not " + std::to_string(wanted)};
        case Choice::negative:
            return {errc::invalid_argument, "a record for topic " + std::string(topic) +
                                                " names partition " + std::to_string(wanted)};
        case Choice::not_named:
            return {errc::invalid_argument,
                    "a record for topic " + std::string(topic) +
                        " names no partition, which a ManualBalancer needs"};
        case Choice::ask_function:
            break;
    }
    return {errc::invalid_argument,
            "the balancer's function was not asked for topic " + std::string(topic)};
}

Result<std::int32_t> TopicBalancer::check_function(std::int32_t chosen,
                                                   std::string_view topic) const {
    const auto known = count();
    if (chosen >= 0 && chosen < known) return chosen;
    return Failure{errc::invalid_argument, "the balancer's function chose partition " +
                                               std::to_string(chosen) + ", but " +
                                               range_of(topic, known)};
}

}  // namespace kafka::core
