// SPDX-License-Identifier: Apache-2.0
// CompressJob: a batch that is compressed, perhaps outside the event loop.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <kafka/compression.hpp>
#include <kafka/result.hpp>
#include <kafka/slice.hpp>

#include "client/writer/write_batch.hpp"

namespace kafka::client {

/// Buffers to compress into: as many as there are jobs that run at a time. Thread-safe.
class ScratchBuffers {
public:
    [[nodiscard]] ByteBuffer take();
    void put(ByteBuffer buffer) noexcept;

private:
    std::mutex mutex_;
    std::vector<ByteBuffer> free_;
};

/// How it is done; of a writer, and outlives it for as long as jobs run.
struct Compressor {
    Compression codec = Compression::none;
    std::optional<int> level = std::nullopt;
    ScratchBuffers scratch = {};

    /// Thread-safe. The result takes the place of the records, in their memory, so that it needs no
    /// budget. Where it fails, or would be larger, the batch stays as it is, which is as good.
    [[nodiscard]] Failure compress(WriteBatch& batch) noexcept;
};

/// A batch that is with WriterConfig::compression_executor. It touches nothing of the writer.
struct CompressJob {
    std::shared_ptr<Compressor> compressor;
    std::unique_ptr<WriteBatch> batch;
    Failure failure = {};
    // The strand's.
    bool done = false;
    bool forsaken = false;  ///< its records were reported; only its memory is left
};

}  // namespace kafka::client
