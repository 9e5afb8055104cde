// SPDX-License-Identifier: Apache-2.0
// All targets without libFuzzer: runs the seeds of one and then mutations of them, the same ones
// at every run. For tools/test, where a few seconds tell whether a target still works.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#if defined(__SANITIZE_ADDRESS__)
#define KAFKA_FUZZ_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KAFKA_FUZZ_SANITIZED 1
#endif
#endif
#ifdef KAFKA_FUZZ_SANITIZED
#include <sanitizer/common_interface_defs.h>
#endif

#include "fuzz/target.hpp"

using namespace kafka::fuzz;

namespace {

constexpr const char* usage =
    "usage: fuzz-replay TARGET [--seconds S | --input HEX | --write-seeds FOLDER]\n"
    "Runs the seeds of a target, then mutations of them for S seconds (default: 2); or one "
    "input.\n";
constexpr std::size_t longest = 16 * 1024;

const char* program = "";
const Target* target = nullptr;
Input current;

// Called while the program dies.
void tell_input() {
    if (!target) return;
    std::fprintf(stderr, "to run this input again: %s %s --input '", program, target->name);
    for (auto byte : current)
        std::fprintf(stderr, "%02x", byte);
    std::fprintf(stderr, "'\n");
    target = nullptr;
}

extern "C" void on_abort(int) {
    tell_input();
    std::signal(SIGABRT, SIG_DFL);
    std::abort();
}

void run(const Bytes& input) {
    // Of exactly its size, so that a read past the end is seen.
    const auto copy = std::make_unique<std::uint8_t[]>(input.size());
    std::copy(input.begin(), input.end(), copy.get());
    current = {copy.get(), input.size()};
    target->run(current);
    current = {};
}

// splitmix64
class Random {
public:
    std::size_t below(std::size_t n) {
        state_ += 0x9e3779b97f4a7c15;
        auto z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return static_cast<std::size_t>((z ^ (z >> 31)) % n);
    }

private:
    std::uint64_t state_ = 1;
};

void mutate(Bytes& bytes, const std::vector<Bytes>& seeds, Random& random) {
    static constexpr std::uint8_t edges[] = {0, 1, 0x7f, 0x80, 0xff, 0xfe, 0x10, 0x0f};
    const auto at = [&](std::size_t i) { return bytes.begin() + static_cast<std::ptrdiff_t>(i); };
    if (bytes.empty()) bytes.push_back(0);
    const auto place = random.below(bytes.size());
    const auto count = std::min(1 + random.below(8), bytes.size() - place);
    switch (random.below(7)) {
        case 0:
            bytes[place] ^= static_cast<std::uint8_t>(1u << random.below(8));
            break;
        case 1:
            bytes[place] = static_cast<std::uint8_t>(random.below(256));
            break;
        case 2:
            std::fill_n(at(place), count, edges[random.below(std::size(edges))]);
            break;
        case 3:
            bytes.erase(at(place), at(place + count));
            break;
        case 4:
            bytes.insert(at(place), count, static_cast<std::uint8_t>(random.below(256)));
            break;
        case 5: {
            const Bytes part(at(place), at(place + count));
            bytes.insert(at(random.below(bytes.size())), part.begin(), part.end());
            break;
        }
        default: {  // the end of another seed
            const auto& other = seeds[random.below(seeds.size())];
            const auto from = static_cast<std::ptrdiff_t>(random.below(other.size() + 1));
            bytes.resize(place);
            bytes.insert(bytes.end(), other.begin() + from, other.end());
        }
    }
    if (bytes.size() > longest) bytes.resize(longest);
}

int run_for(double seconds) {
    using clock = std::chrono::steady_clock;
    const auto end = clock::now() + std::chrono::duration_cast<clock::duration>(
                                        std::chrono::duration<double>(seconds));
    const auto seeds = target->seeds();
    check(!seeds.empty(), "a target has seeds");
    for (const auto& seed : seeds)
        run(seed);
    Random random;
    std::size_t count = 0;
    for (; clock::now() < end; ++count) {
        auto input = seeds[random.below(seeds.size())];
        for (auto times = 1 + random.below(4); times > 0; --times)
            mutate(input, seeds, random);
        run(input);
    }
    std::printf("%s: %zu seeds, %zu mutations\n", target->name, seeds.size(), count);
    return 0;
}

int run_hex(std::string_view hex) {
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes.push_back(static_cast<std::uint8_t>(
            std::strtoul(std::string(hex.substr(i, 2)).c_str(), nullptr, 16)));
    run(bytes);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    program = argv[0];
    for (const auto& each : targets())
        if (argc > 1 && std::strcmp(argv[1], each.name) == 0) target = &each;
    const std::string_view option = argc > 2 ? argv[2] : "";
    if (!target || (argc != 2 && argc != 4)) {
        std::fputs(usage, stderr);
        for (const auto& each : targets())
            std::fprintf(stderr, "  %s\n", each.name);
        return 2;
    }
    if (option == "--write-seeds") return write_seeds(*target, argv[3]) ? 0 : 1;
    std::signal(SIGABRT, on_abort);
#ifdef KAFKA_FUZZ_SANITIZED
    __sanitizer_set_death_callback(tell_input);
#endif
    if (option == "--input") return run_hex(argv[3]);
    if (argc == 2 || option == "--seconds") return run_for(argc == 2 ? 2.0 : std::atof(argv[3]));
    std::fputs(usage, stderr);
    return 2;
}
