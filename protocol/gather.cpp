// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/gather.hpp>

namespace kafka::protocol {

void Gather::append(const Slice& slice) {
    if (slice.owner())
        if (const auto parts = slice.owner()->parts(); !parts.empty()) {
            for (const auto& part : parts)
                append(part);
            return;
        }
    if (slice.size() < copy_below) return own_.append(slice.bytes());
    references_.push_back({own_.size(), slice});
    referenced_ += slice.size();
}

void Gather::insert(std::size_t position, std::span<const std::uint8_t> bytes) {
    const auto tail = own_.size() - position;
    own_.grow(bytes.size());
    auto* at = own_.data() + position;
    std::memmove(at + bytes.size(), at, tail);
    std::memcpy(at, bytes.data(), bytes.size());
    for (auto& reference : references_)
        if (reference.position >= position) reference.position += bytes.size();
}

void Gather::clear() noexcept {
    own_.clear();
    references_.clear();
    referenced_ = 0;
}

void Gather::pieces(std::vector<std::span<const std::uint8_t>>& out) const {
    std::size_t done = 0;
    for (const auto& reference : references_) {
        if (reference.position > done)
            out.push_back(own_.bytes().subspan(done, reference.position - done));
        out.push_back(reference.slice.bytes());
        done = reference.position;
    }
    if (own_.size() > done) out.push_back(own_.bytes().subspan(done));
}

ByteBuffer Gather::flat() const {
    ByteBuffer all(size());
    std::vector<std::span<const std::uint8_t>> parts;
    pieces(parts);
    for (auto part : parts)
        all.append(part);
    return all;
}

}  // namespace kafka::protocol
