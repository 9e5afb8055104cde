// SPDX-License-Identifier: Apache-2.0
// SessionRegistry: knows the sessions of an execution context, to let go of their handlers when it
// is destroyed. A handler may own (through a coroutine's frame) the very Conn that holds it;
// without this such a ring would never be freed.
#pragma once

#include <memory>
#include <mutex>

#include <asio/execution_context.hpp>

namespace kafka::io {

class Session;

class SessionRegistry final : public asio::execution_context::service {
public:
    using key_type = SessionRegistry;
    static asio::execution_context::id id;

    explicit SessionRegistry(asio::execution_context& context)
        : asio::execution_context::service(context) {}

    void add(Session& session);
    /// Does nothing for a session that was let go.
    void remove(Session& session) noexcept;

private:
    void shutdown() override;

    std::mutex mutex_;
    Session* newest_ = nullptr;
};

}  // namespace kafka::io
