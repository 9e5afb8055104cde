// SPDX-License-Identifier: Apache-2.0
// A Writer for the program's own thread: it waits for room and for the end, and a signal cuts both
// short.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <system_error>

#include <kafka/client.hpp>
#include <kafka/writer.hpp>

#include "runtime.hpp"

namespace kasio {

/// Made, used and destroyed by the program's thread; the network is served on the loop, where
/// WriterConfig::on_records is called, possibly once more after the destruction.
class WriterSession {
public:
    /// What a signal leaves of the time to deliver what was taken; less than Runtime's grace.
    static constexpr std::chrono::milliseconds last_moments{8'000};

    /// Throws kafka::Error for a configuration that cannot work.
    WriterSession(Runtime& runtime, kafka::ClientConfig client, kafka::WriterConfig config);
    /// Drops what was not delivered.
    ~WriterSession() = default;
    WriterSession(const WriterSession&) = delete;
    WriterSession& operator=(const WriterSession&) = delete;

    /// Takes a record, waiting for room. Errors: those of Writer::async_write();
    /// errc::connection_closed after stop() or a signal.
    [[nodiscard]] std::error_code write(const kafka::Record& record, std::uint64_t cookie);
    /// Nothing more is taken: write() does not wait any more. Thread-safe.
    void stop() noexcept { stopped_ = true; }
    /// Waits until all that was taken has ended.
    void close();

    /// Called about ten times a second by the program's thread while it waits.
    void on_wait(std::function<void()> what) { on_wait_ = std::move(what); }

    [[nodiscard]] const kafka::Client& client() const noexcept { return client_; }
    [[nodiscard]] const kafka::Writer& writer() const noexcept { return writer_; }

private:
    struct Outcome;

    void wait_for(Outcome& outcome);
    void begin_close(std::chrono::milliseconds timeout);

    Runtime& runtime_;
    kafka::Client client_;
    kafka::Writer writer_;
    std::function<void()> on_wait_;
    std::atomic<bool> stopped_{false};
    bool closing_ = false;
    bool hurried_ = false;
    std::shared_ptr<Outcome> closed_;
};

}  // namespace kasio
