// SPDX-License-Identifier: Apache-2.0
#include "testing/frame_cutter.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include <doctest/doctest.h>

namespace {

using namespace kafka;
using kafka::testing::FrameCutter;

// Feeds the bytes in pieces of at most `piece`.
std::string feed(FrameCutter& cutter, const std::vector<std::uint8_t>& bytes, std::size_t piece,
                 std::deque<Slice>& frames) {
    for (std::size_t at = 0; at < bytes.size();) {
        const auto space = cutter.space();
        const auto count = std::min({piece, space.size(), bytes.size() - at});
        std::memcpy(space.data(), bytes.data() + at, count);
        at += count;
        if (auto fault = cutter.took(count, frames); !fault.empty()) return fault;
    }
    return {};
}

void add_frame(std::vector<std::uint8_t>& to, std::size_t size, std::uint8_t fill) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        to.push_back(static_cast<std::uint8_t>(size >> shift));
    }
    to.insert(to.end(), size, fill);
}

}  // namespace

TEST_CASE("requests are cut out wherever the bytes are split") {
    std::vector<std::uint8_t> bytes;
    const std::size_t sizes[] = {0, 1, 5, 300};
    for (const auto size : sizes)
        add_frame(bytes, size, 7);
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        FrameCutter cutter(1000);
        std::deque<Slice> frames;
        REQUIRE(feed(cutter, bytes, piece, frames).empty());
        REQUIRE(frames.size() == 4);
        for (std::size_t i = 0; i < 4; ++i)
            CHECK(frames[i].size() == sizes[i]);
    }
}

TEST_CASE("a large request arrives whole, and what follows it too") {
    std::vector<std::uint8_t> bytes;
    add_frame(bytes, 5'000'000, 1);
    add_frame(bytes, 10, 2);
    FrameCutter cutter(10'000'000);
    std::deque<Slice> frames;
    REQUIRE(feed(cutter, bytes, SIZE_MAX, frames).empty());
    REQUIRE(frames.size() == 2);
    CHECK(frames[0].size() == 5'000'000);
    CHECK(frames[1].data()[9] == 2);
}

TEST_CASE("lengths that are negative or too large are found as soon as they are there") {
    for (const std::vector<std::uint8_t>& length :
         {std::vector<std::uint8_t>{0xff, 0xff, 0xff, 0xff},
          {0, 0, 0x03, 0xe9},
          {0x7f, 0xff, 0xff, 0xff},
          {0x48, 0x54, 0x54, 0x50}}) {
        FrameCutter cutter(1000);
        std::deque<Slice> frames;
        CHECK(!feed(cutter, length, 4, frames).empty());
        CHECK(frames.empty());
    }
}
