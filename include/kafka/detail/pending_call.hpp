// SPDX-License-Identifier: Apache-2.0
// A call that is under way, whatever its response's type and its handler's: what a session needs
// of it to decode the answer and to end it.
#pragma once

#include <memory>
#include <system_error>

#include <asio/cancellation_signal.hpp>

#include <kafka/detail/any_handler.hpp>
#include <kafka/error.hpp>
#include <kafka/protocol/message.hpp>

namespace kafka::detail {

class PendingCall {
public:
    PendingCall(const protocol::MessageInfo& info, void* response) noexcept
        : info_(&info), response_(response) {}
    PendingCall(const PendingCall&) = delete;
    PendingCall& operator=(const PendingCall&) = delete;
    virtual ~PendingCall() = default;

    /// Ends the call, never inside this function; once at most, and the object goes then. One
    /// that is destroyed without was abandoned with its event loop.
    virtual void complete(const std::error_code& ec) = 0;
    [[nodiscard]] virtual asio::cancellation_slot slot() const noexcept { return {}; }

    [[nodiscard]] const protocol::MessageInfo& info() const noexcept { return *info_; }
    /// A fresh object of that type, to decode into.
    [[nodiscard]] void* response() const noexcept { return response_; }

    Diagnostics* diagnostics = nullptr;
    /// A part of the request may have reached the peer: what failed may have taken effect.
    bool sent = false;

private:
    const protocol::MessageInfo* info_;
    void* response_;
};

template <class Response>
class CallOf final : public PendingCall {
public:
    using Handler = any_handler<void(std::error_code, Response)>;

    explicit CallOf(Handler handler)
        : PendingCall(Response::info, &object_), handler_(std::move(handler)) {}

    void complete(const std::error_code& ec) override {
        std::move(handler_).post(ec, ec ? Response() : std::move(object_));
    }
    [[nodiscard]] asio::cancellation_slot slot() const noexcept override {
        return handler_.get_cancellation_slot();
    }

private:
    Response object_;
    Handler handler_;
};

}  // namespace kafka::detail
