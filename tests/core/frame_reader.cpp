// SPDX-License-Identifier: Apache-2.0
#include "core/frame_reader.hpp"

#include <algorithm>
#include <cstring>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include <kafka/error.hpp>

using namespace kafka;
using namespace kafka::core;

namespace {

constexpr std::size_t limit = 100 * 1024 * 1024;

/// The failure that these first bytes of a connection give.
Failure feed(FrameReader& reader, std::string_view bytes) {
    Slice frame;
    Failure failure;
    while (!bytes.empty()) {
        const auto space = reader.space();
        const auto n = std::min(space.size(), bytes.size());
        std::memcpy(space.data(), bytes.data(), n);
        reader.took(n);
        bytes.remove_prefix(n);
        while (reader.next(frame, failure)) {
        }
        if (failure) break;
    }
    return failure;
}
Failure first(std::string_view bytes, std::size_t max = limit) {
    FrameReader reader(max);
    return feed(reader, bytes);
}
std::string_view bytes(const char* text, std::size_t size) {
    return {text, size};
}

}  // namespace

TEST_CASE("BI-01 BI-02: a frame shorter than its header is malformed") {
    CHECK(first(bytes("\0\0\0\0", 4)).code == errc::malformed_frame);
    CHECK(first(bytes("\0\0\0\1x", 5)).code == errc::malformed_frame);
    CHECK(first(bytes("\0\0\0\3xyz", 7)).code == errc::malformed_frame);
    CHECK(!first(bytes("\0\0\0\4xyzw", 8)));
}

TEST_CASE("BI-03: a frame of the limit passes, one byte more is too large") {
    CHECK(!first(bytes("\0\0\0\x10", 4), 16));
    const auto failure = first(bytes("\0\0\0\x11", 4), 16);
    CHECK(failure.code == errc::frame_too_large);
    CHECK(failure.detail.find("17") != std::string::npos);
    CHECK(failure.detail.find("16") != std::string::npos);
}

TEST_CASE("BI-04: the largest length is too large, and nothing is reserved for it") {
    CHECK(first(bytes("\x7f\xff\xff\xff", 4)).code == errc::frame_too_large);
}

TEST_CASE("BI-05: a negative length is malformed") {
    CHECK(first(bytes("\xff\xff\xff\xff", 4)).code == errc::malformed_frame);
    CHECK(first(bytes("\x80\0\0\0", 4)).code == errc::malformed_frame);
}

TEST_CASE("BI-06: a TLS alert is recognised and the sentence asks for a TLS listener") {
    const auto failure = first(bytes("\x15\x03\x03\x00\x02\x02\x46", 7));
    CHECK(failure.code == errc::not_kafka);
    CHECK(failure.detail.find("TLS listener") != std::string::npos);
}

TEST_CASE("BI-07 BI-08: HTTP, SSH and other text are recognised") {
    CHECK(first("HTTP/1.1 400 Bad Request\r\n").code == errc::not_kafka);
    CHECK(first("HTTP/1.1 400").detail.find("HTTP") != std::string::npos);
    CHECK(first("SSH-2.0-OpenSSH_9.2\r\n").detail.find("SSH") != std::string::npos);
    CHECK(first("220 mail.example.org").code == errc::not_kafka);
}

TEST_CASE("after a good frame, bytes that look like text are a length like any other") {
    FrameReader reader(limit);
    CHECK(feed(reader, bytes("\0\0\0\4abcdHTTP", 12)).code == errc::frame_too_large);
}

TEST_CASE("a large frame's memory is at most 1 MiB ahead of its bytes") {
    FrameReader reader(limit);
    const std::string header("\x06\0\0\0", 4);  // 96 MiB
    CHECK(!feed(reader, header));
    const std::string chunk(100'000, 'z');
    for (int i = 0; i < 50; ++i) {
        CHECK(reader.space().size() <= FrameReader::ahead);
        CHECK(!feed(reader, chunk));
    }
    CHECK(reader.pending() == 4 + 50 * chunk.size());
}

TEST_CASE("a frame that just fits the loop buffer and one that just does not are both read") {
    for (std::size_t size = FrameReader::loop_size - 6; size <= FrameReader::loop_size + 2;
         ++size) {
        CAPTURE(size);
        FrameReader reader(limit);
        std::string wire(4, '\0');
        for (int i = 0; i < 4; ++i)
            wire[static_cast<std::size_t>(3 - i)] = static_cast<char>(size >> (8 * i));
        std::string body(size, '\0');
        for (std::size_t i = 0; i < size; ++i)
            body[i] = static_cast<char>(i * 7);
        wire = std::string("\0\0\0\5hello", 9) + wire + body;
        Slice frame;
        Failure failure;
        std::string got;
        std::size_t frames = 0;
        for (std::string_view rest = wire; !rest.empty();) {
            const auto space = reader.space();
            const auto n = std::min({space.size(), rest.size(), std::size_t{10'007}});
            std::memcpy(space.data(), rest.data(), n);
            reader.took(n);
            rest.remove_prefix(n);
            while (reader.next(frame, failure)) {
                ++frames;
                got = as_text(frame.bytes());
            }
            REQUIRE(!failure);
        }
        CHECK(frames == 2);
        CHECK(got == body);
        CHECK(reader.pending() == 0);
    }
}

TEST_CASE("the limit can be raised once the connection is open") {
    FrameReader reader(10);
    CHECK(!feed(reader, bytes("\0\0\0\4abcd", 8)));
    reader.set_max_frame(20);
    CHECK(!feed(reader, bytes("\0\0\0\x14", 4)));
}
