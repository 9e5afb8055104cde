// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <span>

#include "base/crc32c.hpp"
#include "figure.hpp"

namespace limits {
namespace {

constexpr int rounds = 5;
constexpr std::int64_t round_ns = 30'000'000;

// Of this thread's processor time: the machine may have other work.
std::int64_t now_ns() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// Nanoseconds of one call, the best of some rounds: what else ran took caches away from the
/// others.
template <class Call>
double nanoseconds(const Call& call) {
    double best = 1e18;
    for (int round = 0; round < rounds; ++round) {
        std::uint64_t calls = 0, step = 1;
        const auto begin = now_ns();
        std::int64_t taken = 0;
        while ((taken = now_ns() - begin) < round_ns) {
            for (std::uint64_t i = 0; i < step; ++i)
                call();
            calls += step;
            step = std::min<std::uint64_t>(step * 2, 1024);
        }
        best = std::min(best, static_cast<double>(taken) / static_cast<double>(calls));
    }
    return best;
}

std::string size_name(std::size_t size) {
    if (size >= 1 << 20) return std::to_string(size >> 20) + " MiB";
    if (size >= 1 << 10) return std::to_string(size >> 10) + " KiB";
    return std::to_string(size) + " B";
}

void keep(const void* memory) {
    asm volatile("" : : "r"(memory) : "memory");
}

volatile std::uint32_t result;

}  // namespace

Figures memory() {
    Figures figures;
    const auto add = [&](std::string name, std::size_t bytes, double time) {
        figures.push_back({std::move(name), static_cast<double>(bytes) / time, "GB/s"});
    };
    constexpr std::size_t largest = 64 << 20;
    std::vector<std::uint8_t> from(largest, 0x5a), to(largest, 1);
    for (const std::size_t size : {std::size_t{100}, std::size_t{1} << 10, std::size_t{64} << 10,
                                   std::size_t{1} << 20, largest}) {
        add("memcpy " + size_name(size), size, nanoseconds([&] {
                std::memcpy(to.data(), from.data(), size);
                keep(to.data());
            }));
    }
    for (const auto& variant : kafka::crc32c_variants()) {
        if (!variant.supported) continue;
        for (const std::size_t size :
             {std::size_t{100}, std::size_t{1} << 10, std::size_t{64} << 10}) {
            add(std::string("crc32c ") + variant.name + " " + size_name(size), size,
                nanoseconds([&] { result = variant.compute(std::span(from).first(size), 0); }));
        }
    }
    const auto clock = [](clockid_t which) {
        return nanoseconds([which] {
            timespec time;
            clock_gettime(which, &time);
            keep(&time);
        });
    };
    figures.push_back({"clock_gettime MONOTONIC", clock(CLOCK_MONOTONIC), "ns"});
    figures.push_back({"clock_gettime MONOTONIC_COARSE", clock(CLOCK_MONOTONIC_COARSE), "ns"});
    return figures;
}

}  // namespace limits
