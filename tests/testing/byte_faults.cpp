// SPDX-License-Identifier: Apache-2.0
#include <numeric>

#include <kafka/testing/rule.hpp>

#include "testing/core_client.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using Bytes = std::vector<std::uint8_t>;

struct ByteFixture : CoreFixture {
    ByteFixture() {
        // What an answer is without a rule; its correlation id is 1.
        send(MetadataRequest{}, 12);
        plain = bytes_sent();
        frames[1].clear();
        correlation = 0;
    }
    void apply(const Rule& rule) {
        REQUIRE(core.add_rule(rule));
        send(MetadataRequest{}, 12);
    }
    Bytes bytes_sent() {
        Bytes all;
        for (const auto& frame : frames[1])
            all.insert(all.end(), frame.bytes().begin(), frame.bytes().end());
        return all;
    }
    Bytes head(std::size_t count) {
        return {plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(count)};
    }
    Bytes plain;
};

Rule on_metadata() {
    return Rule::on<MetadataRequest>();
}

}  // namespace

TEST_CASE("an answer is sent in pieces of its own") {
    ByteFixture f;
    f.apply(on_metadata().split(5));
    CHECK(f.frames[1].size() == (f.plain.size() + 4) / 5);
    CHECK(f.bytes_sent() == f.plain);
}

TEST_CASE("pieces of random sizes follow from the seed") {
    std::vector<std::size_t> sizes[3];
    for (std::size_t i = 0; i < 3; ++i) {
        ByteFixture f;
        f.apply(on_metadata().split(1, 7, i / 2));
        CHECK(f.bytes_sent() == f.plain);
        for (const auto& frame : f.frames[1]) {
            CHECK(frame.size() <= 7);
            sizes[i].push_back(frame.size());
        }
    }
    CHECK(sizes[0] == sizes[1]);
    CHECK(sizes[0] != sizes[2]);
}

TEST_CASE("an answer is cut anywhere, and the connection ends as wanted") {
    for (const auto ending : {Ending::close, Ending::reset}) {
        for (const std::int64_t count : {0, 1, 3, 4, 7, 8, 20, -1}) {
            CAPTURE(count);
            ByteFixture f;
            f.apply(on_metadata().cut(count, ending));
            const auto size = count < 0 ? f.plain.size() - 1 : static_cast<std::size_t>(count);
            CHECK(f.bytes_sent() == f.head(size));
            CHECK(f.closed());
            CHECK(f.resets[1] == (ending == Ending::reset));
        }
    }
}

TEST_CASE("half of a connection is closed, and the broker reads on") {
    ByteFixture f;
    f.apply(on_metadata().half_close(6));
    CHECK(f.bytes_sent() == f.head(6));
    CHECK(f.half_closings[1]);
    CHECK(!f.closed());
    f.send(produce_request(make_batch(1)), 9);
    CHECK(f.topic().partition(0)->log.end_offset() == 1);
    CHECK(f.bytes_sent().size() == 6);
}

TEST_CASE("an answer stalls for a time or for ever") {
    ByteFixture f;
    SUBCASE("for a time") {
        f.apply(on_metadata().once().stall(10, 100ms));
        f.pass(99ms);
        CHECK(f.bytes_sent() == f.head(10));
        f.pass(1ms);
        CHECK(f.bytes_sent() == f.plain);
    }
    SUBCASE("what follows stays behind it") {
        f.apply(on_metadata().once().stall(10, 100ms));
        f.send(MetadataRequest{}, 12);
        CHECK(f.bytes_sent().size() == 10);
        f.pass(100ms);
        CHECK(f.bytes_sent().size() == 2 * f.plain.size());
    }
    SUBCASE("for ever") {
        f.apply(on_metadata().stall(10));
        f.pass(24h);
        CHECK(f.bytes_sent() == f.head(10));
        CHECK(!f.closed());
    }
}

TEST_CASE("an answer drips") {
    ByteFixture f;
    f.apply(on_metadata().drip(3, 10ms));
    CHECK(f.bytes_sent() == f.head(3));
    f.pass(10ms);
    CHECK(f.bytes_sent() == f.head(6));
    for (std::size_t i = 0; i < f.plain.size() / 3; ++i)
        f.pass(10ms);
    CHECK(f.bytes_sent() == f.plain);
}

TEST_CASE("bytes are changed") {
    ByteFixture f;
    auto expected = f.plain;
    SUBCASE("one from the start") {
        f.apply(on_metadata().garble(9, 0x10));
        expected[9] ^= 0x10;
    }
    SUBCASE("one from the end") {
        f.apply(on_metadata().garble(-1));
        expected.back() ^= 0xff;
    }
    SUBCASE("the length") {
        f.apply(on_metadata().add_to_length(1));
        ++expected[3];
    }
    SUBCASE("the correlation id") {
        f.apply(on_metadata().add_to_correlation_id(-1));
        --expected[7];
    }
    SUBCASE("all of them") {
        f.apply(on_metadata().raw("HTTP/1.1 400 Bad Request\r\n\r\n"));
        const std::string_view text = "HTTP/1.1 400 Bad Request\r\n\r\n";
        expected.assign(text.begin(), text.end());
    }
    SUBCASE("an answer that nobody asked for") {
        const Bytes unasked = {0, 0, 0, 4, 0, 0, 0, 99};
        f.apply(on_metadata().prefix(unasked));
        expected.insert(expected.begin(), unasked.begin(), unasked.end());
    }
    SUBCASE("twice") {
        f.apply(on_metadata().twice());
        expected.insert(expected.end(), f.plain.begin(), f.plain.end());
    }
    CHECK(f.bytes_sent() == expected);
}

TEST_CASE("answers go out together") {
    ByteFixture f;
    f.apply(on_metadata().coalesce(3, 100ms));
    f.send(MetadataRequest{}, 12);
    CHECK(!f.answered());
    f.send(MetadataRequest{}, 12);
    CHECK(f.frames[1].size() == 1);
    CHECK(f.frames[1].front().size() == 3 * f.plain.size());
    f.send(MetadataRequest{}, 12);
    f.pass(99ms);
    CHECK(f.frames[1].size() == 1);
    f.pass(1ms);
    CHECK(f.frames[1].size() == 2);
}

TEST_CASE("faults of bytes are combined in their order") {
    ByteFixture f;
    f.apply(on_metadata().garble(0, 0x80).cut(9).split(4));
    CHECK(f.frames[1].size() == 3);
    auto expected = f.head(9);
    expected[0] ^= 0x80;
    CHECK(f.bytes_sent() == expected);
    CHECK(f.closed());
}

TEST_CASE("connections have rules of their own") {
    CoreFixture f;
    const auto connect = [&](const Rule& rule, ConnectionId id) {
        REQUIRE(f.core.add_rule(rule));
        f.core.connected(id, 1, f.now);
        f.pass(0ms);
    };
    SUBCASE("refused") {
        connect(Rule::on_connect().disconnect(Stage::before, Ending::reset), 10);
        CHECK(f.closed(10));
    }
    SUBCASE("a banner") {
        connect(Rule::on_connect().raw("SSH-2.0-x\r\n"), 10);
        CHECK(as_text(f.frames[10].at(0).bytes()) == "SSH-2.0-x\r\n");
    }
    SUBCASE("a short life") {
        connect(Rule::on_connect().close_after(500ms), 10);
        CHECK(f.ask(MetadataRequest{}, 12, 10).brokers.size() == 3);
        f.pass(499ms);
        CHECK(!f.closed(10));
        f.pass(1ms);
        CHECK(f.closed(10));
    }
    SUBCASE("cut in the middle of a request") {
        connect(Rule::on_connect().cut_requests(17), 10);
        CHECK(f.limits[10] == 17);
    }
    SUBCASE("at another broker") {
        connect(Rule::on_connect().broker(2).disconnect(), 10);
        CHECK(!f.closed(10));
    }
}
