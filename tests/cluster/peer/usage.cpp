// SPDX-License-Identifier: Apache-2.0
#include "usage.hpp"

#include <cstddef>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

#include <malloc.h>

#if defined(__has_feature)
#define KAFKA_PEER_FEATURE(x) __has_feature(x)
#else
#define KAFKA_PEER_FEATURE(x) 0
#endif
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__) || \
    KAFKA_PEER_FEATURE(thread_sanitizer) || KAFKA_PEER_FEATURE(address_sanitizer)
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();  // g++ has no header for it
#define KAFKA_PEER_SANITIZED 1
#else
#define KAFKA_PEER_SANITIZED 0
#endif

namespace kafka::peer {
namespace {

std::size_t entries(const char* folder) {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder))
        ++count;
    return count;
}

std::size_t heap_bytes() {
#if KAFKA_PEER_SANITIZED
    return __sanitizer_get_current_allocated_bytes();
#else
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
#endif
}

std::size_t resident_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6)) * 1024;
    return 0;
}

}  // namespace

Usage Usage::now() {
    Usage usage;
    usage.heap = heap_bytes();
    usage.resident = resident_bytes();
    usage.cpu = static_cast<std::int64_t>(std::clock()) * 1000 / CLOCKS_PER_SEC;
    usage.descriptors = entries("/proc/self/fd");
    usage.threads = entries("/proc/self/task");
    return usage;
}

JsonLine Usage::line() const {
    JsonLine line;
    line.add("descriptors", descriptors).add("threads", threads);
    line.add("heap", heap).add("resident", resident).add("cpu", cpu);
    return line;
}

}  // namespace kafka::peer
