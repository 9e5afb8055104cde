// SPDX-License-Identifier: Apache-2.0
// Structure-aware: the input chooses a message of any type, with which content, and then how its
// bytes are changed. So each run begins with a valid message, and a change in the middle of it is
// one decision of the fuzzer.
#include <algorithm>
#include <string>

#include "fuzz/messages.hpp"

namespace kafka::fuzz {
namespace {

// Lengths and counts in their usual forms.
void put_number(Bytes& bytes, std::size_t at, Script& script) {
    static constexpr std::int64_t values[] = {-1,    -2,    0,       1,       2,         127,
                                              128,   255,   256,     16383,   16384,     32767,
                                              32768, 65535, 1000000, 1000001, 2147483647};
    const auto value = static_cast<std::uint64_t>(values[script.byte() % std::size(values)]);
    Bytes wire;
    switch (script.byte() % 4) {
        case 0:
            put(wire, static_cast<std::uint16_t>(value));
            break;
        case 1:
            put(wire, static_cast<std::uint32_t>(value));
            break;
        case 2:
            put(wire, value);
            break;
        default:
            auto rest = static_cast<std::uint32_t>(value);
            for (; rest >= 0x80; rest >>= 7)
                wire.push_back(static_cast<std::uint8_t>(rest | 0x80));
            wire.push_back(static_cast<std::uint8_t>(rest));
    }
    std::copy_n(wire.begin(), std::min(wire.size(), bytes.size() - at),
                bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

void change(Bytes& bytes, Script& script) {
    if (bytes.empty()) bytes.push_back(script.byte());
    const auto place = script.number<std::uint16_t>() % bytes.size();
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(place);
    switch (script.byte() % 6) {
        case 0:
            bytes[place] = script.byte();
            break;
        case 1:
            bytes[place] ^= static_cast<std::uint8_t>(1u << script.byte() % 8);
            break;
        case 2:
            put_number(bytes, place, script);
            break;
        case 3: {
            const auto count = std::min<std::size_t>(1 + script.byte() % 16, bytes.size() - place);
            bytes.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
            break;
        }
        case 4: {
            const auto more = script.bytes(1 + script.byte() % 16);
            bytes.insert(begin, more.begin(), more.end());
            break;
        }
        default:
            bytes.resize(place);
    }
}

void run(Input input) {
    Script script(input);
    const auto& choice = choose(all_messages(), script);
    const auto message = random_message(choice, script.number<std::uint16_t>());
    auto bytes = encoded(choice, message.get());
    const auto unchanged = take(choice, bytes);
    check(unchanged && protocol::equal(*choice.info, message.get(), unchanged.get()),
          "an encoded message decodes to itself");
    for (int changes = 0; !script.empty() && changes < 32; ++changes) {
        change(bytes, script);
        const auto changed = take(choice, bytes);
        // Both are alive: a decoder that shared something would show.
        if (changed) (void)protocol::equal(*choice.info, message.get(), changed.get());
    }
    check(!protocol::describe(*choice.info).empty(), "a message has a description");
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> seeds;
    for (std::uint16_t i = 0; i < all_messages().size(); ++i) {
        Bytes seed;
        put(seed, i);
        put(seed, i);
        for (std::uint8_t kind = 0; kind < 6; ++kind)
            put(seed, Bytes{0, static_cast<std::uint8_t>(i * 7 + kind), kind, 3, 1});
        seeds.push_back(std::move(seed));
    }
    return seeds;
}

const Registration registration({"structure", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
