// SPDX-License-Identifier: Apache-2.0
// FaultConn: a connection of the simulation whose faults are counted in bytes of its frames, and
// whose transport reads a request's bytes as late as a socket may.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/conn_core.hpp"
#include "core/handshake.hpp"
#include "core/request_frame.hpp"
#include "core/versions.hpp"
#include "testing/simulation.hpp"

namespace kafka::core::produce_faults {

using std::chrono::milliseconds;
using testing::Simulation;
using testing::StreamId;

/// What happens to the frames of a run's connections while it is `on`. Nothing by default.
struct ByteFaults {
    struct Cut {
        std::size_t bytes;  ///< of the frame, its length included, that get through
        bool reset;         ///< RST; otherwise FIN
    };
    using OnFrame = std::function<std::optional<Cut>(std::int16_t api_key, std::size_t length)>;

    bool on = true;
    OnFrame request;
    OnFrame response;
    std::function<bool(std::int16_t api_key)> twice;  ///< a request arrives so
    std::size_t write_piece = 0;                      ///< bytes a write; 0: all at once
    std::size_t read_piece = 0;
    /// How long the transport holds a write before it reads its bytes.
    std::function<milliseconds()> write_delay;
    bool acks_zero = false;  ///< Produce is not answered
};

/// ConnCore and Handshake over a stream. All that is told, is told later than the call that caused
/// it by nothing but the caller's own queue: callbacks must not call back.
class FaultConn final : public testing::SimulatedClient {
public:
    using Told = std::function<void(const Failure&)>;
    using Done = std::function<void(const Completion&)>;

    /// `on_open` is called once, whatever comes of it; `on_end` once when an open one has ended.
    FaultConn(Simulation& simulation, const ByteFaults& faults, const std::string& host,
              std::uint16_t port, milliseconds timeout, Told on_open, Told on_end);
    ~FaultConn() override;

    [[nodiscard]] bool usable() const noexcept { return open_ && !core_.failed(); }
    [[nodiscard]] bool opening() const noexcept { return static_cast<bool>(on_open_); }
    [[nodiscard]] const VersionTable& versions() const noexcept { return versions_; }
    /// `done` is called exactly once while this lives, unless this fails.
    [[nodiscard]] Failure submit(const protocol::MessageInfo& info, const void* request,
                                 std::int16_t version, Time deadline, bool answered, Done done);
    /// What is not done ends with `why`, and its bytes are not read any more.
    void close(Failure why);

    void on_connected(StreamId stream, const std::error_code& error) override;
    void on_bytes(StreamId stream, std::span<const std::uint8_t> bytes) override;
    void on_closed(StreamId stream, const std::error_code& error) override;
    void on_time() override;

private:
    void ask();
    void opened(const Failure& failure);
    void pump();
    void transmit();
    void send(std::span<const std::uint8_t> bytes);
    void take_frames();
    void feed(std::span<const std::uint8_t> bytes);
    void later(milliseconds time, void (FaultConn::*what)());
    void connect_timed_out();
    void broken();
    void end(Failure why);

    Simulation& simulation_;
    const ByteFaults& faults_;
    ConnCore core_;
    Handshake handshake_{"kafka-asio", "sim"};
    Told on_open_, on_end_;
    VersionTable versions_;
    std::map<std::uint64_t, Done> done_;
    std::deque<std::int16_t> expected_;  // APIs of the answers to come
    std::vector<std::uint8_t> unread_;   // of frames that are not whole
    std::uint64_t last_id_ = 0;
    bool open_ = false;
    bool writing_ = false;
    bool closed_ = false;
    bool pumping_ = false;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
    StreamId stream_;
};

}  // namespace kafka::core::produce_faults
