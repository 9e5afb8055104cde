// SPDX-License-Identifier: Apache-2.0
// Balancers: how a writer chooses the partition of a record. Plain data.
//
//     kafka::Balancer balancer;                                  // the default, as Java
//     balancer = kafka::Crc32Balancer{};                         // as librdkafka
//     balancer = kafka::RoundRobinBalancer{.chunk_size = 100};   // whatever the keys
//     balancer = kafka::Murmur2Balancer{.unkeyed = kafka::StickyBalancer{}};
//
// A record that names its partition goes there, whatever the balancer. Those that hash keys do so
// over all partitions of the topic, so that a key keeps its place while a leader is elected, and
// loses it when partitions are added; all others leave out partitions that have no leader, as long
// as one has.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <variant>

#include <kafka/export.hpp>
#include <kafka/protocol/record.hpp>
#include <kafka/result.hpp>

namespace kafka {

/// KIP-794, what Java does with records that have no key: each thread that writes stays with one
/// partition until it has put about a batch of bytes there, then goes to another one by chance. So
/// batches are full, and all partitions get the same number of bytes. Keys do not matter to it
/// (`partitioner.ignore.keys`); as the default's `unkeyed` it sees only records without one.
struct UniformStickyBalancer {
    /// Partitions where less waits to be sent are chosen more often
    /// (`partitioner.adaptive.partitioning.enable`). Default true.
    bool adaptive = true;
    /// After how many bytes to go on. A batch that is still open then is filled first, up to twice
    /// as many. At most 1 GiB. Default 0: the writer's batch size.
    std::uint32_t sticky_bytes = 0;
    /// Only partitions whose leader is in the client's rack, as long as there is one
    /// (`partitioner.rack.aware`, KIP-1123). Default false.
    bool rack_aware = false;
};

/// KIP-480, what Java did from 2.4 to 3.2: each thread that writes stays with one partition until
/// the batch there is closed, then goes to another one by chance. Slow brokers, whose batches close
/// late, get more; the uniform one repairs that. Keys do not matter to it.
struct StickyBalancer {};

/// Each partition in turn, one turn for all threads. Keys do not matter to it.
struct RoundRobinBalancer {
    /// How many records go to a partition before it is the next one's turn; 0 means 1. Default 1.
    std::uint32_t chunk_size = 1;
};

/// The partition that got the fewest bytes of keys and values from this writer, the first of
/// several. It counts anew when the set of partitions changes, so that a new one is not flooded.
/// Takes time in proportion to the number of partitions. Keys do not matter to it.
struct LeastBytesBalancer {};

/// Any partition, for each record anew. Keys do not matter to it.
struct RandomBalancer {};

/// What is done with a record that has no key.
using UnkeyedBalancer = std::variant<UniformStickyBalancer, StickyBalancer, RoundRobinBalancer,
                                     LeastBytesBalancer, RandomBalancer>;

/// By the key's murmur2, bit for bit as Java's default, librdkafka's `murmur2_random`, franz-go's
/// default and kafka-go's Murmur2Balancer. An empty key is a key.
struct Murmur2Balancer {
    /// Records without key are taken as if their key were empty, so all to one partition
    /// (librdkafka's `murmur2`). Default false.
    bool consistent = false;
    UnkeyedBalancer unkeyed = {};
};

/// By the key's CRC-32, bit for bit as librdkafka's default `consistent_random` and kafka-go's
/// CRC32Balancer. To these an empty key is none.
struct Crc32Balancer {
    /// Records whose key is empty or null go to one partition (librdkafka's `consistent`).
    /// Default false.
    bool consistent = false;
    UnkeyedBalancer unkeyed = {};
};

/// By the key's FNV-1a, bit for bit as Sarama's hash partitioner, librdkafka's `fnv1a_random` and
/// kafka-go's Hash. An empty key is a key.
struct HashBalancer {
    UnkeyedBalancer unkeyed = {};
};

/// By the key's FNV-1a too, but with another treatment of the sign: bit for bit as Sarama's
/// reference partitioner and kafka-go's ReferenceHash. An empty key is a key.
struct ReferenceHashBalancer {
    UnkeyedBalancer unkeyed = {};
};

/// Every record must name its partition; one that does not fails with errc::invalid_argument.
struct ManualBalancer {};

/// What a user's function is asked. Valid during the call.
struct BalancerCall {
    std::string_view topic;
    const protocol::RecordRef& record;
    std::int32_t partitions;                  ///< how many the topic has; at least 1
    std::span<const std::int32_t> available;  ///< those that have a leader, ascending; all if none
};

/// A function of the user's.
struct FunctionBalancer {
    /// Gives a partition from 0 to partitions - 1; with anything else, or an exception, the record
    /// fails with errc::invalid_argument. Called by the threads that write, several at once, under
    /// no lock, for each record that does not name its partition. It must not block.
    std::function<std::int32_t(const BalancerCall&)> choose = {};
};

/// How a writer chooses partitions. Default: keyed records as Java does by murmur2, the others by
/// UniformStickyBalancer.
using Balancer =
    std::variant<Murmur2Balancer, UniformStickyBalancer, StickyBalancer, RoundRobinBalancer,
                 LeastBytesBalancer, RandomBalancer, Crc32Balancer, HashBalancer,
                 ReferenceHashBalancer, ManualBalancer, FunctionBalancer>;

/// Where records with that key go among `partitions`; -1 when the key does not decide that, or
/// `partitions` is below 1. For user's functions, and to find the partition of a key when reading.
/// Thread-safe.
[[nodiscard]] KAFKA_API std::int32_t key_partition(const Balancer& balancer,
                                                   const protocol::BytesView& key,
                                                   std::int32_t partitions) noexcept;

/// What is wrong with a balancer, as errc::invalid_argument: a FunctionBalancer without function.
[[nodiscard]] KAFKA_API Failure check_balancer(const Balancer& balancer);

/// "murmur2", "round_robin", ...: for logs.
[[nodiscard]] KAFKA_API std::string_view balancer_name(const Balancer& balancer) noexcept;

}  // namespace kafka
