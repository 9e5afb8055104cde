// SPDX-License-Identifier: Apache-2.0
// Varints against a reader that is slow and plainly right, and against their own writer.
#include <limits>
#include <optional>

#include <kafka/protocol/varint.hpp>

#include "fuzz/script.hpp"

namespace kafka::fuzz {
namespace {

struct Read {
    std::uint64_t value;
    std::size_t size;
};

// Bit by bit, as the format is defined.
std::optional<Read> read_slowly(Input in, std::size_t bits) {
    const std::size_t most = (bits + 6) / 7;
    Read read{0, 0};
    for (std::size_t place = 0;; ++read.size) {
        if (read.size == in.size() || read.size == most) return std::nullopt;
        const auto byte = in[read.size];
        for (int i = 0; i < 7; ++i, ++place) {
            if (!(byte >> i & 1)) continue;
            if (place >= bits) return std::nullopt;
            read.value |= std::uint64_t{1} << place;
        }
        if (byte < 0x80) {
            ++read.size;
            return read;
        }
    }
}

template <class Unsigned>
std::size_t read_one(Input in) {
    const auto* const begin = in.data();
    const auto* at = begin;
    Unsigned value = 0;
    const bool good = protocol::read_varint(at, begin + in.size(), value);
    const auto expected = read_slowly(in, std::numeric_limits<Unsigned>::digits);
    check(good == expected.has_value(), "the fast reader takes what the slow one takes");
    if (!good) {
        check(at == begin, "a reader that fails does not move");
        return 0;
    }
    const auto size = static_cast<std::size_t>(at - begin);
    check(value == expected->value && size == expected->size, "both read the same");

    std::uint8_t room[10];
    const auto* const end = protocol::write_varint(room, value);
    check(static_cast<std::size_t>(end - room) == protocol::varint_size(value),
          "a number takes the room that was foretold");
    check(static_cast<std::size_t>(end - room) <= size, "the writer writes the shortest form");
    const std::uint8_t* again_at = room;
    Unsigned again = 0;
    check(protocol::read_varint(again_at, end, again) && again == value && again_at == end,
          "what is written reads back");

    using Signed = std::make_signed_t<Unsigned>;
    Signed folded = 0;
    at = begin;
    check(protocol::read_zigzag(at, begin + in.size(), folded), "folded numbers read alike");
    check(protocol::zigzag(folded) == value, "folding and unfolding are inverse");
    return size;
}

void run(Input input) {
    for (auto left = input; !left.empty();) {
        const auto size = read_one<std::uint64_t>(left);
        read_one<std::uint32_t>(left);
        left = left.subspan(size ? size : 1);
    }
    read_one<std::uint64_t>({});
    read_one<std::uint32_t>({});
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> seeds;
    for (int shift = 0; shift < 64; ++shift) {
        Bytes seed;
        for (const auto value : {std::uint64_t{1} << shift, (std::uint64_t{1} << shift) - 1}) {
            std::uint8_t room[10];
            put(seed, Input(room, protocol::write_varint(room, value)));
        }
        seeds.push_back(std::move(seed));
    }
    seeds.push_back({0x80, 0x80, 0x80, 0x80, 0x00});
    seeds.push_back({0xff, 0xff, 0xff, 0xff, 0x1f});
    seeds.push_back({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01});
    seeds.push_back({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x03});
    seeds.push_back(Bytes(11, 0x80));
    return seeds;
}

const Registration registration({"varint", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
