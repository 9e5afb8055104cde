// SPDX-License-Identifier: Apache-2.0
#include "core/produce/batch_split.hpp"

#include <algorithm>
#include <utility>

#include <kafka/error.hpp>

namespace kafka::core {
namespace {

using protocol::RecordBatchBuilder;

/// Adds the record of that place in its batch to the end of the runs.
void extend(std::vector<RecordRun>& runs, std::int32_t record) {
    if (!runs.empty() && runs.back().first + runs.back().count == record)
        ++runs.back().count;
    else
        runs.push_back({record, 1});
}

Result<BatchPart> finish(RecordBatchBuilder&& records, std::vector<RecordRun> runs,
                         Compression with, const SplitCodec& codec) {
    BatchPart part;
    part.count = records.count();
    part.runs = std::move(runs);
    if (with == Compression::none) {
        records.seal({});
        part.bytes = std::move(records).take();
        return part;
    }
    if (!codec.compress)
        return Failure(errc::unsupported_codec, "no codec to compress the parts of a batch with");
    if (auto sealed = records.seal_into(part.bytes, {}, with, codec.compress, codec.level); !sealed)
        return sealed.take_failure();
    return part;
}

/// Walks the records with their places in the entry and in the batch. Null: all were seen.
class Walk {
public:
    Walk(const ProduceEntry& entry, const SplitCodec& codec)
        : runs_(runs_of(entry)),
          reader_(flat_wire_of(entry), {.check_crcs = false, .decompress = codec.decompress}) {}

    const protocol::RecordView* next() {
        const auto* record = reader_.next();
        if (!record) return nullptr;
        ++place_;
        if (in_run_ == runs_[run_].count && run_ + 1 < runs_.size()) {
            ++run_;
            in_run_ = 0;
        }
        record_ = runs_[run_].first + in_run_++;
        if (const auto* batch = reader_.batch()) codec_ = batch->compression();
        return record;
    }
    [[nodiscard]] std::int32_t place() const noexcept { return place_; }
    [[nodiscard]] std::int32_t record() const noexcept { return record_; }
    [[nodiscard]] Compression codec() const noexcept { return codec_; }
    [[nodiscard]] const Failure& failure() const noexcept { return reader_.failure(); }

private:
    std::vector<RecordRun> runs_;
    protocol::RecordReader reader_;
    std::size_t run_ = 0;
    std::int32_t in_run_ = 0;
    std::int32_t place_ = -1;
    std::int32_t record_ = -1;
    Compression codec_ = Compression::none;
};

Failure too_odd() {
    return {errc::malformed_records, "the records of a batch do not fit into parts of it"};
}

}  // namespace

std::vector<RecordRun> runs_of(const ProduceEntry& entry) {
    if (entry.part) return entry.part->runs;
    return {{0, entry.count}};
}

Result<std::vector<BatchPart>> split_in_two(const ProduceEntry& entry, const SplitCodec& codec) {
    // By size before compression, which is not known before all were read; a record each at least.
    std::size_t total = 0;
    const auto size = [](const protocol::RecordView& record) {
        return record.key.size() + record.value.size() + record.headers.wire().size() + 8;
    };
    for (Walk walk(entry, codec);;) {
        const auto* record = walk.next();
        if (!record) {
            if (walk.failure()) return walk.failure();
            break;
        }
        total += size(*record);
    }
    std::size_t seen = 0;
    RecordBatchBuilder halves[2];
    std::vector<RecordRun> runs[2];
    Walk walk(entry, codec);
    while (const auto* record = walk.next()) {
        const bool last = walk.place() == entry.count - 1;
        const auto half = walk.place() == 0 ? 0U : (last || 2 * seen >= total ? 1U : 0U);
        seen += size(*record);
        if (!halves[half].append(*record)) return too_odd();
        extend(runs[half], walk.record());
    }
    if (walk.failure()) return walk.failure();
    if (halves[0].count() + halves[1].count() != entry.count || halves[1].empty()) return too_odd();
    std::vector<BatchPart> parts;
    for (const auto half : {0U, 1U}) {
        auto part = finish(std::move(halves[half]), std::move(runs[half]), walk.codec(), codec);
        if (!part) return part.take_failure();
        parts.push_back(std::move(*part));
    }
    return parts;
}

Result<BatchPart> leave_out(const ProduceEntry& entry, std::span<const std::int32_t> without,
                            const SplitCodec& codec) {
    RecordBatchBuilder rest;
    std::vector<RecordRun> runs;
    Walk walk(entry, codec);
    while (const auto* record = walk.next()) {
        if (std::binary_search(without.begin(), without.end(), walk.place())) continue;
        if (!rest.append(*record)) return too_odd();
        extend(runs, walk.record());
    }
    if (walk.failure()) return walk.failure();
    return finish(std::move(rest), std::move(runs), walk.codec(), codec);
}

}  // namespace kafka::core
