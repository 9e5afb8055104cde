// SPDX-License-Identifier: Apache-2.0
#include "lines.hpp"

#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <unistd.h>

using kasio::Exit;
using kasio::LineReader;
using Status = kasio::LineReader::Status;

namespace {

// A pipe that is written to in the background, in pieces.
class Input {
public:
    explicit Input(std::vector<std::string> pieces) {
        REQUIRE(::pipe(fds_) == 0);
        writer_ = std::thread([this, pieces = std::move(pieces)] {
            for (const auto& piece : pieces) {
                for (std::size_t at = 0; at < piece.size();) {
                    const auto count = ::write(fds_[1], piece.data() + at, piece.size() - at);
                    if (count <= 0) break;
                    at += static_cast<std::size_t>(count);
                }
            }
            ::close(fds_[1]);
        });
    }
    ~Input() {
        char ignored[4096];
        while (::read(fds_[0], ignored, sizeof ignored) > 0) {
        }
        writer_.join();
        ::close(fds_[0]);
    }
    [[nodiscard]] int fd() const { return fds_[0]; }

private:
    int fds_[2] = {-1, -1};
    std::thread writer_;
};

std::vector<std::string> lines_of(const std::vector<std::string>& pieces,
                                  std::string_view delimiter = "\n") {
    Input input(pieces);
    LineReader reader(input.fd(), "input", std::string(delimiter));
    std::vector<std::string> lines;
    auto status = reader.next(-1);
    for (; status == Status::line; status = reader.next(-1)) {
        lines.emplace_back(reader.line());
        CHECK(reader.number() == lines.size());
    }
    CHECK(status == Status::end);
    return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("lines are what lies between newlines, the last one with or without its own") {
    CHECK(lines_of({"a\nb\n"}) == Lines{"a", "b"});
    CHECK(lines_of({"a\nb"}) == Lines{"a", "b"});
    CHECK(lines_of({}) == Lines{});
    CHECK(lines_of({"\n\n"}) == Lines{"", ""});
    CHECK(lines_of({"\n"}) == Lines{""});
}

TEST_CASE("lines hold any bytes, carriage returns and zeros too") {
    const std::string binary("\0\xff\r\x80", 4);
    CHECK(lines_of({binary + "\n" + binary}) == Lines{binary, binary});
}

TEST_CASE("a line may come in many pieces") {
    CHECK(lines_of({"a", "b", "\n", "c", "\n"}) == Lines{"ab", "c"});
    const std::string large(3'000'000, 'x');
    CHECK(lines_of({large, "\n", large}) == Lines{large, large});
}

TEST_CASE("a delimiter of several bytes is found across pieces and never within itself twice") {
    CHECK(lines_of({"a-", "-b-", "-"}, "--") == Lines{"a", "b"});
    CHECK(lines_of({"a---b"}, "--") == Lines{"a", "-b"});
    CHECK(lines_of({"a-b--"}, "--") == Lines{"a-b"});
}

TEST_CASE("only a last line without its delimiter says so") {
    Input input({"a\nb"});
    LineReader reader(input.fd(), "input", "\n");
    REQUIRE(reader.next(-1) == Status::line);
    CHECK(reader.delimited());
    REQUIRE(reader.next(-1) == Status::line);
    CHECK_FALSE(reader.delimited());
}

TEST_CASE("a line above the limit is an error that names the line and its size") {
    Input input({"short\nmuch too long\n"});
    LineReader reader(input.fd(), "input", "\n", 8);
    REQUIRE(reader.next(-1) == Status::line);
    REQUIRE(reader.next(-1) == Status::failed);
    CHECK(reader.problem().status == Exit::bad_data);
    CHECK(reader.problem().sentence == "input line 2 has 13 bytes, which is above the limit of 8");
    CHECK(reader.next(-1) == Status::failed);
}

TEST_CASE("a line without an end is an error once it is above the limit, not when memory is gone") {
    Input input({std::string(5'000'000, 'x')});
    LineReader reader(input.fd(), "input", "\n", 1'000'000);
    REQUIRE(reader.next(-1) == Status::failed);
    CHECK(reader.problem().sentence == "input line 1 is longer than the limit of 1000000 bytes");
}

TEST_CASE("a line at the limit is a line") {
    Input input({std::string(8, 'x') + "\n" + std::string(8, 'y')});
    LineReader reader(input.fd(), "input", "\n", 8);
    REQUIRE(reader.next(-1) == Status::line);
    REQUIRE(reader.next(-1) == Status::line);
    CHECK(reader.next(-1) == Status::end);
}

TEST_CASE("waiting for input ends after the time") {
    int fds[2];
    REQUIRE(::pipe(fds) == 0);
    LineReader reader(fds[0], "input", "\n");
    CHECK(reader.next(1) == Status::idle);
    REQUIRE(::write(fds[1], "a", 1) == 1);
    CHECK(reader.next(1) == Status::idle);
    REQUIRE(::write(fds[1], "b\n", 2) == 2);
    REQUIRE(reader.next(1000) == Status::line);
    CHECK(reader.line() == "ab");
    ::close(fds[0]);
    ::close(fds[1]);
}

TEST_CASE("the wake-up descriptor ends waiting for input") {
    int input[2], wake[2];
    REQUIRE(::pipe(input) == 0);
    REQUIRE(::pipe(wake) == 0);
    LineReader reader(input[0], "input", "\n", 100, wake[0]);
    REQUIRE(::write(wake[1], "x", 1) == 1);
    CHECK(reader.next(-1) == Status::interrupted);
    for (const int fd : {input[0], input[1], wake[0], wake[1]})
        ::close(fd);
}

TEST_CASE("what cannot be read is a problem with the input's name") {
    LineReader reader(-1, "the input", "\n");
    REQUIRE(reader.next(-1) == Status::failed);
    CHECK(reader.problem().status == Exit::files);
    CHECK(reader.problem().sentence == "the input: Bad file descriptor");
}
