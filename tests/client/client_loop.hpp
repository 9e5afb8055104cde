// SPDX-License-Identifier: Apache-2.0
// A Client and its loop, run by the test itself.
#pragma once

#include <chrono>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <kafka/client.hpp>
#include <kafka/protocol/list_offsets.hpp>

namespace kafka::testing {

using namespace std::chrono_literals;

inline ClientConfig config_for(std::string bootstrap) {
    ClientConfig config;
    config.bootstrap = std::move(bootstrap);
    return config;
}

struct ClientLoop {
    explicit ClientLoop(ClientConfig config) : client(io, std::move(config)) {}
    explicit ClientLoop(std::string bootstrap) : ClientLoop(config_for(std::move(bootstrap))) {}

    template <class Done>
    void run(Done done, std::chrono::milliseconds limit = 20s) {
        io.restart();
        const auto end = std::chrono::steady_clock::now() + limit;
        while (!done() && std::chrono::steady_clock::now() < end)
            io.run_one_for(50ms);
        REQUIRE(done());
    }
    template <class Request>
    std::error_code call(Request request, typename Request::response_type& response,
                         ClientCallOptions options = {}) {
        std::error_code result = asio::error::in_progress;
        if (!options.diagnostics) options.diagnostics = &diagnostics;
        client.async_call(std::move(request), options,
                          [&](std::error_code ec, typename Request::response_type r) {
                              result = ec;
                              response = std::move(r);
                          });
        CHECK(result == asio::error::in_progress);  // never inside the initiating function
        run([&] { return result != asio::error::in_progress; });
        return result;
    }
    std::error_code metadata(std::vector<std::string> topics, Client::Metadata& known,
                             ClientCallOptions options = {}) {
        std::error_code result = asio::error::in_progress;
        if (!options.diagnostics) options.diagnostics = &diagnostics;
        client.async_metadata(std::move(topics), options,
                              [&](std::error_code ec, Client::Metadata m) {
                                  result = ec;
                                  known = std::move(m);
                              });
        run([&] { return result != asio::error::in_progress; });
        return result;
    }
    void close() {
        bool closed = false;
        client.async_close([&](std::error_code ec) {
            CHECK_FALSE(ec);
            closed = true;
        });
        run([&] { return closed; });
        io.restart();
        io.run_for(20ms);
    }

    asio::io_context io;
    Client client;
    Diagnostics diagnostics;
};

/// The latest offsets of all partitions of a topic.
inline protocol::ListOffsetsRequest latest(const std::string& topic, std::int32_t partitions) {
    protocol::ListOffsetsRequest request;
    request.replica_id = -1;
    auto& row = request.topics.emplace_back();
    row.name = topic;
    for (std::int32_t number = 0; number < partitions; ++number)
        row.partitions.push_back({.partition_index = number, .timestamp = -1});
    return request;
}
/// How many partitions have an offset.
inline std::size_t answered(const protocol::ListOffsetsResponse& response) {
    std::size_t count = 0;
    for (const auto& topic : response.topics)
        for (const auto& partition : topic.partitions)
            if (partition.error_code == 0 && partition.offset >= 0) ++count;
    return count;
}

}  // namespace kafka::testing
