// SPDX-License-Identifier: Apache-2.0
// Counts what a piece of a test allocates: how often, how much, how much of it at once. It sees
// malloc and its family and operator new, of this program and of the libraries that it uses.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__has_feature)
#define KAFKA_TEST_FEATURE(x) __has_feature(x)
#else
#define KAFKA_TEST_FEATURE(x) 0
#endif
#if defined(__SANITIZE_THREAD__) || KAFKA_TEST_FEATURE(thread_sanitizer)
#define KAFKA_TEST_TSAN 1
#else
#define KAFKA_TEST_TSAN 0
#endif
#if KAFKA_TEST_TSAN || defined(__SANITIZE_ADDRESS__) || KAFKA_TEST_FEATURE(address_sanitizer) || \
    KAFKA_TEST_FEATURE(memory_sanitizer)
#define KAFKA_TEST_SANITIZED 1
#else
#define KAFKA_TEST_SANITIZED 0
#endif

namespace kafka::test {

/// The allocator is a sanitizer's: it never moves or grows a block in place, and ends the program
/// where a size cannot be.
constexpr bool sanitized = KAFKA_TEST_SANITIZED;
/// It is the thread sanitizer's, which does not tell of aligned_alloc and posix_memalign.
constexpr bool thread_sanitized = KAFKA_TEST_TSAN;

/// True where allocations can be counted: with glibc's malloc and with the sanitizers'. Elsewhere
/// every number of a scope is 0.
[[nodiscard]] bool counts_allocations() noexcept;

/// Counts the allocations of this thread from its construction on. Other threads are not seen:
/// to count there, make a scope there. Scopes may be nested. Memory is what the allocator gave,
/// which is the size that was asked for or a little more.
///
///     AllocationScope scope;
///     work();
///     const auto peak = scope.peak();  // before CHECK, which allocates as well
class AllocationScope {
public:
    AllocationScope() noexcept;
    AllocationScope(const AllocationScope&) = delete;
    AllocationScope& operator=(const AllocationScope&) = delete;
    ~AllocationScope();

    /// Allocations; a realloc is one.
    [[nodiscard]] std::size_t count() const noexcept;
    /// Bytes of all of them together, freed or not. A realloc counts its new size.
    [[nodiscard]] std::size_t total() const noexcept;
    /// Bytes allocated here less those freed here; below zero where older memory was freed.
    [[nodiscard]] std::int64_t live() const noexcept;
    /// The most that live() has been. Under a sanitizer a realloc is a new block beside the old
    /// one; glibc mostly grows blocks in place.
    [[nodiscard]] std::size_t peak() const noexcept;

private:
    std::size_t count_, total_;
    std::int64_t live_, outer_peak_;
};

}  // namespace kafka::test
