// SPDX-License-Identifier: Apache-2.0
#include "writer_session.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>

#include <kafka/error.hpp>

namespace kasio {

namespace {

constexpr std::chrono::milliseconds look_around{100};
// What is late has reasons of its own, which are better than "late".
constexpr std::chrono::milliseconds margin{1'000};

}  // namespace

// Of something that completes on the loop.
struct WriterSession::Outcome {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    std::error_code error;

    void set(const std::error_code& ec) {
        const std::lock_guard lock(mutex);
        done = true;
        error = ec;
        changed.notify_all();
    }
    bool wait() {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, look_around, [this] { return done; });
    }
};

WriterSession::WriterSession(Runtime& runtime, kafka::ClientConfig client,
                             kafka::WriterConfig config)
    : runtime_(runtime),
      client_(runtime.context(), std::move(client)),
      writer_(client_, std::move(config)),
      closed_(std::make_shared<Outcome>()) {}

std::error_code WriterSession::write(const kafka::Record& record, std::uint64_t cookie) {
    const auto error = writer_.try_write(record, cookie);
    if (error != kafka::errc::buffer_full && error != kafka::errc::topic_not_ready) return error;
    if (stopped_) return kafka::errc::connection_closed;
    auto taken = std::make_shared<Outcome>();
    writer_.async_write(record, cookie, [taken](const std::error_code& ec) { taken->set(ec); });
    wait_for(*taken);
    return taken->error;
}

void WriterSession::close() {
    begin_close(writer_.config().delivery_timeout + margin);
    wait_for(*closed_);
}

// What is waited for always ends: closing the Writer ends it.
void WriterSession::wait_for(Outcome& outcome) {
    while (!outcome.wait()) {
        if (on_wait_) on_wait_();
        if (runtime_.interrupted() != Exit::ok && !std::exchange(hurried_, true)) {
            closing_ = false;
            begin_close(last_moments);
        } else if (stopped_) {
            begin_close(writer_.config().delivery_timeout + margin);
        }
    }
}

void WriterSession::begin_close(std::chrono::milliseconds timeout) {
    if (std::exchange(closing_, true)) return;
    writer_.async_close(timeout,
                        [closed = closed_](const std::error_code& ec) { closed->set(ec); });
}

}  // namespace kasio
