// SPDX-License-Identifier: Apache-2.0
#include "client/operation.hpp"

#include <algorithm>
#include <limits>

#include <asio/dispatch.hpp>
#include <asio/error.hpp>

#include "base/escape.hpp"
#include "core/address.hpp"
#include "core/request_frame.hpp"

namespace kafka::client {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

milliseconds brokers_share(milliseconds left) {
    // What the protocol's fields can hold.
    constexpr milliseconds most(std::numeric_limits<std::int32_t>::max());
    return std::min(left - std::min(left / 4, milliseconds(500)), most);
}

std::string broker_text(std::int32_t id, const std::string& host, std::int32_t port) {
    auto text = "broker " + std::to_string(id);
    if (host.empty()) return text;
    return text + " (" + core::to_string({escaped(host, 255), static_cast<std::uint16_t>(port)}) +
           ')';
}

void Operation::begin(asio::cancellation_slot slot) {
    if (slot.is_connected())
        slot.assign([weak = weak_from_this()](asio::cancellation_type type) {
            if (auto self = weak.lock())
                asio::dispatch(self->strand_, [self, type] { self->cancel(type); });
        });
    asio::dispatch(strand_, [self = shared_from_this()] { self->run(); });
}

void Operation::cancel(asio::cancellation_type type) {
    using enum asio::cancellation_type;
    const bool total_only = (type & (terminal | partial)) == none;
    if (has_effect_ && total_only) return signal_.emit(type);
    // A step that has just ended does not hear the signal: the next one looks at this.
    cancelled_ = true;
    signal_.emit(terminal);
}

bool Operation::refuse_to_go_on() {
    if (cancelled_) {
        fail(Failure(asio::error::operation_aborted, "cancelled"));
        return true;
    }
    if (left() <= milliseconds(0)) {
        fail(Failure(errc::request_timed_out, "the time is over"));
        return true;
    }
    return false;
}

milliseconds Operation::left() const {
    if (deadline_ == core::never) return milliseconds::max();
    return std::chrono::ceil<milliseconds>(deadline_ - Clock::now());
}

void Operation::name_answer(const io::Session& session, const protocol::MessageInfo& request,
                            std::int16_t version) {
    const auto* peer = session.peer();
    diagnostics_ = {peer ? peer->name : std::string(), core::api_name(request, version), {}};
}

}  // namespace kafka::client
