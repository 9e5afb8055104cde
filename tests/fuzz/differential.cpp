// SPDX-License-Identifier: Apache-2.0
// Bytes are decoded by every message type that could be meant: what reads them must write them,
// and read that again as the same. Where it wrote other bytes than it read (a default that stood
// in a tag, a long varint), those have one form only. take() checks it.
#include "fuzz/messages.hpp"

namespace kafka::fuzz {
namespace {

// Neighbours of the chosen one have other versions of the same fields: bytes that are valid in
// one are nearly so in the next.
constexpr std::size_t neighbours = 4;

void run(Input input) {
    Script script(input);
    const auto first = script.number<std::uint16_t>();
    const auto bytes = script.rest();
    const auto& all = all_messages();
    for (std::size_t i = 0; i < neighbours; ++i) {
        const auto& choice = all[(first + i) % all.size()];
        const auto message = take(choice, bytes);
        if (!message) continue;
        const auto& next = all[(first + i + 1) % all.size()];
        if (next.info != choice.info) continue;
        // What the next version can carry goes there and comes back the same.
        protocol::Gather out;
        if (protocol::encode(*next.info, message.get(), next.version, out)) continue;
        const auto flat = out.flat();
        check(take(next, flat.bytes()) != nullptr, "what was encoded can be decoded");
    }
}

std::vector<Bytes> seeds() {
    auto seeds = seeds_of(all_messages());
    // A compact string may announce more than a string may have (32767 bytes).
    for (std::uint16_t i = 0; i < all_messages().size(); ++i) {
        const auto& choice = all_messages()[i];
        if (choice.info->name != std::string_view("FindCoordinatorRequest") || choice.version != 3)
            continue;
        for (const std::uint32_t size : {32767u, 32768u}) {
            Bytes seed;
            put(seed, i);
            const auto announced = size + 1;
            put(seed, Bytes{static_cast<std::uint8_t>(announced | 0x80),
                            static_cast<std::uint8_t>(announced >> 7 | 0x80),
                            static_cast<std::uint8_t>(announced >> 14)});
            seed.insert(seed.end(), size, 'k');
            put(seed, Bytes{0, 0});
            seeds.push_back(std::move(seed));
        }
    }
    return seeds;
}

const Registration registration({"differential", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
