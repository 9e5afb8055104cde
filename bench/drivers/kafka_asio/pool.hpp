// SPDX-License-Identifier: Apache-2.0
// Memory of batches, used again when the connection has let go of it.
#pragma once

#include <utility>
#include <vector>

#include <kafka/slice.hpp>

namespace kafka_bench {

/// Not thread-safe; must outlive what it shared.
class Pool {
public:
    explicit Pool(std::size_t capacity) : capacity_(capacity) {}

    [[nodiscard]] kafka::ByteBuffer take() {
        if (free_.empty()) return kafka::ByteBuffer(capacity_);
        auto buffer = std::move(free_.back());
        free_.pop_back();
        buffer.clear();
        return buffer;
    }
    /// The buffer comes back when the last copy of the slice goes.
    [[nodiscard]] kafka::Slice share(kafka::ByteBuffer buffer) {
        auto* const owner = new Owner(*this, std::move(buffer));
        kafka::Slice slice(owner, owner->buffer.data(), owner->buffer.size());
        owner->drop();  // the slice has its own
        return slice;
    }

private:
    struct Owner final : kafka::SliceOwner {
        Owner(Pool& from, kafka::ByteBuffer bytes) : pool(from), buffer(std::move(bytes)) {}
        void destroy() noexcept override {
            pool.free_.push_back(std::move(buffer));
            delete this;
        }
        Pool& pool;
        kafka::ByteBuffer buffer;
    };

    std::size_t capacity_;
    std::vector<kafka::ByteBuffer> free_;
};

}  // namespace kafka_bench
