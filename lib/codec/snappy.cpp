// SPDX-License-Identifier: Apache-2.0
// snappy as Kafka's clients write it: a raw block (librdkafka, franz-go, this library) or the
// "xerial" stream of snappy-java (Java, Sarama): a header, then blocks, each after its length.
#include "base/big_endian.hpp"
#include "codec/codecs.hpp"

#if KAFKA_HAVE_SNAPPY

#include <array>
#include <cstring>

#include <snappy-c.h>

namespace kafka::codec {
namespace {

constexpr std::string_view name = "snappy";
// As the first bytes of a raw block these claim 10,626 bytes and begin with a copy of what is not
// there yet: no valid raw block starts so, and the two forms cannot be confused (BI-88).
constexpr std::array<std::uint8_t, 8> xerial_magic{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr std::size_t xerial_header = 16;  // the magic, version, lowest compatible version
// The densest element: a copy of 64 bytes in 3.
constexpr std::uint64_t largest_ratio = 22;

bool begins_xerial(Bytes in) {
    return in.size() >= xerial_magic.size() &&
           std::memcmp(in.data(), xerial_magic.data(), xerial_magic.size()) == 0;
}

// What a block says it decompresses to, if its bytes could do that. `at` is its place in a stream
// of `size` bytes, for the words of the error.
Result<std::size_t> claimed_size(Bytes block, std::size_t at, std::size_t size) {
    std::size_t claimed = 0;
    if (snappy_uncompressed_length(reinterpret_cast<const char*>(block.data()), block.size(),
                                   &claimed) != SNAPPY_OK)
        return broken(name, "a block without a valid length", at, size);
    return claimed;
}

Failure check_plausible(Bytes block, std::size_t claimed, std::size_t at, std::size_t size) {
    if (claimed <= block.size() * largest_ratio) return {};
    return broken(name,
                  "a block of " + std::to_string(block.size()) + " bytes that claims to hold " +
                      std::to_string(claimed),
                  at, size);
}

// Calls take(block, at) for each block of a xerial stream.
template <class Take>
Failure walk_xerial(Bytes in, Take take) {
    std::size_t at = 0;
    while (at < in.size()) {
        // Streams may follow each other; the magic, read as a length, is negative.
        if (begins_xerial(in.subspan(at))) {
            if (in.size() - at < xerial_header)
                return broken(name, "the xerial header is cut off", in.size(), in.size());
            const auto version = load_big<std::uint32_t>(in.data() + at + 8);
            if (version == 0 || version > INT32_MAX)
                return broken(name, "a xerial version that is not positive", at + 8, in.size());
            at += xerial_header;
            continue;
        }
        if (in.size() - at < 4)
            return broken(name, "a xerial block's length is cut off", at, in.size());
        const auto length = load_big<std::uint32_t>(in.data() + at);
        at += 4;
        if (length > INT32_MAX)
            return broken(name, "a negative xerial block length", at - 4, in.size());
        if (length == 0) return broken(name, "a xerial block of no bytes", at - 4, in.size());
        if (length > in.size() - at)
            return broken(name,
                          "a xerial block of " + std::to_string(length) + " bytes where " +
                              std::to_string(in.size() - at) + " are left",
                          at - 4, in.size());
        if (auto failure = take(in.subspan(at, length), at)) return failure;
        at += length;
    }
    return {};
}

}  // namespace

Failure snappy_compress(Bytes in, ByteBuffer& out) {
    const auto base = out.size();
    std::size_t length = snappy_max_compressed_length(in.size());
    auto* to = reinterpret_cast<char*>(out.grow(length));
    if (::snappy_compress(reinterpret_cast<const char*>(in.data()), in.size(), to, &length) !=
        SNAPPY_OK)
        return {errc::compression_failed, "snappy: the library refused"};
    out.truncate(base + length);
    return {};
}

Failure snappy_decompress(Bytes in, ByteBuffer& out, std::size_t max_output) {
    const auto each_block = [in](auto take) -> Failure {
        if (begins_xerial(in)) return walk_xerial(in, take);
        return take(in, 0);
    };

    // Every claim is added up before any memory is taken: no sum of 2^31 bytes' claims overflows.
    std::uint64_t total = 0;
    Failure implausible;
    auto failure = each_block([&](Bytes block, std::size_t at) -> Failure {
        auto claimed = claimed_size(block, at, in.size());
        if (!claimed) return claimed.take_failure();
        total += *claimed;
        if (!implausible) implausible = check_plausible(block, *claimed, at, in.size());
        return {};
    });
    if (failure) return failure;
    if (total > max_output) return above_limit(name, max_output, total);
    if (implausible) return implausible;

    const auto base = out.size();
    make_room(out, static_cast<std::size_t>(total));
    out.grow(static_cast<std::size_t>(total));
    std::size_t produced = 0;
    return each_block([&](Bytes block, std::size_t at) -> Failure {
        auto length = static_cast<std::size_t>(total) - produced;
        auto* to = reinterpret_cast<char*>(out.data() + base + produced);
        if (snappy_uncompress(reinterpret_cast<const char*>(block.data()), block.size(), to,
                              &length) != SNAPPY_OK)
            return broken(name, "a block that does not decompress", at, in.size());
        produced += length;
        return {};
    });
}

}  // namespace kafka::codec

#else

namespace kafka::codec {

// Never called: codec.cpp asks available() first.
Failure snappy_compress(Bytes, ByteBuffer&) {
    return {errc::unsupported_codec};
}
Failure snappy_decompress(Bytes, ByteBuffer&, std::size_t) {
    return {errc::unsupported_codec};
}

}  // namespace kafka::codec

#endif
