// SPDX-License-Identifier: Apache-2.0
#include <kafka/secret.hpp>

namespace kafka {

void wipe(void* memory, std::size_t size) noexcept {
    // Volatile writes are not optimised away before the memory is freed.
    for (volatile auto* byte = static_cast<unsigned char*>(memory); size > 0; ++byte, --size)
        *byte = 0;
}

// Not in the header: g++ 12 warns of overflows that are none where it sees a text of known length.
Secret::Secret(std::span<const std::uint8_t> bytes) : bytes_(bytes.begin(), bytes.end()) {}

Secret& Secret::append(std::span<const std::uint8_t> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
}

bool operator==(const Secret& a, const Secret& b) noexcept {
    if (a.bytes_.size() != b.bytes_.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.bytes_.size(); ++i)
        difference |= static_cast<unsigned>(a.bytes_[i] ^ b.bytes_[i]);
    return difference == 0;
}

std::string to_string(const Secret&) {
    return "****";
}

}  // namespace kafka
