// SPDX-License-Identifier: Apache-2.0
// Bytes in tests, always in a heap block of exactly their size, so that a read past the end is
// caught by the address sanitizer.
#pragma once

#include <initializer_list>
#include <vector>

#include <kafka/slice.hpp>

namespace kafka::test {

/// Owns a copy of exactly the given bytes.
class ExactBytes final : public SliceOwner {
public:
    static Slice of(std::span<const std::uint8_t> bytes) {
        auto* owner = new ExactBytes(bytes);
        Slice slice(owner, owner->bytes_, bytes.size());
        owner->drop();
        return slice;
    }
    static Slice of(std::initializer_list<int> bytes) {
        std::vector<std::uint8_t> copy;
        for (int byte : bytes)
            copy.push_back(static_cast<std::uint8_t>(byte));
        return of(copy);
    }

private:
    explicit ExactBytes(std::span<const std::uint8_t> bytes)
        : bytes_(new std::uint8_t[bytes.size()]) {
        std::copy(bytes.begin(), bytes.end(), bytes_);
    }
    void destroy() noexcept override {
        delete[] bytes_;
        delete this;
    }
    std::uint8_t* bytes_;
};

}  // namespace kafka::test
