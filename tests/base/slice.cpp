// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/slice.hpp>

using kafka::as_bytes;
using kafka::as_text;
using kafka::ByteBuffer;
using kafka::Slice;

namespace {

/// An owner that tells when it goes.
class Watched final : public kafka::SliceOwner {
public:
    explicit Watched(int& destroyed) : destroyed_(destroyed) {}

private:
    void destroy() noexcept override {
        ++destroyed_;
        delete this;
    }
    int& destroyed_;
};

Slice text(std::string_view bytes) {
    return Slice::copy_of(as_bytes(bytes));
}

}  // namespace

TEST_CASE("a default slice is null and empty") {
    const Slice slice;
    CHECK(slice.null());
    CHECK(slice.empty());
    CHECK(slice.bytes().empty());
    CHECK(slice.owner() == nullptr);
}

TEST_CASE("an empty slice differs from a null one") {
    const Slice empty = Slice::copy_of({});
    CHECK_FALSE(empty.null());
    CHECK(empty.empty());
    CHECK_FALSE(empty == Slice());
    CHECK(empty == Slice::copy_of({}));
    CHECK(Slice() == Slice());
}

TEST_CASE("slices compare by their bytes and not by their owners") {
    CHECK(text("abc") == text("abc"));
    CHECK_FALSE(text("abc") == text("abd"));
    CHECK_FALSE(text("abc") == text("ab"));
    const std::uint8_t bytes[] = {'a', 'b', 'c'};
    CHECK(Slice(bytes, 3) == text("abc"));
}

TEST_CASE("copy_of keeps its own copy of the bytes") {
    auto source = std::make_unique<std::uint8_t[]>(3);
    source[0] = 'x';
    const Slice slice = Slice::copy_of({source.get(), 3});
    source[0] = 'y';
    source.reset();
    CHECK(slice.bytes()[0] == 'x');
}

TEST_CASE("the last copy of a slice frees the owner, and only that one") {
    int destroyed = 0;
    const std::uint8_t bytes[] = {1, 2, 3, 4};
    {
        auto* owner = new Watched(destroyed);
        Slice first(owner, bytes, sizeof(bytes));
        owner->drop();  // the slice has a reference of its own
        Slice second = first;
        Slice third = std::move(first);
        CHECK(first.null());
        const Slice part = second.part(1, 2);
        second = Slice();
        third = text("other");
        CHECK(destroyed == 0);
        CHECK(part.bytes()[0] == 2);
    }
    CHECK(destroyed == 1);
}

TEST_CASE("a slice that is assigned to itself stays as it is") {
    Slice slice = text("abc");
    auto& same = slice;
    slice = same;
    CHECK(as_text(slice.bytes()) == "abc");
    slice = std::move(same);
    CHECK(as_text(slice.bytes()) == "abc");
}

TEST_CASE("part is clamped to its slice and shares its owner") {
    const Slice slice = text("0123456789");
    CHECK(as_text(slice.part(2, 3).bytes()) == "234");
    CHECK(as_text(slice.part(7).bytes()) == "789");
    CHECK(as_text(slice.part(7, 100).bytes()) == "789");
    CHECK(slice.part(3, 0).empty());
    CHECK_FALSE(slice.part(3, 0).null());
    CHECK(slice.part(10).empty());
    CHECK(slice.part(SIZE_MAX, SIZE_MAX).empty());
    CHECK(slice.part(2, 3).owner() == slice.owner());
    CHECK(Slice().part(1, 2).null());
}

TEST_CASE("slices of one owner may be copied and dropped by several threads") {
    const Slice slice = text("shared");
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([copy = slice] {
                for (int round = 0; round < 10'000; ++round) {
                    const Slice again = copy.part(1, 2);
                    if (again.size() != 2) return;
                }
            });
        }
    }
    CHECK(as_text(slice.bytes()) == "shared");
}

TEST_CASE("a buffer keeps its content while it grows") {
    ByteBuffer buffer;
    std::vector<std::uint8_t> expected;
    for (std::size_t i = 0; i < 10'000; ++i) {
        buffer.push_back(static_cast<std::uint8_t>(i * 7));
        expected.push_back(static_cast<std::uint8_t>(i * 7));
    }
    REQUIRE(buffer.size() == expected.size());
    CHECK(std::equal(expected.begin(), expected.end(), buffer.bytes().begin()));
    CHECK(buffer.capacity() >= buffer.size());
}

TEST_CASE("a buffer grows by a factor, so that appending is cheap on average") {
    ByteBuffer buffer;
    std::size_t moves = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        const auto before = buffer.capacity();
        buffer.push_back(0);
        if (buffer.capacity() != before) ++moves;
    }
    CHECK(moves < 40);
}

TEST_CASE("grow hands out exactly the bytes asked for") {
    ByteBuffer buffer(10);
    CHECK(buffer.capacity() == 10);
    auto* at = buffer.grow(10);
    CHECK(at == buffer.data());
    std::fill_n(at, 10, std::uint8_t{1});
    CHECK(buffer.capacity() == 10);
    at = buffer.grow(5);
    CHECK(at == buffer.data() + 10);
    CHECK(buffer.size() == 15);
    CHECK(buffer[9] == 1);
    CHECK(buffer.grow(0) == buffer.data() + 15);
}

TEST_CASE("a buffer that would outgrow the address space throws and stays as it was") {
    ByteBuffer buffer;
    buffer.append(as_bytes("abc"));
    CHECK_THROWS_AS((void)buffer.grow(SIZE_MAX), std::bad_alloc);
    CHECK_THROWS_AS((void)buffer.grow(SIZE_MAX - 3), std::bad_alloc);
    CHECK_THROWS_AS(buffer.reserve(SIZE_MAX), std::bad_alloc);
    CHECK(as_text(buffer.bytes()) == "abc");
}

TEST_CASE("consume removes from the front and keeps the rest") {
    ByteBuffer buffer;
    buffer.append(as_bytes("0123456789"));
    buffer.consume(0);
    buffer.consume(4);
    CHECK(as_text(buffer.bytes()) == "456789");
    buffer.append(as_bytes("ab"));
    CHECK(as_text(buffer.bytes()) == "456789ab");
    buffer.consume(100);
    CHECK(buffer.empty());
    ByteBuffer nothing;
    nothing.consume(1);
    CHECK(nothing.empty());
}

TEST_CASE("truncate and clear keep the memory, and never make a buffer larger") {
    ByteBuffer buffer;
    buffer.append(as_bytes("0123456789"));
    const auto capacity = buffer.capacity();
    buffer.truncate(20);
    CHECK(buffer.size() == 10);
    buffer.truncate(3);
    CHECK(as_text(buffer.bytes()) == "012");
    buffer.clear();
    CHECK(buffer.empty());
    CHECK(buffer.capacity() == capacity);
}

TEST_CASE("release gives the bytes away without a copy and leaves an empty buffer") {
    ByteBuffer buffer;
    buffer.append(as_bytes("payload"));
    const auto* bytes = buffer.data();
    const Slice slice = std::move(buffer).release();
    CHECK(slice.data() == bytes);
    CHECK(as_text(slice.bytes()) == "payload");
    CHECK(buffer.empty());
    CHECK(buffer.capacity() == 0);
    buffer.append(as_bytes("next"));  // a released buffer can be filled again
    CHECK(as_text(buffer.bytes()) == "next");
    CHECK(as_text(slice.bytes()) == "payload");
}

TEST_CASE("a buffer without content is released as an empty slice, not as null") {
    const Slice slice = ByteBuffer().release();
    CHECK(slice.empty());
    CHECK_FALSE(slice.null());
}

TEST_CASE("a buffer can be moved") {
    ByteBuffer first;
    first.append(as_bytes("one"));
    ByteBuffer second = std::move(first);
    CHECK(first.empty());
    CHECK(as_text(second.bytes()) == "one");
    ByteBuffer third;
    third.append(as_bytes("three"));
    third = std::move(second);
    CHECK(as_text(third.bytes()) == "one");
}
