// SPDX-License-Identifier: Apache-2.0
// What a way over kafka::Conn stands on: one event loop, one connection to each broker, run by the
// thread that uses it. Every failure ends the program.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <asio/io_context.hpp>

#include <kafka/conn.hpp>
#include <kafka/uuid.hpp>

#include "driver.hpp"

namespace kafka_bench {

class Cluster {
public:
    /// Connects to the bootstrap brokers, and from what they say to the leaders of the topic.
    /// Clusters may share an event loop: whichever waits handles the events of all.
    explicit Cluster(const Options& options, std::shared_ptr<asio::io_context> context =
                                                 std::make_shared<asio::io_context>(1));

    struct Node {
        std::int32_t id = 0;
        std::string address;
        std::optional<kafka::Conn> conn;
        std::uint32_t in_flight = 0;  // for its users' counting
    };

    [[nodiscard]] asio::io_context& context() { return *context_; }
    [[nodiscard]] std::vector<std::unique_ptr<Node>>& nodes() { return nodes_; }
    [[nodiscard]] Node& leader(std::int32_t partition) {
        return *leaders_[static_cast<std::size_t>(partition)];
    }
    [[nodiscard]] std::int32_t partitions() const {
        return static_cast<std::int32_t>(leaders_.size());
    }
    [[nodiscard]] const kafka::Uuid& topic_id() const { return topic_id_; }

    /// Waits for an event and handles it.
    void wait() {
        context_->restart();
        context_->run_one();
    }
    /// Handles what is there without waiting.
    void poll() {
        context_->restart();
        context_->poll();
    }

    /// A call that waits for its answer.
    template <class Request>
    typename Request::response_type call(kafka::Conn& conn, const Request& request) {
        typename Request::response_type answer;
        bool done = false;
        conn.async_call(request, [&](std::error_code error, auto response) {
            if (error) fail(std::string(Request::info.name) + ": " + error.message());
            answer = std::move(response);
            done = true;
        });
        while (!done)
            wait();
        return answer;
    }

private:
    void connect(Node& node);
    void find_leaders(const Options& options);

    std::shared_ptr<asio::io_context> context_;
    kafka::ConnConfig config_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::vector<Node*> leaders_;  // by partition
    kafka::Uuid topic_id_;
};

}  // namespace kafka_bench
