// SPDX-License-Identifier: Apache-2.0
// The tests' own counter: what rests on it is worth what it is worth.
#include "allocation_counter.hpp"

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using kafka::test::AllocationScope;
using kafka::test::counts_allocations;

namespace {

// Compilers may leave out an allocation whose memory nobody looks at.
template <class T>
T* kept(T* pointer) {
    asm volatile("" : : "g"(pointer) : "memory");
    return pointer;
}

struct Numbers {
    explicit Numbers(const AllocationScope& scope)
        : count(scope.count()), total(scope.total()), peak(scope.peak()), live(scope.live()) {}
    std::size_t count, total, peak;
    std::int64_t live;
};

struct alignas(128) Wide {
    char bytes[128];
};

}  // namespace

TEST_CASE("a scope counts malloc, calloc, realloc, aligned blocks and operator new") {
    if (!counts_allocations()) return;
    const auto one = [](auto allocate) {
        AllocationScope scope;
        auto* block = kept(allocate());
        const Numbers numbers(scope);
        std::free(block);
        CHECK(numbers.count == 1);
        CHECK(numbers.live >= 1000);
        CHECK(numbers.live <= 1200);
        CHECK(numbers.peak == static_cast<std::size_t>(numbers.live));
        CHECK(numbers.total == numbers.peak);
    };
    one([] { return std::malloc(1000); });
    one([] { return std::calloc(10, 100); });
    one([] { return std::realloc(nullptr, 1000); });
    if (!kafka::test::thread_sanitized) {
        one([] { return std::aligned_alloc(64, 1024); });
        one([] {
            void* block = nullptr;
            return posix_memalign(&block, 128, 1024) == 0 ? block : nullptr;
        });
    }

    AllocationScope scope;
    delete[] kept(new char[1000]);
    delete kept(new Wide);
    kept(std::make_unique<std::string>(500, 'x').get());
    const Numbers numbers(scope);
    CHECK(numbers.count == 4);
    CHECK(numbers.live == 0);
    CHECK(numbers.peak >= 1000);
    CHECK(numbers.peak <= 1200);
    CHECK(numbers.total >= 1000 + 128 + 32 + 501);
}

TEST_CASE("the peak is what was there at once, not what was there in all") {
    if (!counts_allocations()) return;
    AllocationScope scope;
    for (int i = 0; i < 100; ++i)
        std::free(kept(std::malloc(10'000)));
    auto* block = kept(std::malloc(10'000));
    block = kept(std::realloc(block, 50'000));
    const Numbers grown(scope);
    std::free(block);
    const Numbers after(scope);
    CHECK(grown.count == 102);
    CHECK(grown.live >= 50'000);
    CHECK(grown.live <= 52'000);
    CHECK(grown.peak <= 62'000);  // a sanitizer's realloc has both blocks for a moment
    CHECK(grown.total >= 1'060'000);
    CHECK(after.live == 0);
    CHECK(after.peak == grown.peak);
}

TEST_CASE("a realloc that cannot be leaves the old block counted") {
    if (!counts_allocations() || kafka::test::sanitized) return;
    // Called so that compilers do not know it and do not warn of the size.
    void* (*volatile resize)(void*, std::size_t) = std::realloc;
    AllocationScope scope;
    auto* block = kept(std::malloc(1000));
    const Numbers before(scope);
    auto* none = resize(block, PTRDIFF_MAX);
    const Numbers after(scope);
    std::free(block);
    const Numbers freed(scope);
    CHECK(none == nullptr);
    CHECK(after.live == before.live);
    CHECK(freed.live == 0);
}

TEST_CASE("scopes can be nested, and each has its own peak") {
    if (!counts_allocations()) return;
    AllocationScope outer;
    std::free(kept(std::malloc(100'000)));
    Numbers inner_numbers(outer);
    {
        AllocationScope inner;
        std::free(kept(std::malloc(1000)));
        inner_numbers = Numbers(inner);
    }
    std::free(kept(std::malloc(10)));
    const Numbers outer_numbers(outer);
    CHECK(inner_numbers.count == 1);
    CHECK(inner_numbers.peak < 2000);
    CHECK(outer_numbers.count == 3);
    CHECK(outer_numbers.peak >= 100'000);

    AllocationScope low;
    {
        AllocationScope inner;
        std::free(kept(std::malloc(70'000)));
    }
    const Numbers low_numbers(low);
    CHECK(low_numbers.peak >= 70'000);
}

TEST_CASE("a scope sees its own thread only") {
    if (!counts_allocations()) return;
    AllocationScope scope;
    std::size_t there = 0;
    std::thread other([&there] {
        AllocationScope own;
        std::vector<char> block(5'000'000);
        kept(block.data());
        there = own.peak();
    });
    other.join();
    const Numbers numbers(scope);
    CHECK(there >= 5'000'000);
    CHECK(numbers.peak < 1'000'000);
}
