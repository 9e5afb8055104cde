// SPDX-License-Identifier: Apache-2.0
// Gather: an encoded message as a list of pieces, so that record data is not copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/slice.hpp>

namespace kafka::protocol {

/// Bytes written one after the other, with large slices kept by reference between them.
/// Not thread-safe.
class KAFKA_API Gather {
public:
    /// Slices shorter than this (bytes) are copied: a piece of its own costs more than the copy.
    static constexpr std::size_t copy_below = 4096;

    /// All bytes, slices included.
    [[nodiscard]] std::size_t size() const noexcept { return own_.size() + referenced_; }
    /// Bytes written so far that are not in slices: a position for patch() and insert().
    [[nodiscard]] std::size_t position() const noexcept { return own_.size(); }
    [[nodiscard]] ByteBuffer& own() noexcept { return own_; }

    /// Adds a slice, or its SliceOwner::parts(): by reference, or copied if it is short.
    void append(const Slice& slice);
    /// Puts bytes in at `position`, moving what follows.
    void insert(std::size_t position, std::span<const std::uint8_t> bytes);
    void clear() noexcept;

    /// The pieces in order. The spans hold as long as this object is neither changed nor moved.
    void pieces(std::vector<std::span<const std::uint8_t>>& out) const;
    /// Everything as one piece, copied.
    [[nodiscard]] ByteBuffer flat() const;

private:
    struct Reference {
        std::size_t position;  // in own_
        Slice slice;
    };
    ByteBuffer own_;
    std::vector<Reference> references_;
    std::size_t referenced_ = 0;
};

}  // namespace kafka::protocol
