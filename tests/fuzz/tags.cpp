// SPDX-License-Identifier: Apache-2.0
// Tagged fields (KIP-482): a message in its default state whose last byte, "no tags", is replaced
// by the input; and a list of (tag, bytes) from the input, put together as a writer would.
#include <kafka/protocol/varint.hpp>

#include "fuzz/messages.hpp"

namespace kafka::fuzz {
namespace {

const std::vector<Choice>& tagged() {
    static const auto all = [] {
        std::vector<Choice> choices;
        for (const auto& choice : all_messages()) {
            if (!choice.info->flexible(choice.version)) continue;
            // Those that end with their tags, and the consumer protocol's, that has none, not.
            auto bytes = encoded(choice, choice.make().get());
            if (!bytes.empty() && bytes.back() == 0) choices.push_back(choice);
        }
        return choices;
    }();
    return all;
}

void put_varint(Bytes& to, std::uint32_t value) {
    std::uint8_t room[5];
    put(to, Input(room, protocol::write_varint(room, value)));
}

void run(Input input) {
    Script script(input);
    const auto& choice = choose(tagged(), script);
    const auto put_together = script.byte() % 2 == 1;
    auto bytes = encoded(choice, choice.make().get());
    bytes.pop_back();
    if (!put_together) {
        put(bytes, script.rest());
        take(choice, bytes);
        return;
    }
    Bytes fields;
    std::uint32_t count = 0, tag = 0;
    while (!script.empty() && count < 100) {
        const auto step = script.byte();
        // Most ascend by one, as known ones do; some jump, or repeat.
        tag += step < 200 ? (count ? 1 : 0) : step < 250 ? step : 0;
        put_varint(fields, tag);
        const auto data = script.bytes(script.byte());
        put_varint(fields, static_cast<std::uint32_t>(data.size()));
        put(fields, data);
        ++count;
    }
    put_varint(bytes, count);
    put(bytes, fields);
    take(choice, bytes);
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> seeds;
    for (std::uint16_t i = 0; i < tagged().size(); ++i) {
        Bytes seed;
        put(seed, i);
        // Three tags with numbers, an array, text; then the same as a list.
        put(seed, i % 2 ? Bytes{0, 3, 0, 4, 0, 0, 0, 1, 1, 2, 2, 0, 5, 4, 3, 'a', 'b', 0}
                        : Bytes{1, 0, 4, 0, 0, 0, 1, 0, 2, 2, 0, 210, 3, 'a', 'b', 0});
        seeds.push_back(std::move(seed));
    }
    // Overlong counts and sizes.
    seeds.push_back({0, 0, 0, 0x81, 0x80, 0x80, 0x00, 7, 0x80, 0x00});
    seeds.push_back({0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f});
    return seeds;
}

const Registration registration({"tags", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
