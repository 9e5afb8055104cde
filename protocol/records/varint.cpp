// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <kafka/protocol/varint.hpp>

namespace kafka::protocol::detail {
namespace {

template <class Unsigned>
bool read_any_varint(const std::uint8_t*& at, const std::uint8_t* end, Unsigned& v) noexcept {
    constexpr int bits = std::numeric_limits<Unsigned>::digits;
    Unsigned sum = 0;
    const auto* p = at;
    for (int shift = 0; shift < bits; shift += 7) {
        if (p == end) return false;
        const std::uint8_t byte = *p++;
        const auto part = static_cast<Unsigned>(byte & 0x7f);
        if (bits - shift < 7 && (part >> (bits - shift)) != 0) return false;
        sum |= part << shift;
        if (byte < 0x80) {
            v = sum;
            at = p;
            return true;
        }
    }
    return false;
}

}  // namespace

bool read_long_varint(const std::uint8_t*& at, const std::uint8_t* end, std::uint32_t& v) noexcept {
    return read_any_varint(at, end, v);
}
bool read_long_varint(const std::uint8_t*& at, const std::uint8_t* end, std::uint64_t& v) noexcept {
    return read_any_varint(at, end, v);
}

}  // namespace kafka::protocol::detail
