// SPDX-License-Identifier: Apache-2.0
// A client over a real socket, without any of the library's own I/O.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>
#include <doctest/doctest.h>

#include <kafka/protocol/headers.hpp>

#include "base/big_endian.hpp"
#include "testing/core_client.hpp"

namespace kafka::testing {

/// Over anything that has Asio's synchronous reads and writes.
template <class Stream>
class StreamPeer {
public:
    template <class... Args>
    explicit StreamPeer(Args&&... args) : stream_(context_, std::forward<Args>(args)...) {}

    [[nodiscard]] Stream& stream() { return stream_; }

    template <class R>
    void send(const R& request, int version) {
        protocol::Gather frame;
        protocol::RequestHeader header;
        header.request_api_key = R::info.api_key;
        header.request_api_version = static_cast<std::int16_t>(version);
        header.correlation_id = ++correlation_;
        REQUIRE(!encode(header, protocol::request_header_version(R::info, version), frame));
        REQUIRE(!encode(request, version, frame));
        const auto body = frame.flat();
        std::vector<std::uint8_t> bytes(4 + body.size());
        store_big(bytes.data(), static_cast<std::int32_t>(body.size()));
        std::memcpy(bytes.data() + 4, body.data(), body.size());
        send_raw(bytes);
    }
    void send_raw(const std::vector<std::uint8_t>& bytes) {
        asio::write(stream_, asio::buffer(bytes));
    }
    template <class Response>
    Response receive(int version) {
        std::array<std::uint8_t, 4> prefix{};
        asio::read(stream_, asio::buffer(prefix));
        std::size_t length = 0;
        for (const auto byte : prefix)
            length = length << 8 | byte;
        std::vector<std::uint8_t> body(length);
        asio::read(stream_, asio::buffer(body));
        const auto frame = Slice::copy_of(body);
        protocol::ResponseHeader header;
        std::size_t used = 0;
        REQUIRE(!decode(protocol::ResponseHeader::info, &header,
                        protocol::response_header_version(Response::info, version), frame, {},
                        used));
        CHECK(header.correlation_id == ++answered_);
        Response response;
        REQUIRE(!decode(response, version, frame.part(used)));
        return response;
    }
    template <class R>
    typename R::response_type ask(const R& request, int version) {
        send(request, version);
        return receive<typename R::response_type>(version);
    }
    /// How many bytes still came; error() then says how it ended.
    std::size_t read_to_end() {
        std::size_t sum = 0;
        std::array<std::uint8_t, 256> bytes{};
        error_.clear();
        while (!error_)
            sum += stream_.read_some(asio::buffer(bytes), error_);
        return sum;
    }
    [[nodiscard]] bool at_end() {
        read_to_end();
        return true;
    }
    [[nodiscard]] const asio::error_code& error() const { return error_; }

private:
    asio::io_context context_;
    Stream stream_;
    asio::error_code error_;
    std::int32_t correlation_ = 0;
    std::int32_t answered_ = 0;
};

class SocketPeer : public StreamPeer<asio::ip::tcp::socket> {
public:
    explicit SocketPeer(std::uint16_t port) {
        stream().connect({asio::ip::make_address("127.0.0.1"), port});
    }
};

}  // namespace kafka::testing
