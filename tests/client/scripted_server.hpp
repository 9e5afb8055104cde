// SPDX-License-Identifier: Apache-2.0
// A peer on loopback that does what a test says: each connection runs the script in a thread of
// its own, with blocking reads and writes.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <kafka/protocol/api_versions.hpp>
#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/headers.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/sasl_authenticate.hpp>
#include <kafka/protocol/sasl_handshake.hpp>

#include "base/big_endian.hpp"

namespace kafka::testing {

/// One request as the peer saw it.
struct Seen {
    protocol::RequestHeader header;
    Slice body;
    bool end = false;  // the client closed the connection instead
};

/// One connection, from the peer's side. Failed reads and writes end the script quietly.
class ScriptedPeer {
public:
    explicit ScriptedPeer(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}
    virtual ~ScriptedPeer() = default;

    Seen read() {
        Seen seen;
        std::uint8_t length[4];
        if (!receive(length)) return seen.end = true, seen;
        std::vector<std::uint8_t> frame(load_big<std::uint32_t>(length));
        if (!receive(frame)) return seen.end = true, seen;
        const auto whole = Slice::copy_of(frame);
        const auto key = load_big<std::int16_t>(whole.data());
        const auto version = load_big<std::int16_t>(whole.data() + 2);
        std::size_t used = 0;
        const auto failure =
            protocol::decode(protocol::RequestHeader::info, &seen.header,
                             request_info(key).flexible(version) ? 2 : 1, whole, {}, used);
        if (failure) return seen.end = true, seen;
        seen.body = whole.part(used);
        return seen;
    }
    /// Reads bytes that are no request.
    void skip(std::size_t count) {
        std::vector<std::uint8_t> bytes(count);
        (void)receive(bytes);
    }
    virtual void write(std::string_view bytes) {
        std::error_code ec;
        asio::write(socket_, asio::buffer(bytes.data(), bytes.size()), ec);
    }
    template <class Response>
    static std::string framed(const Seen& seen, const Response& response, int version = -1) {
        if (version < 0) version = seen.header.request_api_version;
        protocol::Gather out;
        out.own().grow(4);
        protocol::ResponseHeader header;
        header.correlation_id = seen.header.correlation_id;
        const auto header_version = protocol::response_header_version(Response::info, version);
        if (protocol::encode(protocol::ResponseHeader::info, &header, header_version, out))
            return {};
        if (protocol::encode(response, version, out)) return {};
        auto bytes = out.flat();
        store_big(bytes.data(), static_cast<std::int32_t>(bytes.size() - 4));
        return std::string(as_text(bytes.bytes()));
    }
    template <class Response>
    void answer(const Seen& seen, const Response& response, int version = -1) {
        write(framed(seen, response, version));
    }
    /// Reads the ApiVersions request and offers everything that this library has.
    Seen negotiate(std::int32_t throttle = 0) {
        auto seen = read();
        if (!seen.end) answer(seen, offer(throttle));
        return seen;
    }
    static protocol::ApiVersionsResponse offer(std::int32_t throttle = 0) {
        protocol::ApiVersionsResponse response;
        for (const auto* info :
             {&protocol::ProduceRequest::info, &protocol::FetchRequest::info,
              &protocol::MetadataRequest::info, &protocol::ApiVersionsRequest::info})
            response.api_keys.push_back({.api_key = info->api_key,
                                         .min_version = info->versions.min,
                                         .max_version = info->versions.max});
        response.throttle_time_ms = throttle;
        return response;
    }
    /// The same with what a login takes.
    void negotiate_login() {
        const auto seen = read();
        if (seen.end) return;
        auto response = offer();
        for (const auto* info :
             {&protocol::SaslHandshakeRequest::info, &protocol::SaslAuthenticateRequest::info})
            response.api_keys.push_back(
                {.api_key = info->api_key, .max_version = info->versions.max});
        answer(seen, response);
    }
    /// Answers Metadata until the client goes: one broker whose host is the first topic asked for.
    void serve_metadata() {
        for (auto seen = read(); !seen.end; seen = read())
            answer(seen, echo(seen));
    }
    static protocol::MetadataResponse echo(const Seen& seen) {
        protocol::MetadataRequest request;
        (void)protocol::decode(request, seen.header.request_api_version, seen.body);
        protocol::MetadataResponse response;
        auto& broker = response.brokers.emplace_back();
        if (request.topics && !request.topics->empty() && request.topics->front().name)
            broker.host = *request.topics->front().name;
        return response;
    }
    /// Reads until the client closes the connection.
    void drain() {
        while (!read().end) {
        }
    }
    /// Closes with a reset instead of an end.
    void reset() {
        std::error_code ec;
        socket_.set_option(asio::socket_base::linger(true, 0), ec);
        socket_.close(ec);
    }
    /// The client's address.
    [[nodiscard]] std::string client() const {
        std::error_code ec;
        return socket_.remote_endpoint(ec).address().to_string();
    }
    void shut() { ::shutdown(socket_.native_handle(), SHUT_RDWR); }

private:
    static const protocol::MessageInfo& request_info(std::int16_t key) {
        if (key == 0) return protocol::ProduceRequest::info;
        if (key == 1) return protocol::FetchRequest::info;
        if (key == 3) return protocol::MetadataRequest::info;
        if (key == 17) return protocol::SaslHandshakeRequest::info;
        if (key == 36) return protocol::SaslAuthenticateRequest::info;
        return protocol::ApiVersionsRequest::info;
    }

protected:
    /// All of it, or false.
    virtual bool receive(std::span<std::uint8_t> into) {
        std::error_code ec;
        asio::read(socket_, asio::buffer(into.data(), into.size()), ec);
        return !ec;
    }

    asio::ip::tcp::socket socket_;
};

class ScriptedServer {
public:
    using Script = std::function<void(ScriptedPeer&)>;
    using Make = std::function<std::shared_ptr<ScriptedPeer>(asio::ip::tcp::socket)>;

    explicit ScriptedServer(Script script, const char* address = "127.0.0.1", Make make = plain)
        : script_(std::move(script)),
          make_(std::move(make)),
          acceptor_(context_, {asio::ip::make_address(address), 0}),
          endpoint_(acceptor_.local_endpoint()),
          accepting_([this] { accept(); }) {}
    ~ScriptedServer() {
        ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
        accepting_.join();
        {
            const std::lock_guard lock(mutex_);
            for (auto& peer : peers_)
                if (auto alive = peer.lock()) alive->shut();
        }
        for (auto& thread : threads_)
            thread.join();
    }

    [[nodiscard]] std::uint16_t port() const { return endpoint_.port(); }
    [[nodiscard]] std::string address() const {
        const auto host = endpoint_.address().to_string();
        return (endpoint_.address().is_v6() ? '[' + host + ']' : host) + ':' +
               std::to_string(port());
    }
    [[nodiscard]] int connections() const { return connections_; }

private:
    static std::shared_ptr<ScriptedPeer> plain(asio::ip::tcp::socket socket) {
        return std::make_shared<ScriptedPeer>(std::move(socket));
    }
    void accept() {
        for (;;) {
            std::error_code ec;
            asio::ip::tcp::socket socket(context_);
            acceptor_.accept(socket, ec);
            if (ec) return;
            ++connections_;
            auto peer = make_(std::move(socket));
            const std::lock_guard lock(mutex_);
            peers_.push_back(peer);
            threads_.emplace_back([this, peer] { script_(*peer); });
        }
    }

    Script script_;
    Make make_;
    asio::io_context context_;
    asio::ip::tcp::acceptor acceptor_;
    asio::ip::tcp::endpoint endpoint_;
    std::atomic<int> connections_{0};
    std::mutex mutex_;
    std::vector<std::weak_ptr<ScriptedPeer>> peers_;
    std::list<std::thread> threads_;
    std::thread accepting_;  // last: it uses the others
};

/// A Metadata request that names one topic.
inline protocol::MetadataRequest metadata_of(std::string topic) {
    protocol::MetadataRequest request;
    request.topics.emplace();
    request.topics->emplace_back().name = std::move(topic);
    return request;
}
inline void serve(ScriptedPeer& peer) {
    peer.negotiate();
    peer.serve_metadata();
}
/// Negotiates, then reads everything and answers nothing.
inline void hold(ScriptedPeer& peer) {
    peer.negotiate();
    peer.drain();
}

}  // namespace kafka::testing
