// SPDX-License-Identifier: Apache-2.0
// SessionObserver: whoever wants to know what a session does besides the calls made on it.
#pragma once

#include <cstdint>

#include <kafka/protocol/message.hpp>
#include <kafka/result.hpp>

#include "core/conn_core.hpp"

namespace kafka::io {

/// Called on the session's strand, from inside its work: must not call back into it.
class SessionObserver {
public:
    virtual ~SessionObserver() = default;
    virtual void on_traffic(const core::Traffic& traffic) = 0;
    /// `response`: what the broker answered with a wish for a pause (KIP-219).
    virtual void on_throttle(const protocol::MessageInfo& response, std::int32_t milliseconds) = 0;
    /// It was open, and is over. The last call.
    virtual void on_end(const Failure& why) = 0;
};

}  // namespace kafka::io
