// SPDX-License-Identifier: Apache-2.0
#include "core/produce/produce_batch.hpp"

#include <array>
#include <utility>

#include <kafka/protocol/record_batch.hpp>
#include <kafka/protocol/record_batch_edit.hpp>

#include "base/big_endian.hpp"

namespace kafka::core {

namespace layout = protocol::batch_layout;

std::int32_t ProduceBatch::count() const noexcept {
    if (encoded.empty()) return records.count();
    if (encoded.size() - encoded_at < layout::records) return 0;
    return load_big<std::int32_t>(encoded.data() + encoded_at + layout::count);
}

std::size_t ProduceBatch::size() const noexcept {
    return outside.size() + (encoded.empty() ? records.size() : encoded.size() - encoded_at);
}

void ProduceBatch::reset() noexcept {
    topic = 0;
    partition = 0;
    records.clear();
    encoded.clear();
    encoded_at = 0;
    outside = {};
    outside_at = 0;
    deadline = never;
    whole_ = {};
    serial_ = 0;
    unreported_ = 0;
    entries_ = 0;
}

namespace {

/// What a batch consists of that lies partly elsewhere.
class Parts final : public SliceOwner {
public:
    Parts(std::span<const std::uint8_t> own, std::size_t place, const Slice& outside)
        : parts_{Slice(own.data(), place), outside, Slice(own.data() + place, own.size() - place)} {
    }
    [[nodiscard]] std::span<const Slice> parts() const noexcept override { return parts_; }

private:
    void destroy() noexcept override { delete this; }

    const std::array<Slice, 3> parts_;
};

bool in_one_piece(const ProduceEntry& entry) noexcept {
    return entry.part || entry.batch->outside.null();
}

void seal_own_bytes(ProduceEntry& entry, bool transactional) {
    auto& batch = *entry.batch;
    if (!entry.part && batch.encoded.empty()) {
        entry.wire = batch.records.seal({.producer_id = entry.producer_id,
                                         .producer_epoch = entry.producer_epoch,
                                         .base_sequence = entry.base_sequence,
                                         .transactional = transactional});
        return;
    }
    entry.wire =
        entry.part ? entry.part->bytes.bytes() : batch.encoded.bytes().subspan(batch.encoded_at);
    auto* header = entry.wire.data();
    const auto attributes = load_big<std::int16_t>(header + layout::attributes);
    const auto wanted = static_cast<std::int16_t>(
        transactional ? attributes | protocol::batch_attributes::transactional
                      : attributes & ~protocol::batch_attributes::transactional);
    // What was compressed with a checksum, and needs no numbers, is right already.
    if (wanted == attributes && entry.producer_id < 0 &&
        load_big<std::int64_t>(header + layout::producer_id) < 0)
        return;
    store_big(header + layout::attributes, wanted);
    protocol::set_producer(entry.wire, entry.producer_id, entry.producer_epoch,
                           entry.base_sequence);
}

}  // namespace

void seal(ProduceEntry& entry, bool transactional) {
    seal_own_bytes(entry, transactional);
    if (!in_one_piece(entry))
        protocol::enclose(entry.wire, entry.batch->outside_at, entry.batch->outside.bytes());
}

Slice wire_of(const ProduceEntry& entry) {
    if (in_one_piece(entry)) return {entry.wire.data(), entry.wire.size()};
    const auto& batch = *entry.batch;
    auto* parts = new Parts(entry.wire, batch.outside_at, batch.outside);
    Slice all(parts, entry.wire.data(), entry.wire.size() + batch.outside.size());
    parts->drop();  // the slice has its own reference
    return all;
}

Slice flat_wire_of(const ProduceEntry& entry) {
    if (in_one_piece(entry)) return {entry.wire.data(), entry.wire.size()};
    const auto& batch = *entry.batch;
    ByteBuffer all(entry.wire.size() + batch.outside.size());
    all.append(entry.wire.first(batch.outside_at));
    all.append(batch.outside.bytes());
    all.append(entry.wire.subspan(batch.outside_at));
    return std::move(all).release();
}

}  // namespace kafka::core
