// SPDX-License-Identifier: Apache-2.0
// The inside of a Batch.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <kafka/batch.hpp>
#include <kafka/partition_options.hpp>
#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/record_reader.hpp>
#include <kafka/result.hpp>

#include "client/read_position.hpp"

namespace kafka {

struct Batch::Impl {
    using PartitionData = protocol::FetchResponse::PartitionData;

    /// `from` is the offset that was asked for. Null `position`: nothing is moved.
    Impl(std::string topic, PartitionData data, std::int64_t from, std::int32_t throttle_ms,
         const FetchOptions& options, std::shared_ptr<client::ReadPosition> position,
         std::uint64_t turn);

    /// The next record to show, which stays the next until taken().
    [[nodiscard]] const protocol::RecordView* peek();
    void taken();
    void close() noexcept;

    std::string topic;
    std::int32_t partition;
    std::int64_t high_watermark;
    std::int64_t last_stable_offset;
    std::int64_t log_start_offset;
    std::chrono::milliseconds throttle;
    std::size_t size;
    std::int64_t offset;  // of the next record
    Failure failure;
    std::int32_t leader_epoch = -1;  // of the record batch that is read
    protocol::RecordReader reader;

private:
    [[nodiscard]] bool skip(const protocol::RecordBatchView& batch);
    void at_end();

    std::int32_t max_bytes_;
    std::multimap<std::int64_t, std::int64_t> aborted_;  // producers by their first offset
    std::set<std::int64_t> aborting_;                    // producers whose records do not count
    const protocol::RecordView* peeked_ = nullptr;
    bool in_batch_ = false;
    bool ended_ = false;
    std::shared_ptr<client::ReadPosition> position_;
    std::uint64_t turn_;
};

}  // namespace kafka
