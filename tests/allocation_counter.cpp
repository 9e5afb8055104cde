// SPDX-License-Identifier: Apache-2.0
#include "allocation_counter.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace kafka::test {
namespace {

struct Counts {
    std::size_t count = 0;
    std::size_t total = 0;
    std::int64_t live = 0;
    std::int64_t peak = 0;  // since the innermost scope began
};
// Without a constructor and in the program itself: reaching it allocates nothing.
constinit thread_local Counts counts;

[[maybe_unused]] void on_allocated(std::size_t size) noexcept {
    ++counts.count;
    counts.total += size;
    counts.live += static_cast<std::int64_t>(size);
    counts.peak = std::max(counts.peak, counts.live);
}
[[maybe_unused]] void on_freed(std::size_t size) noexcept {
    counts.live -= static_cast<std::int64_t>(size);
}

}  // namespace

AllocationScope::AllocationScope() noexcept
    : count_(counts.count), total_(counts.total), live_(counts.live), outer_peak_(counts.peak) {
    counts.peak = counts.live;
}
AllocationScope::~AllocationScope() {
    counts.peak = std::max(counts.peak, outer_peak_);
}
std::size_t AllocationScope::count() const noexcept {
    return counts.count - count_;
}
std::size_t AllocationScope::total() const noexcept {
    return counts.total - total_;
}
std::int64_t AllocationScope::live() const noexcept {
    return counts.live - live_;
}
std::size_t AllocationScope::peak() const noexcept {
    return static_cast<std::size_t>(counts.peak - live_);
}

#if KAFKA_TEST_SANITIZED

// The sanitizers' allocators cannot be replaced, but tell of every block.
extern "C" {
int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, std::size_t),
                                              void (*)(const volatile void*));
std::size_t __sanitizer_get_allocated_size(const volatile void*);
}

namespace {
const bool installed = __sanitizer_install_malloc_and_free_hooks(
                           [](const volatile void*, std::size_t size) { on_allocated(size); },
                           [](const volatile void* block) {
                               if (block) on_freed(__sanitizer_get_allocated_size(block));
                           }) > 0;
}  // namespace

bool counts_allocations() noexcept {
    return installed;
}

#elif defined(__GLIBC__)

bool counts_allocations() noexcept {
    return true;
}

#else

bool counts_allocations() noexcept {
    return false;
}

#endif

}  // namespace kafka::test

#if !KAFKA_TEST_SANITIZED && defined(__GLIBC__)

#include <malloc.h>

// The program's malloc is the one that all its libraries get, as glibc documents ("Replacing
// malloc"), and operator new stands on it. These names are glibc's own for what it would have been.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}

namespace {

void* counted(void* block) noexcept {
    if (block) kafka::test::on_allocated(malloc_usable_size(block));
    return block;
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) noexcept {
    return counted(__libc_malloc(size));
}
void* calloc(std::size_t count, std::size_t size) noexcept {
    return counted(__libc_calloc(count, size));
}
void* realloc(void* old, std::size_t size) noexcept {
    const auto before = malloc_usable_size(old);
    auto* block = __libc_realloc(old, size);
    // Without a block and with a size it failed, and the old one stays.
    if (block || size == 0) kafka::test::on_freed(before);
    return counted(block);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
    return counted(__libc_memalign(alignment, size));
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return counted(__libc_memalign(alignment, size));
}
int posix_memalign(void** to, std::size_t alignment, std::size_t size) noexcept {
    if (alignment < sizeof(void*) || (alignment & (alignment - 1)) != 0) return EINVAL;
    auto* block = counted(__libc_memalign(alignment, size));
    if (!block) return ENOMEM;
    *to = block;
    return 0;
}
void free(void* block) noexcept {
    kafka::test::on_freed(malloc_usable_size(block));
    __libc_free(block);
}

}  // extern "C"

#endif
