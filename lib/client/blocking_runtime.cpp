// SPDX-License-Identifier: Apache-2.0
#include "client/blocking_runtime.hpp"

namespace kafka::blocking {

Runtime::Impl::Impl()
    : loop(std::make_shared<asio::io_context>(1)),
      guard(loop->get_executor()),
      thread([shared = loop] { shared->run(); }) {}

Runtime::Impl::~Impl() {
    loop->stop();
    if (thread.get_id() == std::this_thread::get_id())
        thread.detach();
    else
        thread.join();
}

Runtime::Runtime() : impl_(std::make_shared<Impl>()) {}
Runtime::Runtime(const Runtime&) noexcept = default;
Runtime& Runtime::operator=(const Runtime&) noexcept = default;
Runtime::~Runtime() = default;

bool Runtime::on_own_thread() const noexcept {
    return impl_->thread.get_id() == std::this_thread::get_id();
}

}  // namespace kafka::blocking
