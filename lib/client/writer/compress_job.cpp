// SPDX-License-Identifier: Apache-2.0
#include "client/writer/compress_job.hpp"

#include <new>
#include <utility>

#include <kafka/codec.hpp>
#include <kafka/error.hpp>

namespace kafka::client {

ByteBuffer ScratchBuffers::take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return {};
    auto buffer = std::move(free_.back());
    free_.pop_back();
    return buffer;
}

void ScratchBuffers::put(ByteBuffer buffer) noexcept {
    buffer.clear();
    try {
        const std::lock_guard lock(mutex_);
        free_.push_back(std::move(buffer));
    } catch (const std::bad_alloc&) {
        return;  // one less to use again
    }
}

Failure Compressor::compress(WriteBatch& batch) noexcept {
    try {
        auto result = scratch.take();
        auto sealed = batch.records.seal_into(result, {}, codec, codec::compress, level);
        // Larger than they were is no use, and would not fit.
        if (sealed && result.size() <= batch.records.size()) {
            auto buffer = std::move(batch.records).take();
            buffer.clear();
            buffer.append(result.bytes());
            batch.encoded = std::move(buffer);
        }
        scratch.put(std::move(result));
        return sealed ? Failure() : sealed.failure();
    } catch (const std::bad_alloc&) {
        return {std::make_error_code(std::errc::not_enough_memory), "compressing a batch"};
    }
}

}  // namespace kafka::client
