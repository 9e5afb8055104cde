// SPDX-License-Identifier: Apache-2.0
// TopicBalancer: chooses the partition of each record of one topic. Thread-safe without a lock.
//
// What is shared, and how:
//   of the topic   what the balancer says: constant. How many partitions there are: one atomic
//   word,
//                  all that a keyed record reads. The candidates of the unkeyed policies: published
//                  whole by update(), pinned by who reads them. Round robin's turn, least bytes'
//                  counters: atomic.
//   of a thread    its lane: the sticky partition and the bytes put there.
//
// How a writer uses it, a record:
//
//     auto choice = topic.choose(topic.lane(thread), key, key_and_value_bytes, wanted);
//     if (!choice) ...                        // topic.failure(), or its own function is asked
//     lock the partition
//     if (choice.may_move() && the partition has no open batch) {
//         unlock; choice = topic.move(lane, choice); lock the other partition
//     }
//     append; unlock
//     topic.appended(lane, choice, bytes_in_batch, the batch is full now);
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>

#include <kafka/balancer.hpp>

#include "core/balancer/candidates.hpp"
#include "core/balancer/key_rule.hpp"
#include "core/balancer/lane.hpp"
#include "core/balancer/pinned.hpp"

namespace kafka::core {

/// Where a record goes, or why that is not known.
class Choice {
public:
    enum Reason : std::int32_t {
        no_partitions = -1,  ///< none is known: metadata first
        not_there = -2,      ///< the record names a partition that the topic has not (yet)
        negative = -3,       ///< the record names one below -1
        not_named = -4,      ///< a manual balancer, and the record names none
        ask_function = -5,   ///< the user's function decides: client/balancer_call.hpp
    };

    constexpr Choice(std::int32_t partition, bool sticky = false, bool may_move = false) noexcept
        : word_(static_cast<std::uint32_t>(partition) | (sticky ? sticky_bit : 0) |
                (may_move ? may_move_bit : 0)) {}

    [[nodiscard]] constexpr explicit operator bool() const noexcept { return partition() >= 0; }
    /// Only when true.
    [[nodiscard]] constexpr std::int32_t partition() const noexcept {
        return static_cast<std::int32_t>(static_cast<std::uint32_t>(word_));
    }
    /// Only when false.
    [[nodiscard]] constexpr Reason reason() const noexcept { return Reason{partition()}; }
    /// The thread stays there: appended() wants to know.
    [[nodiscard]] constexpr bool sticky() const noexcept { return (word_ & sticky_bit) != 0; }
    /// The thread has put enough there: rather than begin a batch it should move().
    [[nodiscard]] constexpr bool may_move() const noexcept { return (word_ & may_move_bit) != 0; }

private:
    static constexpr std::uint64_t sticky_bit = std::uint64_t{1} << 32;
    static constexpr std::uint64_t may_move_bit = std::uint64_t{1} << 33;

    // One word. Of two, a compiler that is short of registers stores one half and loads both, for
    // which the processor waits until the store is done.
    std::uint64_t word_;
};

struct TopicBalancerSettings {
    /// What UniformStickyBalancer::sticky_bytes of 0 stands for.
    std::uint32_t batch_bytes = 16 * 1024;
    /// All random numbers come from it.
    std::uint64_t seed = 1;
    /// How many threads have a sticky partition of their own; made a power of two, at most 256.
    /// Each takes 64 bytes.
    std::uint32_t lanes = 16;
};

class TopicBalancer {
public:
    /// Throws std::bad_alloc.
    TopicBalancer(const Balancer& balancer, TopicBalancerSettings settings);

    /// Of a thread by its number, best a small one: there are as many lanes as the settings say,
    /// and further threads share them.
    [[nodiscard]] Lane& lane(std::uint32_t thread) noexcept { return lanes_[thread & lane_mask_]; }

    /// `size`: of key and value. `wanted`: the partition that the record names, or -1.
    [[nodiscard]] Choice choose(Lane& lane, const protocol::BytesView& key, std::size_t size,
                                std::int32_t wanted = -1) noexcept {
        const auto shape = shape_.load(std::memory_order_relaxed);
        // What is neither keyed nor named stays where the lane is.
        if (key.null() && null_stays_ && wanted == -1 && lane.epoch() == epoch_of(shape)) [[likely]]
            return stay(lane);
        const auto count = count_of(shape);
        if (wanted != -1) [[unlikely]]
            return named(wanted, count);
        if (count <= 0) [[unlikely]]
            return unknown();
        if (key_rule_.applies(key)) return key_rule_.partition(key, count);
        if (policy_ <= Policy::sticky) {
            if (lane.epoch() != epoch_of(shape)) [[unlikely]]
                return settle(lane);
            return stay(lane);
        }
        return by_rare_policy(lane, shape, size);
    }

    /// Instead of beginning a batch where `choice` said: the thread's next partition. To be
    /// followed, whatever batches are there.
    [[nodiscard]] Choice move(Lane& lane, Choice choice) noexcept;

    /// The record was appended where `choice` said. `bytes`: what the batch grew by; `batch_full`:
    /// it takes no more.
    void appended(Lane& lane, Choice choice, std::size_t bytes, bool batch_full) noexcept {
        if (choice.sticky() &&
            !lane.add(choice.partition(), bytes, batch_full ? enough_ : too_much_)) [[unlikely]]
            go_on(lane, choice.partition());
    }

    /// Records without a key, for none in particular, go where `choice` said until they have so
    /// many bytes; 0: each is to be asked for.
    [[nodiscard]] std::size_t stays_for(const Lane& lane, Choice choice) const noexcept {
        const auto state = lane.state();
        return choice.sticky() && state.partition == choice.partition() && state.bytes < too_much_
                   ? too_much_ - state.bytes
                   : 0;
    }
    /// The key alone decides.
    [[nodiscard]] bool is_keyed(const protocol::BytesView& key) const noexcept {
        return key_rule_.applies(key);
    }

    /// What the topic has now: as Candidates::assign(). To be called when metadata changed and, for
    /// who is_adaptive(), when queues were measured. One caller at a time, beside any number of
    /// choices. Allocates nothing while nothing new is to be known. Throws std::bad_alloc.
    void update(std::int32_t count, std::span<const PartitionState> available);
    /// Whether queue sizes matter.
    [[nodiscard]] bool is_adaptive() const noexcept { return rules_.adaptive; }

    /// A failure in words.
    [[nodiscard]] Failure failure(Choice choice, std::string_view topic,
                                  std::int32_t wanted = -1) const;
    /// The user's function has chosen.
    [[nodiscard]] Result<std::int32_t> check_function(std::int32_t chosen,
                                                      std::string_view topic) const;

    [[nodiscard]] std::int32_t count() const noexcept {
        return count_of(shape_.load(std::memory_order_relaxed));
    }
    /// The topic as the policies see it, for as long as it is held: for the user's function.
    struct Table {
        Candidates candidates;
        std::uint32_t epoch = 0;
        std::unique_ptr<std::atomic<std::uint64_t>[]> bytes;  ///< of each candidate: least bytes
        std::size_t room = 0;                                 ///< of `bytes`
    };
    [[nodiscard]] Pinned<Table>::Pin pin() const noexcept { return tables_.pin(); }

private:
    enum class Policy : std::uint8_t {
        uniform_sticky,
        sticky,  // these two have lanes
        round_robin,
        least_bytes,
        random,
        manual,
        function,
    };
    struct PolicyOf;
    static constexpr auto most = std::numeric_limits<std::uint32_t>::max();

    // The shape: the epoch, a bit that says that all partitions are candidates, and their number.
    static constexpr std::uint64_t everyone_bit = std::uint64_t{1} << 31;
    static std::int32_t count_of(std::uint64_t shape) noexcept {
        return static_cast<std::int32_t>(shape & 0x7fffffff);
    }
    static std::uint32_t epoch_of(std::uint64_t shape) noexcept {
        return static_cast<std::uint32_t>(shape >> 32);
    }

    static Choice named(std::int32_t wanted, std::int32_t count) noexcept;
    Choice unknown() const noexcept;
    Choice stay(const Lane& lane) const noexcept {
        const auto [partition, bytes] = lane.state();
        return {partition, true, bytes >= enough_};
    }
    Choice settle(Lane& lane) noexcept;
    Choice by_rare_policy(Lane& lane, std::uint64_t shape, std::size_t size) noexcept;
    Choice by_turn(std::uint64_t shape) noexcept;
    Choice by_least_bytes(std::size_t size) noexcept;
    std::int32_t go_on(Lane& lane, std::int32_t from) noexcept;
    std::int32_t next(const Table& table, Lane& lane, std::int32_t from) const noexcept;

    // Constant.
    KeyRule key_rule_;
    Policy policy_ = Policy::uniform_sticky;
    bool null_stays_ = false;  // a null key decides nothing, and the policy is one with lanes
    CandidateRules rules_;
    std::uint32_t chunk_ = 1;
    std::uint32_t enough_ = 1;       // bytes after which a full batch is left
    std::uint32_t too_much_ = most;  // and one that is still open
    std::uint32_t lane_mask_ = 0;
    std::unique_ptr<Lane[]> lanes_;
    // Read by all, written by update().
    alignas(64) std::atomic<std::uint64_t> shape_{everyone_bit};
    Pinned<Table> tables_;
    // Written by all, if it is used at all.
    alignas(64) std::atomic<std::uint64_t> turn_{0};
};

}  // namespace kafka::core
