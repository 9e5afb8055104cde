// SPDX-License-Identifier: Apache-2.0
// A call that is under way, whatever its response's type and its handler's: what a session needs
// of it to decode the answer and to end it.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <system_error>
#include <type_traits>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>

#include <kafka/detail/any_handler.hpp>
#include <kafka/error.hpp>
#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::detail {

class KAFKA_API PendingCall {
public:
    PendingCall(const protocol::MessageInfo& info, void* response) noexcept
        : info_(&info), response_(response) {}
    PendingCall(const PendingCall&) = delete;
    PendingCall& operator=(const PendingCall&) = delete;
    virtual ~PendingCall();

    // Memory that the thread's event loop keeps for the next.
    static void* operator new(std::size_t size);
    static void operator delete(void* at, std::size_t size) noexcept;

    /// Ends a call, never inside this function. One that is destroyed without was abandoned with
    /// its event loop.
    static void post(std::unique_ptr<PendingCall> call, const std::error_code& ec) {
        auto& self = *call;
        self.post_self(std::move(call), ec);
    }
    /// Ends a call, inside this function. Only where runs_here() is true.
    static void run(std::unique_ptr<PendingCall> call, const std::error_code& ec) {
        auto& self = *call;
        self.run_self(std::move(call), ec);
    }
    /// The handler's executor would run it here and now, on this thread.
    [[nodiscard]] virtual bool runs_here() const noexcept { return false; }
    [[nodiscard]] virtual asio::cancellation_slot slot() const noexcept { return {}; }

    [[nodiscard]] const protocol::MessageInfo& info() const noexcept { return *info_; }
    /// A fresh object of that type, to decode into.
    [[nodiscard]] void* response() const noexcept { return response_; }

    Diagnostics* diagnostics = nullptr;
    /// A part of the request may have reached the peer: what failed may have taken effect.
    bool sent = false;

protected:
    /// The call is over, and the object goes afterwards: nothing of a user's may run inside.
    virtual void complete(const std::error_code&) {}
    virtual void post_self(std::unique_ptr<PendingCall> self, const std::error_code& ec);
    virtual void run_self(std::unique_ptr<PendingCall> self, const std::error_code& ec);
    /// Has run() called from `executor`.
    static void post_on(const asio::any_io_executor& executor, std::unique_ptr<PendingCall> call,
                        const std::error_code& ec);

private:
    const protocol::MessageInfo* info_;
    void* response_;
};

/// A call with its handler, in one piece of memory from the handler's allocator.
template <class Response, class Handler>
class CallOf final : public PendingCall {
public:
    static std::unique_ptr<PendingCall> make(Handler&& handler, const asio::any_io_executor& io) {
        auto* made = make_with<CallOf>(std::move(handler));
        std::unique_ptr<PendingCall> owner(made);
        made->executor_ = tracked_executor_of(made->handler_, io);
        return owner;
    }
    explicit CallOf(Handler&& handler)
        : PendingCall(Response::info, &object_), handler_(std::move(handler)) {}

    // The allocator is the handler's, which goes before the memory does.
    static void operator delete(CallOf* self, std::destroying_delete_t) noexcept {
        using Bytes = decltype(byte_allocator_of(self->handler_));
        typename std::allocator_traits<Bytes>::template rebind_alloc<CallOf> allocator(
            byte_allocator_of(self->handler_));
        self->~CallOf();
        allocator.deallocate(self, 1);
    }

    [[nodiscard]] bool runs_here() const noexcept override { return is_here(executor_); }
    [[nodiscard]] asio::cancellation_slot slot() const noexcept override {
        return asio::get_associated_cancellation_slot(handler_);
    }

private:
    void post_self(std::unique_ptr<PendingCall> self, const std::error_code& ec) override {
        post_on(executor_, std::move(self), ec);
    }
    void run_self(std::unique_ptr<PendingCall> self, const std::error_code& ec) override {
        if (auto slot = this->slot(); slot.is_connected()) slot.clear();
        auto tracked = std::move(executor_);  // until the handler has run
        auto handler = std::move(handler_);
        Response response;
        if (!ec) response = std::move(object_);
        self.reset();
        std::move(handler)(ec, std::move(response));
    }

    Response object_;
    Handler handler_;
    asio::any_io_executor executor_;  // tracked: it keeps the handler's context running
};

template <class Response, class Handler>
std::unique_ptr<PendingCall> make_call(Handler&& handler, const asio::any_io_executor& io) {
    using Own = std::decay_t<Handler>;
    return CallOf<Response, Own>::make(Own(std::forward<Handler>(handler)), io);
}

}  // namespace kafka::detail
