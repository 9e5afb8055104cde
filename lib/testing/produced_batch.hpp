// SPDX-License-Identifier: Apache-2.0
// The checks that a produced batch has to pass, in Kafka's order and with Kafka's errors.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <kafka/broker_errc.hpp>
#include <kafka/protocol/record_batch.hpp>
#include <kafka/slice.hpp>

#include "testing/topic_config.hpp"

namespace kafka::testing {

/// A batch as it came, and what was found in it.
struct ProducedBatch {
    broker_errc error = broker_errc::none;
    std::string message;
    /// Records that are refused by themselves: index and why.
    std::vector<std::pair<std::int32_t, std::string>> record_errors;

    protocol::RecordBatchView batch;
    std::string header_fault;         // what makes the header impossible, if it is
    std::int64_t max_timestamp = -1;  // of the records, whatever the header says

    void refuse(broker_errc why, std::string what) {
        error = why;
        message = std::move(what);
    }
};

/// What is checked before the broker looks at its own log: exactly one batch, of format 2.
void check_form(const Slice& records, int produce_version, ProducedBatch& produced);
/// Everything else: size, checksum, header, each record. Needs the result of check_form().
void check_content(const Slice& records, const TopicConfig& config, std::int64_t wall_ms,
                   ProducedBatch& produced);
/// The batch in the topic's codec. Null on failure, which sets the error.
[[nodiscard]] Slice rewritten(const Slice& records, const TopicConfig& config,
                              ProducedBatch& produced);

}  // namespace kafka::testing
