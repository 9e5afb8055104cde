// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <kafka/protocol/versioned.hpp>

#include "base/big_endian.hpp"

namespace kafka::protocol {

Result<Bytes> encode_versioned(const MessageInfo& info, const void* message, int version) {
    Gather out;
    store_big(out.own().grow(2), static_cast<std::int16_t>(version));
    if (auto failure = encode(info, message, version, out)) return failure;
    const auto flat = out.flat();
    return Bytes(flat.bytes().begin(), flat.bytes().end());
}

Result<std::int16_t> decode_versioned(const MessageInfo& info, void* message,
                                      std::span<const std::uint8_t> in,
                                      const DecodeLimits& limits) {
    if (in.size() < 2)
        return Failure(
            errc::malformed_message,
            std::to_string(in.size()) + " bytes, too short for the version of " + info.name);
    const auto stated = load_big<std::int16_t>(in.data());
    if (stated < 0)
        return Failure(errc::malformed_message,
                       "version " + std::to_string(stated) + " of " + info.name);
    const auto version = std::min(stated, info.versions.max);
    const Slice body(in.data() + 2, in.size() - 2);
    std::size_t used = 0;
    if (auto failure = decode(info, message, version, body, limits, used)) return failure;
    if (used != body.size() && stated == version)
        return Failure(errc::malformed_message, std::to_string(body.size() - used) +
                                                    " bytes after the end, " + info.name + " v" +
                                                    std::to_string(version));
    return stated;
}

}  // namespace kafka::protocol
