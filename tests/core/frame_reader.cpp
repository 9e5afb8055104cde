// SPDX-License-Identifier: Apache-2.0
#include "core/frame_reader.hpp"

#include <algorithm>
#include <cstring>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include <kafka/error.hpp>

#include "allocation_counter.hpp"
#include "growth.hpp"

using namespace kafka;
using namespace kafka::core;
using test::AllocationScope;
using test::growth;
using test::most_growth;

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
/// Refused with these words. No memory was taken but for the loop buffer and them.
void check_refused(std::string_view wire, errc code, const std::string& detail,
                   std::size_t max = limit) {
    AllocationScope scope;
    const auto failure = first(wire, max);
    const auto peak = scope.peak();
    CHECK(failure.code == code);
    CHECK(failure.detail == detail);
    CHECK(peak <= FrameReader::loop_size + 4096);
}
std::string framed(std::string_view body) {
    std::string wire(4, '\0');
    for (std::size_t i = 0; i < 4; ++i)
        wire[3 - i] = static_cast<char>(body.size() >> (8 * i));
    return wire.append(body);
}

}  // namespace

TEST_CASE("BI-01: a frame of no bytes is malformed") {
    check_refused(bytes("\0\0\0\0", 4), errc::malformed_frame,
                  "a frame of 0 bytes, shorter than the response header");
}

TEST_CASE("BI-02: a frame of 1 to 3 bytes, shorter than its header, is malformed") {
    for (const int size : {1, 2, 3})
        check_refused(
            framed(std::string(static_cast<std::size_t>(size), 'x')), errc::malformed_frame,
            "a frame of " + std::to_string(size) + " bytes, shorter than the response header");
    CHECK(!first(bytes("\0\0\0\4xyzw", 8)));
}

TEST_CASE("BI-03: a frame of the limit passes, one byte more is too large") {
    CHECK(!first(bytes("\0\0\0\x10", 4), 16));
    check_refused(bytes("\0\0\0\x11", 4), errc::frame_too_large,
                  "a frame of 17 bytes where the limit is 16", 16);
    CHECK(!first(bytes("\x06\x40\0\0", 4)));
    check_refused(bytes("\x06\x40\0\1", 4), errc::frame_too_large,
                  "a frame of 104857601 bytes where the limit is 104857600");
}

TEST_CASE("BI-04: the largest length is too large, and nothing is reserved for it") {
    check_refused(bytes("\x7f\xff\xff\xff", 4), errc::frame_too_large,
                  "a frame of 2147483647 bytes where the limit is 104857600");
}

TEST_CASE("BI-05: a negative length is malformed") {
    check_refused(bytes("\xff\xff\xff\xff", 4), errc::malformed_frame,
                  "a frame of -1 bytes, shorter than the response header");
    check_refused(bytes("\x80\0\0\0", 4), errc::malformed_frame,
                  "a frame of -2147483648 bytes, shorter than the response header");
}

TEST_CASE("BI-06: a TLS alert is recognised and the sentence asks for a TLS listener") {
    const std::string words =
        "the peer answers with a TLS alert: is this a TLS listener? Then set "
        "ConnConfig::tls (security.protocol SSL or SASL_SSL)";
    check_refused(bytes("\x15\x03\x03\x00\x02\x02\x46", 7), errc::not_kafka, words);
    check_refused(bytes("\x15\x03\x01\x00", 4), errc::not_kafka, words);
    check_refused(bytes("\x16\x03\x03\x00", 4), errc::not_kafka, words);  // a handshake
}

TEST_CASE("BI-07: HTTP is recognised, and so is other text") {
    check_refused("HTTP/1.1 400 Bad Request\r\n", errc::not_kafka,
                  "the peer answers with HTTP: is this a web server's port?");
    check_refused("220 mail.example.org", errc::not_kafka,
                  "the peer answers with text that begins with '220 ': is this a Kafka listener?");
}

TEST_CASE("BI-08: SSH is recognised") {
    check_refused("SSH-2.0-OpenSSH_9.2\r\n", errc::not_kafka,
                  "the peer answers with SSH: is this an SSH server's port?");
}

TEST_CASE("BI-09 BI-10: where the bytes end is told, inside a length or inside a body") {
    const auto place = [](std::string_view wire) {
        FrameReader reader(limit);
        CHECK(!feed(reader, wire));
        return reader.place();
    };
    CHECK(place("") == "");
    CHECK(place(bytes("\0", 1)) == "inside a frame's length, after 1 of 4 bytes");
    CHECK(place(bytes("\0\0\0", 3)) == "inside a frame's length, after 3 of 4 bytes");
    CHECK(place(bytes("\0\0\0\x09", 4)) == "inside a frame, after 0 of 9 bytes");
    CHECK(place(bytes("\0\0\0\x09"
                      "12345678",
                      12)) == "inside a frame, after 8 of 9 bytes");
    CHECK(place(bytes("\0\0\0\x04"
                      "1234",
                      8)) == "");
    const auto large = framed(std::string(100'000, 'x'));
    CHECK(place(std::string_view(large).substr(0, 70'004)) ==
          "inside a frame, after 70000 of 100000 bytes");
}

TEST_CASE("after a good frame, bytes that look like text are a length like any other") {
    FrameReader reader(limit);
    CHECK(feed(reader, bytes("\0\0\0\4abcdHTTP", 12)).code == errc::frame_too_large);
}

TEST_CASE("BI-10: a large frame's memory is at most 1 MiB ahead of its bytes") {
    const std::string header("\x06\0\0\0", 4);  // 96 MiB
    const std::string chunk(100'000, 'z');
    AllocationScope scope;
    FrameReader reader(limit);
    CHECK(!feed(reader, header));
    CHECK(scope.live() <= static_cast<std::int64_t>(FrameReader::loop_size + 4096));
    for (int i = 0; i < 50; ++i) {
        CHECK(reader.space().size() <= FrameReader::ahead);
        CHECK(!feed(reader, chunk));
        const auto live = static_cast<std::size_t>(scope.live());
        CHECK(live <= reader.pending() + FrameReader::ahead + FrameReader::loop_size + 8192);
    }
    CHECK(reader.pending() == 4 + 50 * chunk.size());
}

TEST_CASE("BI-10: frames of any number and size are read in linear time") {
    const auto many = [](std::size_t size) {
        std::string wire;
        while (wire.size() < size)
            wire += framed("a small frame");
        return wire;
    };
    const auto read = [](const std::string& wire) {
        FrameReader reader(limit);
        CHECK(!feed(reader, wire));
    };
    CHECK(growth(50'000, many, read) < most_growth);
    // A sanitizer copies the frame for each MiB that it grows by, glibc moves its pages.
    if (kafka::test::sanitized) return;
    const auto one = [](std::size_t size) { return framed(std::string(size, 'x')); };
    // From 32 MiB on glibc gives each block back to the system, whose new pages then cost more than
    // all else: below that the work is the reader's own.
    CHECK(growth(1'000'000, one, read) < most_growth);
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
