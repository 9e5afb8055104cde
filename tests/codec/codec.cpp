// SPDX-License-Identifier: Apache-2.0
// What holds for every codec.
#include <algorithm>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include <kafka/codec.hpp>

#include "codec/support.hpp"
#include "growth.hpp"

using namespace codec_test;
using kafka::codec::level_range;
using kafka::test::growth;
using kafka::test::most_growth;

namespace {

std::vector<Compression> codecs_here() {
    std::vector<Compression> here;
    for (const auto c : all_codecs)
        if (kafka::codec::available(c)) here.push_back(c);
    return here;
}

std::vector<int> levels_of(Compression c) {
    const auto range = level_range(c);
    std::vector<int> levels;
    if (range.lowest < -100) levels = {range.lowest, -1000};
    for (int level = std::max(range.lowest, -7); level <= range.highest; ++level)
        levels.push_back(level);
    return levels;
}

void check_round_trip(Compression c, const Bytes& in, int level) {
    CAPTURE(static_cast<int>(c));
    CAPTURE(level);
    CAPTURE(in.size());
    ByteBuffer out;
    REQUIRE_FALSE(kafka::codec::compress(c, in, out, level));
    const Bytes squeezed(out.data(), out.data() + out.size());
    const auto back = decompressed(c, squeezed, in.size());
    CHECK_MESSAGE(!back.failure, back.failure.detail);
    CHECK(back.bytes == in);
}

}  // namespace

TEST_CASE("every codec at every level gives back what it was given") {
    const Bytes inputs[] = {{},
                            {42},
                            text_bytes("abcabcabcabcabcabcabc"),
                            noise(70'000),
                            Bytes(300'000),
                            log_text(100'000)};
    for (const auto c : codecs_here())
        for (const auto level : levels_of(c))
            for (const auto& in : inputs)
                check_round_trip(c, in, level);
}

TEST_CASE("every codec at its outermost and preset levels gives back a mebibyte") {
    const Bytes inputs[] = {log_text(1 << 20), noise(1 << 20), Bytes(1 << 20)};
    for (const auto c : codecs_here())
        for (const auto level :
             {level_range(c).lowest, level_range(c).preset, level_range(c).highest})
            for (const auto& in : inputs)
                check_round_trip(c, in, level);
}

TEST_CASE("sizes around the blocks of the formats survive") {
    for (const auto c : codecs_here())
        for (const std::size_t edge : {1u << 15, 1u << 16, 1u << 17})
            for (const std::size_t size : {edge - 1, edge, edge + 1})
                check_round_trip(c, log_text(size), level_range(c).preset);
}

TEST_CASE("text becomes smaller, and a higher level does not make it larger than a low one") {
    const auto in = log_text(200'000);
    for (const auto c : codecs_here()) {
        CAPTURE(static_cast<int>(c));
        CHECK(compressed(c, in).size() < in.size() / 2);
    }
    CHECK(compressed(Compression::gzip, in, 9).size() <
          compressed(Compression::gzip, in, 1).size());
    if (kafka::codec::available(Compression::zstd))
        CHECK(compressed(Compression::zstd, in, 19).size() <
              compressed(Compression::zstd, in, -5).size());
    if (kafka::codec::available(Compression::lz4))
        CHECK(compressed(Compression::lz4, in, 12).size() <
              compressed(Compression::lz4, in, 9).size());  // 9 is the fast one, as in Java
}

TEST_CASE("levels are those of KIP-390, and gzip takes Java's -1 for its preset") {
    CHECK(level_range(Compression::gzip).lowest == 1);
    CHECK(level_range(Compression::gzip).highest == 9);
    CHECK(level_range(Compression::gzip).preset == 6);
    CHECK(level_range(Compression::lz4).lowest == 1);
    CHECK(level_range(Compression::lz4).highest == 17);
    CHECK(level_range(Compression::lz4).preset == 9);
    CHECK(level_range(Compression::zstd).lowest == -131072);
    CHECK(level_range(Compression::zstd).highest == 22);
    CHECK(level_range(Compression::snappy).lowest == level_range(Compression::snappy).highest);
    const auto in = log_text(5'000);
    CHECK(compressed(Compression::gzip, in, -1) == compressed(Compression::gzip, in));
    for (const auto c : codecs_here())
        CHECK(compressed(c, in) == compressed(c, in, level_range(c).preset));
}

TEST_CASE("a level outside its range is refused and names the range") {
    for (const auto c : codecs_here())
        for (const int level : {level_range(c).lowest - 3, level_range(c).highest + 1}) {
            ByteBuffer out;
            out.push_back(7);
            const auto failure = kafka::codec::compress(c, {}, out, level);
            CHECK(failure.code == errc::invalid_argument);
            CHECK(failure.detail.find(std::to_string(level)) != std::string::npos);
            CHECK(failure.detail.find(std::to_string(level_range(c).highest)) != std::string::npos);
            CHECK(out.size() == 1);
        }
}

TEST_CASE("without compression the bytes are copied, within the limit") {
    const auto in = log_text(100);
    CHECK(compressed(Compression::none, in) == in);
    CHECK(decompressed(Compression::none, in, 100).bytes == in);
    CHECK(decompressed(Compression::none, in, 99).failure.code == errc::limit_exceeded);
    CHECK_FALSE(decompressed(Compression::none, {}, 0).failure);
}

TEST_CASE("a codec that is unknown or not compiled in is refused by its number or name") {
    for (const int number : {5, 7, -1}) {
        const auto c = static_cast<Compression>(number);
        CHECK_FALSE(kafka::codec::available(c));
        const auto read = decompressed(c, {1, 2, 3});
        CHECK(read.failure.code == errc::unsupported_codec);
        CHECK(read.failure.detail.find(std::to_string(number)) != std::string::npos);
        ByteBuffer out;
        CHECK(kafka::codec::compress(c, {}, out).code == errc::unsupported_codec);
    }
    for (const auto c : all_codecs) {
        if (kafka::codec::available(c)) continue;
        const auto read = decompressed(c, {1, 2, 3});
        CHECK(read.failure.code == errc::unsupported_codec);
        CHECK(read.failure.detail.find("=enabled") != std::string::npos);
    }
}

TEST_CASE("output is appended, and a failure leaves what was there") {
    const auto in = log_text(10'000);
    for (const auto c : codecs_here()) {
        CAPTURE(static_cast<int>(c));
        ByteBuffer out;
        out.append(kafka::as_bytes("before"));
        REQUIRE_FALSE(kafka::codec::compress(c, in, out));
        CHECK(kafka::as_text(out.bytes().first(6)) == "before");
        Bytes squeezed(out.data() + 6, out.data() + out.size());

        ByteBuffer back;
        back.append(kafka::as_bytes("before"));
        REQUIRE_FALSE(kafka::codec::decompress(c, squeezed, back, in.size()));
        CHECK(kafka::as_text(back.bytes().first(6)) == "before");
        CHECK(Bytes(back.data() + 6, back.data() + back.size()) == in);

        squeezed.resize(squeezed.size() - 5);
        back.truncate(6);
        CHECK(kafka::codec::decompress(c, squeezed, back, in.size()));
        CHECK(kafka::as_text(back.bytes()) == "before");
    }
}

TEST_CASE("a buffer that has the room is used as it is") {
    const auto in = log_text(50'000);
    for (const auto c : codecs_here()) {
        const auto squeezed = compressed(c, in);
        ByteBuffer out(60'000);
        const auto* memory = out.data();
        for (int i = 0; i < 3; ++i) {
            out.clear();
            REQUIRE_FALSE(kafka::codec::decompress(c, squeezed, out, 1 << 20));
            CHECK(out.data() == memory);
            CHECK(out.size() == in.size());
        }
    }
}

TEST_CASE("BI-94: output of exactly the limit is given, of one byte more it is refused") {
    for (const auto c : codecs_here())
        for (const auto& in :
             {log_text(1), log_text(1000), log_text(200'000), noise(66'000), Bytes(200'000)}) {
            CAPTURE(static_cast<int>(c));
            CAPTURE(in.size());
            const auto squeezed = compressed(c, in);
            const auto fits = decompressed(c, squeezed, in.size());
            CHECK_MESSAGE(!fits.failure, fits.failure.detail);
            CHECK(fits.bytes == in);
            CHECK(fits.capacity <= in.size() + slack);
            CHECK(fits.peak <= in.size() + slack + context);
            const auto above = decompressed(c, squeezed, in.size() - 1);
            CHECK(above.failure.code == errc::limit_exceeded);
            CHECK(above.failure.detail.find(std::to_string(in.size() - 1)) != std::string::npos);
            CHECK(above.bytes.empty());
            CHECK(above.capacity <= in.size() + slack);
            CHECK(above.peak <= in.size() + slack + context);
        }
}

TEST_CASE("BI-81: a bomb of any codec ends at the limit") {
    const Bytes zeros(64 << 20);
    const std::size_t limit = 1 << 20;
    for (const auto c : codecs_here()) {
        CAPTURE(static_cast<int>(c));
        const auto bomb = compressed(c, zeros);
        CHECK(bomb.size() < zeros.size() / 15);
        const auto read = decompressed(c, bomb, limit);
        CHECK(read.failure.code == errc::limit_exceeded);
        CHECK(read.failure.detail.find(std::string(kafka::to_string(c)) + ": de") == 0);
        CHECK(read.failure.detail.find("the limit") != std::string::npos);
        CHECK(read.capacity <= limit + slack);
        CHECK(read.peak <= limit + slack + context);
    }
}

TEST_CASE("BI-81 BI-94: what is large and true is read in linear time, and refused in no more") {
    const auto zeros = [](Compression c) {
        return [c](std::size_t size) { return compressed(c, Bytes(size)); };
    };
    const auto text = [](Compression c) {
        return [c](std::size_t size) { return compressed(c, log_text(size)); };
    };
    for (const auto c : codecs_here()) {
        CAPTURE(static_cast<int>(c));
        const auto read = [c](const Bytes& in) {
            ByteBuffer out;
            CHECK_FALSE(kafka::codec::decompress(c, in, out, 64 << 20));
        };
        CHECK(growth(300'000, zeros(c), read) < most_growth);
        CHECK(growth(100'000, text(c), read) < most_growth);
        const auto refuse = [c](const Bytes& in) {
            ByteBuffer out;
            CHECK(kafka::codec::decompress(c, in, out, 1000).code == errc::limit_exceeded);
        };
        CHECK(growth(300'000, zeros(c), refuse) < most_growth);
    }
}

TEST_CASE("BI-85 BI-87 BI-89 BI-90: many small streams or blocks are read in linear time") {
    for (const auto c : codecs_here()) {
        CAPTURE(static_cast<int>(c));
        const auto many = [c](std::size_t count) {
            auto one = compressed(c, text_bytes("a small one"));
            Bytes all;
            if (c == Compression::snappy) {  // blocks of a xerial stream
                all = from_hex("82534e41505059000000000100000001");
                one = join({big_endian32(static_cast<std::uint32_t>(one.size())), one});
            }
            for (std::size_t i = 0; i < count; ++i)
                all.insert(all.end(), one.begin(), one.end());
            return all;
        };
        const auto read = [c](const Bytes& in) {
            ByteBuffer out;
            CHECK_FALSE(kafka::codec::decompress(c, in, out, 64 << 20));
        };
        CHECK(growth(1'000, many, read) < most_growth);
        // The last one is cut: all before it is done in vain, once.
        const auto cut = [&many](std::size_t count) {
            auto all = many(count);
            all.pop_back();
            return all;
        };
        const auto refuse = [c](const Bytes& in) {
            ByteBuffer out;
            CHECK(kafka::codec::decompress(c, in, out, 64 << 20).code ==
                  errc::decompression_failed);
        };
        CHECK(growth(1'000, cut, refuse) < most_growth);
    }
}

TEST_CASE("no output is read as such, also where none is permitted") {
    for (const auto c : codecs_here()) {
        const auto read = decompressed(c, compressed(c, {}), 0);
        CHECK_MESSAGE(!read.failure, read.failure.detail);
        CHECK(read.bytes.empty());
    }
}

TEST_CASE("BI-92: an empty payload is an error: a batch without records has none to hand over") {
    for (const auto c : codecs_here()) {
        const auto read = decompressed(c, {});
        CHECK(read.failure.code == errc::decompression_failed);
        CHECK(read.failure.detail == "an empty payload where compressed data must be");
        CHECK(read.peak <= words);
    }
}

TEST_CASE("BI-91: a stream cut off at any byte is an error") {
    for (const auto c : codecs_here())
        for (const auto& in :
             {text_bytes("to be or not to be, to be or not"), noise(200), Bytes(99)})
            for (auto squeezed = compressed(c, in); !squeezed.empty();) {
                CAPTURE(static_cast<int>(c));
                CAPTURE(squeezed.size());
                squeezed = Bytes(squeezed.begin(), squeezed.end() - 1);
                const auto read = decompressed(c, squeezed);
                CHECK(read.failure.code == errc::decompression_failed);
                const auto& detail = read.failure.detail;
                if (squeezed.empty())
                    CHECK(detail == "an empty payload where compressed data must be");
                else
                    CHECK_MESSAGE(detail.find(" at byte ") != std::string::npos, detail);
                CHECK(read.bytes.empty());
                CHECK(read.peak <= slack + context);
            }
}

TEST_CASE("a flipped byte or bit gives an error or other bytes within the limit, no more") {
    const std::size_t limit = 4096;
    for (const auto c : codecs_here())
        for (const auto& in :
             {text_bytes("one record, two records, three records"), noise(120), log_text(1500)}) {
            const auto whole = compressed(c, in);
            for (std::size_t at = 0; at < whole.size(); ++at)
                for (const int mask : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff}) {
                    auto flipped = whole;
                    flipped[at] = static_cast<std::uint8_t>(flipped[at] ^ mask);
                    const auto read = decompressed(c, flipped, limit);
                    REQUIRE(read.capacity <= limit + slack);
                    REQUIRE(read.bytes.size() <= limit);
                    if (!read.failure) continue;
                    REQUIRE(read.bytes.empty());
                    REQUIRE((read.failure.code == errc::decompression_failed ||
                             read.failure.code == errc::limit_exceeded));
                }
        }
}

TEST_CASE("noise behind the first bytes of a real stream does no harm") {
    const std::size_t limit = 64 << 10;
    for (const auto c : codecs_here()) {
        const auto whole = compressed(c, log_text(3000));
        for (std::uint64_t seed = 1; seed <= 400; ++seed) {
            auto broken = noise(300 + seed, seed);
            const auto kept = seed % 48;
            std::copy_n(whole.begin(), kept, broken.begin());
            const auto read = decompressed(c, broken, limit);
            REQUIRE(read.capacity <= limit + slack);
            REQUIRE(read.bytes.size() <= limit);
        }
    }
}

TEST_CASE("BI-90: bytes behind a stream are ignored or refused as Java does") {
    const auto in = text_bytes("kafka speaks, kafka listens");
    for (const auto c : codecs_here())
        for (const auto& tail : {Bytes(40), text_bytes("no stream begins with these letters")}) {
            CAPTURE(static_cast<int>(c));
            const auto read = decompressed(c, join({compressed(c, in), tail}));
            if (c == Compression::gzip || c == Compression::lz4) {
                CHECK(read.bytes == in);
            } else {
                CHECK(read.failure.code == errc::decompression_failed);
                CHECK(read.failure.detail.find(" at byte ") != std::string::npos);
            }
            CHECK(read.peak <= slack + context);
        }
}

TEST_CASE("streams behind each other are read as one, but within one limit") {
    const auto in = log_text(3000);
    const auto twice = join({in, in});
    for (const auto c : {Compression::gzip, Compression::lz4, Compression::zstd}) {
        if (!kafka::codec::available(c)) continue;
        CAPTURE(static_cast<int>(c));
        const auto one = compressed(c, in);
        auto both = join({one, one});
        CHECK(decompressed(c, both, twice.size()).bytes == twice);
        CHECK(decompressed(c, both, twice.size() - 1).failure.code == errc::limit_exceeded);
        both.resize(both.size() - 1);
        CHECK(decompressed(c, Bytes(both)).failure.code == errc::decompression_failed);
    }
}

TEST_CASE("BI-93: decompressing once leaves inner streams alone") {
    const auto inner = compressed(Compression::gzip, log_text(500));
    for (const auto c : codecs_here())
        CHECK(decompressed(c, compressed(c, inner)).bytes == inner);
}

TEST_CASE("threads compress and decompress beside each other, each with contexts of its own") {
    std::vector<std::thread> threads;
    std::vector<int> wrong(4);
    for (std::size_t t = 0; t < wrong.size(); ++t)
        threads.emplace_back([t, &wrong] {
            for (int round = 0; round < 20; ++round)
                for (const auto c : codecs_here()) {
                    const auto in = log_text(1000 + 977 * t + static_cast<std::size_t>(round));
                    const int level = level_range(c).highest - (round & 1 ? 0 : 3);
                    const auto squeezed =
                        c == Compression::snappy ? compressed(c, in) : compressed(c, in, level);
                    if (decompressed(c, squeezed).bytes != in) ++wrong[t];
                }
        });
    for (auto& thread : threads)
        thread.join();
    for (const int count : wrong)
        CHECK(count == 0);
}

TEST_CASE("a failure does not spoil the context for the next call") {
    const auto in = log_text(100'000);
    for (const auto c : codecs_here()) {
        const auto whole = compressed(c, in);
        auto broken = whole;
        broken[broken.size() / 2] ^= 0xff;
        for (int round = 0; round < 3; ++round) {
            (void)decompressed(c, broken);
            (void)decompressed(c, whole, 10);
            CHECK(decompressed(c, whole).bytes == in);
        }
    }
}
