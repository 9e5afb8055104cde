// SPDX-License-Identifier: Apache-2.0
// Where answers go: to the socket at once, or first into a queue that a second thread empties when
// their time has come.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "socket.hpp"

namespace yardstick {

class Answers {
public:
    Answers(Socket& socket, std::int64_t delay_us);
    ~Answers();
    Answers(const Answers&) = delete;
    Answers& operator=(const Answers&) = delete;

    /// A whole frame. `delayed`: waits for the delay; others wait only for those before them.
    void send(std::vector<std::uint8_t> frame, bool delayed);
    /// Waits until the queue is empty: for answers that go to the socket by themselves.
    void drain();

private:
    struct Waiting {
        std::int64_t due_ns;
        std::vector<std::uint8_t> frame;
    };
    void run();

    Socket& socket_;
    std::int64_t delay_ns_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Waiting> queue_;
    bool sending_ = false;
    bool ended_ = false;
    std::thread thread_;
};

}  // namespace yardstick
