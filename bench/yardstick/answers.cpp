// SPDX-License-Identifier: Apache-2.0
#include "answers.hpp"

#include <ctime>

#include <sys/prctl.h>

#include "../drivers/common/clock.hpp"

namespace yardstick {

using kafka_bench::now_ns;

Answers::Answers(Socket& socket, std::int64_t delay_us)
    : socket_(socket), delay_ns_(delay_us * 1000) {
    if (delay_ns_) thread_ = std::thread([this] { run(); });
}

Answers::~Answers() {
    if (!delay_ns_) return;
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Answers::send(std::vector<std::uint8_t> frame, bool delayed) {
    if (!delay_ns_) return socket_.write(frame);
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back({delayed ? now_ns() + delay_ns_ : 0, std::move(frame)});
    }
    changed_.notify_all();
}

void Answers::drain() {
    if (!delay_ns_) return;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return queue_.empty() && !sending_; });
}

void Answers::run() {
    // Sleeps are otherwise up to 50 us too long.
    prctl(PR_SET_TIMERSLACK, 1UL);
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return ended_ || !queue_.empty(); });
        if (ended_) return;
        const auto next = std::move(queue_.front());
        queue_.pop_front();
        sending_ = true;
        lock.unlock();
        const timespec due{next.due_ns / 1'000'000'000, next.due_ns % 1'000'000'000};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nullptr);
        try {
            socket_.write(next.frame);
        } catch (const Gone&) {
            // The reading side finds out as well.
        }
        lock.lock();
        sending_ = false;
        changed_.notify_all();
    }
}

}  // namespace yardstick
