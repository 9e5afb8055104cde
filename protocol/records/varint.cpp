// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/varint.hpp>

namespace kafka::protocol::detail {

LongVarint read_long_varint(const std::uint8_t* at, const std::uint8_t* end, int bits) noexcept {
    std::uint64_t sum = 0;
    for (int shift = 0; shift < bits; shift += 7) {
        if (at == end) break;
        const std::uint8_t byte = *at++;
        const auto part = std::uint64_t{byte} & 0x7f;
        if (bits - shift < 7 && (part >> (bits - shift)) != 0) break;
        sum |= part << shift;
        if (byte < 0x80) return {at, sum};
    }
    return {nullptr, 0};
}

}  // namespace kafka::protocol::detail
