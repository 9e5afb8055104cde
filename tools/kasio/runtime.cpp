// SPDX-License-Identifier: Apache-2.0
#include "runtime.hpp"

#include <csignal>
#include <cstdint>

#include <asio/error_code.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <sys/eventfd.h>
#include <unistd.h>

namespace kasio {

Runtime::Runtime() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    // Output notices a reader that has gone by its error.
    std::signal(SIGPIPE, SIG_IGN);
    // A shell starts background jobs with SIGINT ignored: leave it so.
    for (const int number : {SIGINT, SIGTERM}) {
        struct sigaction old {};
        if (::sigaction(number, nullptr, &old) == 0 && old.sa_handler == SIG_IGN) continue;
        asio::error_code ignored;
        signals_.add(number, ignored);
    }
    wait_for_signal();
    thread_ = std::thread([this] { context_.run(); });
}

Runtime::~Runtime() {
    work_.reset();
    context_.stop();
    thread_.join();
    if (wake_ >= 0) ::close(wake_);
}

void Runtime::wait_for_signal() {
    signals_.async_wait([this](const asio::error_code& error, int number) {
        if (error) return;
        on_signal(number);
        wait_for_signal();
    });
}

void Runtime::on_signal(int number) {
    const Exit status = number == SIGINT ? Exit::interrupted : Exit::terminated;
    const int grace = grace_.load();
    if (grace == 0 || interrupted() != Exit::ok) ::_exit(static_cast<int>(status));
    interrupted_ = status;
    wake();
    grace_timer_.expires_after(std::chrono::seconds(grace));
    grace_timer_.async_wait([status](const asio::error_code& error) {
        if (!error) ::_exit(static_cast<int>(status));
    });
}

void Runtime::wake() const noexcept {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(wake_, &one, sizeof one));
}

void Runtime::be_graceful(int grace) {
    grace_ = grace;
}

asio::awaitable<void> Event::wait() {
    asio::error_code ignored;  // always operation_aborted
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    co_await timer_.async_wait(token);
}

}  // namespace kasio
