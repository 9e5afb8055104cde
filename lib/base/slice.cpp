// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <new>

#include <kafka/slice.hpp>

namespace kafka {

// The bytes of a ByteBuffer and, once it was released, of the slices that share them.
struct ByteBuffer::Block final : SliceOwner {
    static Block* make(std::size_t capacity) {
        if (capacity > SIZE_MAX - block_header) throw std::bad_alloc();
        void* memory = std::malloc(block_header + capacity);
        if (!memory) throw std::bad_alloc();
        return ::new (memory) Block;
    }
    std::uint8_t* bytes() noexcept { return reinterpret_cast<std::uint8_t*>(this) + block_header; }
    void destroy() noexcept override {
        this->~Block();
        std::free(this);
    }
};

ByteBuffer::~ByteBuffer() {
    if (block_) block_->drop();
}

void ByteBuffer::reserve(std::size_t capacity) {
    static_assert(sizeof(Block) <= block_header);
    if (capacity <= capacity_ && block_) return;
    auto* larger = Block::make(capacity);
    if (block_) {
        if (size_) std::memcpy(larger->bytes(), block_->bytes(), size_);
        block_->drop();
    }
    block_ = larger;
    capacity_ = capacity;
}

void ByteBuffer::make_room(std::size_t count) {
    if (count > SIZE_MAX - size_) throw std::bad_alloc();
    reserve(std::max({size_ + count, capacity_ + capacity_ / 2, std::size_t{64}}));
}

void ByteBuffer::consume(std::size_t count) noexcept {
    count = std::min(count, size_);
    if (count == 0) return;
    std::memmove(data(), data() + count, size_ - count);
    size_ -= count;
}

Slice ByteBuffer::release() && {
    if (!block_) reserve(1);
    Slice slice(block_, block_->bytes(), size_);
    block_->drop();  // the slice has its own reference
    block_ = nullptr;
    size_ = capacity_ = 0;
    return slice;
}

Slice Slice::copy_of(std::span<const std::uint8_t> bytes) {
    ByteBuffer buffer(std::max(bytes.size(), std::size_t{1}));
    buffer.append(bytes);
    return std::move(buffer).release();
}

}  // namespace kafka
