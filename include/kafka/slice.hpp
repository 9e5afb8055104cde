// SPDX-License-Identifier: Apache-2.0
// Slice: a view of bytes that keeps their owner alive. ByteBuffer: bytes that grow.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include <kafka/export.hpp>

namespace kafka {

class Slice;

/// What a Slice keeps alive: an intrusive count and the way to free it. Counting is thread-safe.
class SliceOwner {
public:
    SliceOwner() = default;
    SliceOwner(const SliceOwner&) = delete;
    SliceOwner& operator=(const SliceOwner&) = delete;

    void grab() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
    void drop() noexcept {
        if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
    }
    /// The parts of a slice that does not lie in one piece: such a one may be given to
    /// protocol::encode(), and its bytes() must not be read. Empty for all others.
    [[nodiscard]] virtual std::span<const Slice> parts() const noexcept;

protected:
    virtual ~SliceOwner() = default;
    /// Called once, by the thread that drops the last reference.
    virtual void destroy() noexcept = 0;

private:
    std::atomic<long> refs_{1};
};

/// A span of bytes and (often) an owner that keeps them in memory. Copies share the bytes.
/// A null slice differs from an empty one, as null differs from empty on the wire. Distinct
/// Slices of one owner may be used from several threads; one Slice may not.
class Slice {
public:
    /// Null.
    Slice() = default;
    /// A view that owns nothing: the bytes must outlive every copy.
    Slice(const std::uint8_t* data, std::size_t size) noexcept : data_(data), size_(size) {}
    /// Shares `owner`, adding a reference to it; `owner` may be null.
    Slice(SliceOwner* owner, const std::uint8_t* data, std::size_t size) noexcept
        : owner_(owner), data_(data), size_(size) {
        if (owner_) owner_->grab();
    }
    Slice(const Slice& other) noexcept : Slice(other.owner_, other.data_, other.size_) {}
    Slice(Slice&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)),
          data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)) {}
    Slice& operator=(Slice other) noexcept {
        std::swap(owner_, other.owner_);
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~Slice() {
        if (owner_) owner_->drop();
    }

    /// A slice that owns a copy of `bytes`. Never null.
    [[nodiscard]] static KAFKA_API Slice copy_of(std::span<const std::uint8_t> bytes);

    [[nodiscard]] const std::uint8_t* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] bool null() const noexcept { return data_ == nullptr; }
    [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return {data_, size_}; }
    [[nodiscard]] SliceOwner* owner() const noexcept { return owner_; }
    /// The part [offset, offset + count), with the same owner. Both are clamped to the slice.
    [[nodiscard]] Slice part(std::size_t offset, std::size_t count = SIZE_MAX) const noexcept {
        if (offset > size_) offset = size_;
        if (count > size_ - offset) count = size_ - offset;
        return {owner_, data_ + offset, count};
    }
    /// Same nullness and same bytes; owners do not matter.
    friend bool operator==(const Slice& a, const Slice& b) noexcept {
        return a.null() == b.null() && a.size_ == b.size_ &&
               (a.size_ == 0 || std::memcmp(a.data_, b.data_, a.size_) == 0);
    }

private:
    SliceOwner* owner_ = nullptr;
    const std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
};

inline std::span<const Slice> SliceOwner::parts() const noexcept {
    return {};
}

/// Bytes that grow at the end; unlike std::vector it does not clear what it hands out, and it
/// becomes a Slice without a copy. Move-only; not thread-safe.
class KAFKA_API ByteBuffer {
public:
    ByteBuffer() = default;
    explicit ByteBuffer(std::size_t capacity) { reserve(capacity); }
    ByteBuffer(ByteBuffer&& other) noexcept
        : block_(std::exchange(other.block_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)) {}
    ByteBuffer& operator=(ByteBuffer&& other) noexcept {
        std::swap(block_, other.block_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
        return *this;
    }
    ~ByteBuffer();

    [[nodiscard]] std::uint8_t* data() noexcept {
        return block_ ? reinterpret_cast<std::uint8_t*>(block_) + block_header : nullptr;
    }
    [[nodiscard]] const std::uint8_t* data() const noexcept {
        return block_ ? reinterpret_cast<const std::uint8_t*>(block_) + block_header : nullptr;
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return {data(), size_}; }
    [[nodiscard]] std::span<std::uint8_t> bytes() noexcept { return {data(), size_}; }
    std::uint8_t& operator[](std::size_t i) noexcept { return data()[i]; }

    /// Room for at least `capacity` bytes in all. Throws std::bad_alloc.
    void reserve(std::size_t capacity);
    /// Adds `count` bytes of unspecified content and returns where they begin. Amortised O(1).
    std::uint8_t* grow(std::size_t count) {
        if (count > capacity_ - size_) make_room(count);
        auto* at = data() + size_;
        size_ += count;
        return at;
    }
    void append(const void* from, std::size_t count) {
        auto* at = grow(count);
        if (count) std::memcpy(at, from, count);
    }
    void append(std::span<const std::uint8_t> from) { append(from.data(), from.size()); }
    void push_back(std::uint8_t byte) { *grow(1) = byte; }
    /// Shrinks to `size` (at most size()), keeping the memory.
    void truncate(std::size_t size) noexcept {
        if (size < size_) size_ = size;
    }
    void clear() noexcept { size_ = 0; }
    /// Removes the first `count` bytes (at most size()).
    void consume(std::size_t count) noexcept;

    /// The content as a slice that owns it; the buffer is empty afterwards. No copy.
    [[nodiscard]] Slice release() &&;

private:
    // A block is its owner's count, and the bytes behind it.
    struct KAFKA_LOCAL Block;
    static constexpr std::size_t block_header = 32;
    void make_room(std::size_t count);

    Block* block_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

inline std::string_view as_text(std::span<const std::uint8_t> bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline std::span<const std::uint8_t> as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace kafka
