// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/big_endian.hpp"
#include "core/balancer/topic_balancer.hpp"
#include "peer.hpp"

namespace peer {
namespace {

using namespace kafka;

/// Big-endian numbers and bytes, until there are no more.
class Input {
public:
    explicit Input(const Slice& from) : left_(from.bytes()) {}

    [[nodiscard]] bool more() const { return !broken_ && !left_.empty(); }
    [[nodiscard]] bool broken() const { return broken_; }
    std::int32_t number() {
        const auto bytes = take(4);
        return bytes.empty() ? 0 : load_big<std::int32_t>(bytes.data());
    }
    /// Null where the size is -1.
    protocol::BytesView bytes() {
        const auto size = number();
        if (size < 0) return nullptr;
        return take(static_cast<std::size_t>(size));
    }

private:
    std::span<const std::uint8_t> take(std::size_t size) {
        if (size > left_.size()) {
            broken_ = true;
            return {};
        }
        const auto taken = left_.first(size);
        left_ = left_.subspan(size);
        return taken;
    }

    std::span<const std::uint8_t> left_;
    bool broken_ = false;
};

void put(ByteBuffer& out, std::int32_t number) {
    store_big(out.grow(4), number);
}

Answer finished(const Input& in, ByteBuffer& out) {
    if (in.broken()) return Failure{errc::invalid_argument, "a question cut short"};
    return std::move(out);
}

/// By name; the version of a question is a chunk's size.
std::optional<Balancer> balancer_of(std::string_view name, std::int16_t version) {
    const std::map<std::string_view, Balancer> all{
        {"murmur2", Murmur2Balancer{}},
        {"murmur2 consistent", Murmur2Balancer{.consistent = true}},
        {"crc32", Crc32Balancer{}},
        {"crc32 consistent", Crc32Balancer{.consistent = true}},
        {"hash", HashBalancer{}},
        {"reference hash", ReferenceHashBalancer{}},
        {"least bytes", LeastBytesBalancer{}},
        {"round robin",
         RoundRobinBalancer{.chunk_size = static_cast<std::uint32_t>(std::max<int>(version, 0))}},
    };
    const auto found = all.find(name);
    if (found == all.end()) return std::nullopt;
    return found->second;
}

/// {partitions, how many of them have a leader, these}, then records: {key, size of the value}.
Answer choose(const Question& question) {
    const auto balancer = balancer_of(question.name, question.version);
    if (!balancer) return unknown(question);
    Input in(question.payload);
    const auto count = in.number();
    std::vector<core::PartitionState> states;
    for (auto left = in.number(); left > 0 && in.more(); --left)
        states.push_back({.partition = in.number()});
    core::TopicBalancer topic(*balancer, {});
    topic.update(count, states);
    ByteBuffer out;
    while (in.more()) {
        const auto key = in.bytes();
        const auto size = key.size() + static_cast<std::size_t>(in.number());
        // A block of the key's size, so that ASan sees a read past its end.
        const auto exact = std::make_unique<std::uint8_t[]>(key.size());
        std::copy(key.bytes().begin(), key.bytes().end(), exact.get());
        const auto own = key.null() ? key : protocol::BytesView(exact.get(), key.size());
        const auto choice = topic.choose(topic.lane(0), own, size);
        put(out, choice.sticky() ? -1 : choice.partition());
    }
    return finished(in, out);
}

/// Topics: {random number, partitions, adaptive, rack-aware, how many have a leader, {partition,
/// queue, lagging, in the rack} of each}.
Answer pick(const Question& question) {
    Input in(question.payload);
    ByteBuffer out;
    while (in.more()) {
        const auto random = static_cast<std::uint64_t>(in.number());
        const auto count = in.number();
        core::CandidateRules rules;
        rules.adaptive = in.number() != 0;
        rules.rack_aware = in.number() != 0;
        std::vector<core::PartitionState> states;
        for (auto left = in.number(); left > 0 && in.more(); --left) {
            auto& state = states.emplace_back();
            state.partition = in.number();
            state.queued = static_cast<std::uint32_t>(in.number());
            state.lagging = in.number() != 0;
            state.in_rack = in.number() != 0;
        }
        core::Candidates candidates;
        candidates.assign(count, states, rules);
        put(out, candidates.pick(random));
    }
    return finished(in, out);
}

/// {batch size}, then records: {bytes, whether the batch is full then}.
Answer stick(const Question& question) {
    Input in(question.payload);
    core::TopicBalancer topic(UniformStickyBalancer{},
                              {.batch_bytes = static_cast<std::uint32_t>(in.number())});
    topic.update(3, {});
    auto& lane = topic.lane(0);
    ByteBuffer out;
    while (in.more()) {
        const auto bytes = in.number();
        const bool full = in.number() != 0;
        topic.appended(lane, topic.choose(lane, nullptr, 1), static_cast<std::size_t>(bytes), full);
        put(out, lane.state().bytes == 0);
    }
    return finished(in, out);
}

}  // namespace

Answer answer_balancer(const Question& question) {
    switch (question.operation) {
        case 'K':
            return choose(question);
        case 'A':
            return pick(question);
        default:
            return stick(question);
    }
}

}  // namespace peer
