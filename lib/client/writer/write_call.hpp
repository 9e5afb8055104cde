// SPDX-License-Identifier: Apache-2.0
// WriteCall: one async_write_messages() or async_write(). FlushPoint: one that waits for what was
// taken before it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <kafka/detail/any_handler.hpp>
#include <kafka/error.hpp>
#include <kafka/message.hpp>
#include <kafka/result.hpp>
#include <kafka/slice.hpp>
#include <kafka/writer_config.hpp>

#include "client/writer/write_partition.hpp"
#include "core/time.hpp"

namespace kafka::client {

/// It ends once: when all of its messages have, or by end(). Thread-safe but for `rest`, which is
/// the starting function's and then the strand's.
class WriteCall {
public:
    using MessagesHandler = detail::any_handler<void(std::error_code, WriteResults)>;
    using WriteHandler = detail::any_handler<void(std::error_code)>;

    WriteCall(std::size_t count, MessagesHandler handler)
        : count_(count), messages_(std::move(handler)), missing_(count) {
        results_.messages.resize(count, {errc::outcome_unknown, -1, -1});
    }
    explicit WriteCall(WriteHandler handler)
        : is_single_(true), single_(std::move(handler)), missing_(1) {}

    /// async_write(): over when it was taken.
    [[nodiscard]] bool single() const noexcept { return is_single_; }

    /// The end of one message. `detail` is kept of the first failure.
    void set(std::size_t place, const MessageResult& result, std::string_view detail = {}) {
        std::unique_lock lock(mutex_);
        if (over_) return;
        if (!is_single_) results_.messages[place] = result;
        count_ends(lock, 1, result.error, detail);
    }
    /// For more than one set(): that many messages in a row of places.
    template <class Places>
    void set_run(const Places& places, MessageResult result, std::string_view detail) {
        std::unique_lock lock(mutex_);
        if (over_) return;
        for (const auto place : places) {
            results_.messages[place] = result;
            if (result.offset >= 0) ++result.offset;
        }
        count_ends(lock, places.size(), result.error, detail);
    }
    /// All that was not taken.
    void fail_rest(const std::error_code& why, std::string_view detail) {
        if (whole) {
            std::unique_lock lock(mutex_);
            if (over_) return;
            results_.messages.assign(count_, {why, whole->partition, -1});
            return count_ends(lock, count_, why, detail);
        }
        for (; rest_at < rest.size(); ++rest_at)
            set(rest_place + rest_at, {why, -1, -1}, detail);
    }
    /// Of all messages.
    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    /// It was not taken. None: it is to be tried.
    void wait_for(const std::error_code& why, const WriteTopic* topic) noexcept {
        blocked = why;
        missing = why == errc::topic_not_ready ? topic : nullptr;
    }
    /// Of what comes next; null: nothing does.
    [[nodiscard]] const std::string* next_topic() const noexcept {
        if (whole) return &whole->topic;
        return rest_at < rest.size() ? &rest[rest_at].topic : nullptr;
    }
    /// Whatever is missing.
    void end(const std::error_code& why) {
        std::unique_lock lock(mutex_);
        if (over_) return;
        results_.failed += missing_;
        finish(lock, why);
    }
    [[nodiscard]] bool over() {
        const std::lock_guard lock(mutex_);
        return over_;
    }
    /// The event loop is gone.
    void drop() noexcept {
        std::unique_lock lock(mutex_);
        over_ = true;
        const auto messages = std::move(messages_);
        const auto single = std::move(single_);
        lock.unlock();
    }

    /// A batch that was made elsewhere, instead of messages.
    struct Whole {
        std::string topic;
        std::int32_t partition = -1;
        Slice bytes;  ///< without an owner only while the call is started
    };
    std::optional<Whole> whole;

    // What was not taken yet.
    std::vector<Message> rest;
    std::size_t rest_at = 0;     ///< the first of them that was not taken
    std::size_t rest_place = 0;  ///< of rest[0] in the call
    std::uint64_t cookie = 0;
    std::uint32_t thread = 0;  ///< that of the caller, by its number
    core::Time deadline = core::never;
    std::error_code blocked{};            ///< why it waits
    const WriteTopic* missing = nullptr;  ///< what it waits for, if that is a topic
    std::atomic<bool> taken{false};       ///< something was

private:
    void count_ends(std::unique_lock<std::mutex>& lock, std::size_t count,
                    const std::error_code& error, std::string_view detail) {
        if (error) {
            results_.failed += count;
            if (!first_) {
                first_ = error;
                results_.detail = detail;
            }
        }
        missing_ -= count;
        if (missing_ == 0) finish(lock, first_);
    }
    // Never under the lock: a handler that is destroyed may own anything.
    void finish(std::unique_lock<std::mutex>& lock, std::error_code ec) {
        over_ = true;
        auto results = std::move(results_);
        auto messages = std::move(messages_);
        auto single = std::move(single_);
        lock.unlock();
        if (messages)
            std::move(messages).post(ec, std::move(results));
        else if (single)
            std::move(single).post(ec);
    }

    const bool is_single_ = false;
    const std::size_t count_ = 1;
    std::mutex mutex_;
    MessagesHandler messages_;
    WriteHandler single_;
    WriteResults results_;
    std::size_t missing_;
    std::error_code first_;
    bool over_ = false;
};

/// Batches point to it; the last one that is reported ends it.
struct FlushPoint {
    detail::any_handler<void(std::error_code)> handler;  // none: of a close
    std::size_t left = 0;
    bool over = false;
};

}  // namespace kafka::client
