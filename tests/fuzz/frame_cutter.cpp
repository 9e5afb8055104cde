// SPDX-License-Identifier: Apache-2.0
// What cuts a client's bytes into requests in the development broker, against a reader that is
// slow and plainly right, whatever the pieces are in which the bytes come.
#include "testing/frame_cutter.hpp"

#include <cstring>
#include <deque>

#include "fuzz/script.hpp"

namespace kafka::fuzz {
namespace {

constexpr std::size_t max_frame = 70'000;

struct Cut {
    std::vector<Bytes> frames;
    bool fault = false;
};

Cut cut_slowly(Input stream) {
    Cut cut;
    for (Script script(stream); stream.size() >= 4;
         stream = script.rest(), script = Script(stream)) {
        const auto length = script.number<std::int32_t>();
        cut.fault = length < 0 || static_cast<std::size_t>(length) > max_frame;
        if (cut.fault || static_cast<std::size_t>(length) > stream.size() - 4) break;
        const auto frame = script.bytes(static_cast<std::size_t>(length));
        cut.frames.emplace_back(frame.begin(), frame.end());
    }
    return cut;
}

// In pieces whose sizes are `sizes` over and over; as large as they can be where there are none.
Cut cut_in_pieces(Input stream, Input sizes) {
    testing::FrameCutter cutter(max_frame);
    std::deque<Slice> frames;
    Cut cut;
    std::size_t arrived = 0;
    for (std::size_t piece = 0; !stream.empty() && !cut.fault; ++piece) {
        const auto space = cutter.space();
        check(!space.empty(), "there is room to read into");
        check(space.size() <= 1024 * 1024, "memory does not run ahead by more than a mebibyte");
        const auto size = sizes.empty() ? SIZE_MAX : 1 + std::size_t{sizes[piece % sizes.size()]};
        const auto count = std::min({stream.size(), space.size(), size});
        std::memcpy(space.data(), stream.data(), count);
        stream = stream.subspan(count);
        arrived += count;
        cut.fault = !cutter.took(count, frames).empty();
    }
    std::size_t given = 0;
    for (const auto& frame : frames) {
        cut.frames.emplace_back(frame.bytes().begin(), frame.bytes().end());
        given += 4 + frame.size();
    }
    check(given <= arrived, "no byte is given twice");
    return cut;
}

void run(Input input) {
    Script script(input);
    const auto sizes = script.bytes(script.byte() % 8);
    Bytes stream;
    if (script.byte() % 2) {  // each piece of the rest gets its length
        while (!script.empty()) {
            // Large ones too, from few bytes.
            const auto large = script.byte();
            const auto body = script.bytes(script.byte());
            const auto times = large < 250 ? 1 : std::size_t{256};
            put(stream, static_cast<std::uint32_t>(body.size() * times));
            for (std::size_t i = 0; i < times; ++i)
                put(stream, body);
            if (stream.size() > 1'000'000) break;
        }
    } else {
        put(stream, script.rest());
    }
    const auto expected = cut_slowly(stream);
    for (const auto& cut : {cut_in_pieces(stream, sizes), cut_in_pieces(stream, {})}) {
        check(cut.fault == expected.fault, "a length that cannot be is found, and no other");
        // With a fault the connection is lost, and what came with it in one read.
        check(cut.frames.size() <= expected.frames.size(), "no frame is made up");
        check(cut.fault || cut.frames.size() == expected.frames.size(), "no frame is lost");
        for (std::size_t i = 0; i < cut.frames.size(); ++i)
            check(cut.frames[i] == expected.frames[i], "frames are what was sent");
    }
}

std::vector<Bytes> seeds() {
    return {
        {0, 0, 0, 0, 0, 2, 7, 7, 0, 0, 0, 0, 0, 0, 0, 1, 9},  // whole frames
        {1, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0, 9, 1},  // byte by byte, cut off
        {2, 0, 3, 0, 0xff, 0xff, 0xff, 0xff, 1},              // negative
        {0, 0, 0, 0, 0, 1, 5, 0x7f, 0xff, 0xff, 0xff},        // too large, behind a good one
        {0, 0, 0, 1, 0x11, 0x71},                             // one above the limit
        {3, 90, 1, 200, 1, 0, 3, 1, 2, 3, 0, 0, 0, 1, 9},     // with lengths, one of them 0
        {1, 255, 1, 255, 100, 'a', 'b', 'c', 'd', 'e', 'f'},  // large ones
        {0, 1, 251, 255, 'x', 0, 2, 1, 2},
    };
}

const Registration registration({"frame_cutter", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
