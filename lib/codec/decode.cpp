// SPDX-License-Identifier: Apache-2.0
#include "codec/decode.hpp"

namespace kafka::codec {

Failure broken(std::string_view codec, std::string_view what, std::size_t at, std::size_t size) {
    std::string detail(codec);
    detail.append(": ").append(what);
    detail.append(" at byte ").append(std::to_string(at));
    detail.append(" of ").append(std::to_string(size));
    return {errc::decompression_failed, std::move(detail)};
}

Failure above_limit(std::string_view codec, std::size_t max_output, std::uint64_t declared) {
    std::string detail(codec);
    if (declared)
        detail.append(": declares ").append(std::to_string(declared)).append(" bytes");
    else
        detail.append(": decompresses to more than the limit");
    detail.append(declared ? ", the limit is " : " of ");
    detail.append(std::to_string(max_output));
    if (!declared) detail.append(" bytes");
    return {errc::limit_exceeded, std::move(detail)};
}

Failure no_memory() {
    return {std::make_error_code(std::errc::not_enough_memory)};
}

void make_room(ByteBuffer& out, std::size_t room) {
    const auto base = out.size();
    if (out.data() && out.capacity() - base >= room) return;
    if (base == 0) out = ByteBuffer();
    // Never nothing: the libraries take a null pointer for a missing argument.
    out.reserve(base + std::max<std::size_t>(room, 1));
}

}  // namespace kafka::codec
