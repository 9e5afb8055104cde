// SPDX-License-Identifier: Apache-2.0
// A Writer with its Client and a thread that runs their loop, and what tests ask of a log.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <kafka/codec.hpp>
#include <kafka/protocol/record_reader.hpp>
#include <kafka/testing/broker.hpp>
#include <kafka/writer.hpp>

namespace kafka::testing {

using namespace std::chrono_literals;

/// The values of a partition, in order.
inline std::vector<std::string> values_in(const Broker& broker, const std::string& topic,
                                          std::int32_t partition) {
    std::vector<std::string> values;
    protocol::RecordReader reader(broker.batches(topic, partition),
                                  {.decompress = codec::decompress});
    while (const auto* record = reader.next())
        values.emplace_back(record->value.text());
    CHECK_FALSE(reader.failure());
    return values;
}

/// What on_records was told, by cookie.
class Told {
public:
    struct End {
        std::error_code error;
        std::int32_t partition;
        std::int64_t offset;
        std::string detail;
    };
    OnRecords hook() {
        return [this](const WrittenRecords& records) {
            const std::lock_guard lock(mutex_);
            for (std::size_t i = 0; i < records.cookies.size(); ++i) {
                const auto fresh =
                    ends_
                        .try_emplace(records.cookies[i],
                                     End{records.error, records.partition, records.offset(i),
                                         std::string(records.detail)})
                        .second;
                if (!fresh) ++twice_;
            }
            changed_.notify_all();
        };
    }
    bool wait(std::size_t count, std::chrono::milliseconds limit = 20s) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, limit, [&] { return ends_.size() >= count; });
    }
    std::map<std::uint64_t, End> ends() {
        const std::lock_guard lock(mutex_);
        return ends_;
    }
    int twice() {
        const std::lock_guard lock(mutex_);
        return twice_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::uint64_t, End> ends_;
    int twice_ = 0;
};

/// A handler's result, waited for.
template <class... Results>
class Wait {
public:
    auto handler() {
        return [state = state_](std::error_code ec, Results... results) {
            const std::lock_guard lock(state->mutex);
            state->ec = ec;
            state->results = {std::move(results)...};
            ++state->calls;
            state->changed.notify_all();
        };
    }
    std::error_code get(std::chrono::milliseconds limit = 20s) {
        std::unique_lock lock(state_->mutex);
        REQUIRE(state_->changed.wait_for(lock, limit, [&] { return state_->calls > 0; }));
        CHECK(state_->calls == 1);
        return state_->ec;
    }
    bool done(std::chrono::milliseconds limit) {
        std::unique_lock lock(state_->mutex);
        return state_->changed.wait_for(lock, limit, [&] { return state_->calls > 0; });
    }
    template <std::size_t n = 0>
    auto& result() {
        return std::get<n>(state_->results);
    }

private:
    struct State {
        std::mutex mutex;
        std::condition_variable changed;
        std::error_code ec;
        std::tuple<Results...> results;
        int calls = 0;
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

struct WriterLoop {
    WriterLoop(std::string bootstrap, WriterConfig config, ClientConfig client_config = {})
        : client(io, with(std::move(client_config), std::move(bootstrap))),
          writer(client, std::move(config)) {}
    ~WriterLoop() {
        guard.reset();
        io.stop();
        thread.join();
    }
    static ClientConfig with(ClientConfig config, std::string bootstrap) {
        config.bootstrap = std::move(bootstrap);
        return config;
    }

    std::error_code write(std::vector<Message> messages, WriteResults* results = nullptr) {
        Wait<WriteResults> wait;
        writer.async_write_messages(messages, wait.handler());
        const auto ec = wait.get(60s);
        if (results) *results = wait.result();
        return ec;
    }
    std::error_code flush() {
        Wait<> wait;
        writer.async_flush(wait.handler());
        return wait.get(60s);
    }
    std::error_code close(std::chrono::milliseconds timeout = 30s) {
        Wait<> wait;
        writer.async_close(timeout, wait.handler());
        return wait.get(60s);
    }
    /// Until the topic is known.
    std::error_code first(const Record& record, std::uint64_t cookie) {
        Wait<> wait;
        writer.async_write(record, cookie, wait.handler());
        return wait.get();
    }

    asio::io_context io;
    asio::executor_work_guard<asio::io_context::executor_type> guard{io.get_executor()};
    Client client;
    Writer writer;
    std::thread thread{[this] { io.run(); }};
};

inline Message message(std::string value, std::string key = {}) {
    Message result;
    if (!key.empty()) result.key = key;
    result.value = value;
    return result;
}

}  // namespace kafka::testing
