// SPDX-License-Identifier: Apache-2.0
// Runtime: an event loop run by threads of its own, and waiting for one operation from outside.
#pragma once

#include <cstddef>
#include <future>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include <kafka/client.hpp>

namespace kafka::peer {

class Runtime {
public:
    explicit Runtime(std::size_t threads = 1) : work_(io.get_executor()) {
        for (std::size_t i = 0; i < threads; ++i)
            threads_.emplace_back([this] { io.run(); });
    }
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;
    ~Runtime() {
        work_.reset();
        for (auto& thread : threads_)
            thread.join();
    }

    /// `start` is given a callback to call once, with the outcome to return.
    template <class Outcome, class Start>
    static Outcome wait(Start start) {
        const auto promise = std::make_shared<std::promise<Outcome>>();
        auto future = promise->get_future();
        start([promise](Outcome outcome) { promise->set_value(std::move(outcome)); });
        return future.get();
    }

    asio::io_context io;

private:
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::vector<std::thread> threads_;
};

template <class Response>
struct Answer {
    std::error_code error;
    Response response{};
};

/// Calls and waits.
template <class Request>
Answer<typename Request::response_type> call(Client& client, Request request,
                                             ClientCallOptions options = {}) {
    using Response = typename Request::response_type;
    return Runtime::wait<Answer<Response>>([&](auto done) {
        client.async_call(std::move(request), options,
                          [done](std::error_code error, Response response) mutable {
                              done({error, std::move(response)});
                          });
    });
}

inline Answer<Client::Metadata> ask(Client& client, std::vector<std::string> topics,
                                    ClientCallOptions options = {}) {
    return Runtime::wait<Answer<Client::Metadata>>([&](auto done) {
        client.async_metadata(std::move(topics), options,
                              [done](std::error_code error, Client::Metadata known) mutable {
                                  done({error, std::move(known)});
                              });
    });
}

inline void close(Client& client) {
    (void)Runtime::wait<std::error_code>([&](auto done) { client.async_close(done); });
}

}  // namespace kafka::peer
