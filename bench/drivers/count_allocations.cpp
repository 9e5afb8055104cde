// SPDX-License-Identifier: Apache-2.0
// libcount-allocations.so, preloaded into a driver of its own run: counts what is asked of malloc
// and its relatives, which glibc has under second names. Nothing of the driver is measured
// otherwise in such a run.
#include <atomic>
#include <cerrno>
#include <cstddef>

extern "C" {

void* __libc_malloc(std::size_t size) noexcept;
void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
void* __libc_realloc(void* block, std::size_t size) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t size) noexcept;

}  // extern "C"

namespace {

std::atomic<unsigned long long> allocations{0}, allocated_bytes{0};

void count(std::size_t size) noexcept {
    allocations.fetch_add(1, std::memory_order_relaxed);
    allocated_bytes.fetch_add(size, std::memory_order_relaxed);
}

}  // namespace

#define EXPORTED extern "C" __attribute__((visibility("default")))

/// How many times memory was asked for, and how many bytes of it, since the program began.
EXPORTED void kafka_bench_allocations(unsigned long long out[2]) {
    out[0] = allocations.load(std::memory_order_relaxed);
    out[1] = allocated_bytes.load(std::memory_order_relaxed);
}

EXPORTED void* malloc(std::size_t size) noexcept {
    count(size);
    return __libc_malloc(size);
}
EXPORTED void* calloc(std::size_t number, std::size_t size) noexcept {
    count(number * size);
    return __libc_calloc(number, size);
}
EXPORTED void* realloc(void* block, std::size_t size) noexcept {
    count(size);
    return __libc_realloc(block, size);
}
EXPORTED void* memalign(std::size_t alignment, std::size_t size) noexcept {
    count(size);
    return __libc_memalign(alignment, size);
}
EXPORTED void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    count(size);
    return __libc_memalign(alignment, size);
}
EXPORTED int posix_memalign(void** block, std::size_t alignment, std::size_t size) noexcept {
    if (alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
    count(size);
    auto* const made = __libc_memalign(alignment, size);
    if (!made) return ENOMEM;
    *block = made;
    return 0;
}
