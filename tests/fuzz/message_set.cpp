// SPDX-License-Identifier: Apache-2.0
// Message sets (formats 0 and 1): the input as it is, or as a set whose messages get right sizes
// and checksums, plain or inside a compressed message.
#include "base/big_endian.hpp"
#include "fuzz/records.hpp"
#include "protocol/records/crc32_ieee.hpp"

namespace kafka::fuzz {
namespace {

// How the input is used: its first byte.
constexpr std::uint8_t framed = 0x80;   // each message gets its size and checksum
constexpr std::uint8_t wrapped = 0x40;  // and all go into one compressed message
constexpr std::uint8_t new_format = 8;  // of the wrapper
constexpr std::uint8_t append_time = 16;

// `body` is what follows the checksum.
Bytes message(std::int64_t offset, Input body) {
    Bytes out;
    put(out, offset);
    put(out, static_cast<std::uint32_t>(body.size() + 4));
    put(out, protocol::crc32_ieee(body));
    put(out, body);
    return out;
}

void run(Input input) {
    Script script(input);
    const auto how = script.byte();
    if (!(how & framed)) {
        const auto raw = script.rest();
        read_records(raw);
        return;
    }
    Bytes set;
    std::int64_t offset = how & 32 ? 100 : 0;
    while (!script.empty()) {
        const auto step = script.number<std::int8_t>();
        put(set, message(offset, script.bytes(script.byte())));
        offset += step;
    }
    read_records(set);
    if (!(how & wrapped)) return;
    const auto codec = how & 7u;
    const auto value = compressed(codec, set);
    Bytes body{static_cast<std::uint8_t>(how & new_format ? 1 : 0),
               static_cast<std::uint8_t>(codec | (how & append_time ? 8 : 0))};
    if (how & new_format) put(body, std::int64_t{1'700'000'000'000});
    put(body, std::int32_t{-1});
    put(body, static_cast<std::uint32_t>(value.size()));
    put(body, value);
    auto whole = message(how & 32 ? 104 : 0, body);
    put(whole, message(500, body));
    read_records(whole);
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> seeds;
    for (const auto magic : Bytes{0, 1}) {
        Bytes script;
        Bytes set;
        for (int i = 0; i < 3; ++i) {
            Bytes body{magic, 0};
            if (magic) put(body, std::int64_t{1000 + i});
            if (i == 1)
                put(body, std::int32_t{-1});
            else
                put(body, Bytes{0, 0, 0, 1, 'k'});
            if (i == 2)
                put(body, std::int32_t{-1});
            else
                put(body, Bytes{0, 0, 0, 2, 'v', static_cast<std::uint8_t>(i)});
            put(script, Bytes{1, static_cast<std::uint8_t>(body.size())});
            put(script, body);
            put(set, message(i, body));
        }
        Bytes raw{0};
        put(raw, set);
        seeds.push_back(raw);
        raw.pop_back();
        seeds.push_back(std::move(raw));
        for (std::uint8_t codec = 0; codec <= 4; ++codec) {
            for (const auto more : Bytes{0, 8, 16, 24, 32, 40}) {
                Bytes seed{static_cast<std::uint8_t>(framed | wrapped | codec | more)};
                put(seed, script);
                seeds.push_back(std::move(seed));
            }
        }
    }
    return seeds;
}

const Registration registration({"message_set", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
