// SPDX-License-Identifier: Apache-2.0
#include <kafka/blocking/conn.hpp>
#include <kafka/conn.hpp>

#include "client/blocking_runtime.hpp"

namespace kafka::blocking {
namespace {

// Decodes straight into the caller's object: the caller waits until this is over.
class BlockingCall final : public detail::PendingCall {
public:
    BlockingCall(const protocol::MessageInfo& info, void* response, Waiting& waiting)
        : PendingCall(info, response), ending_(waiting) {}
    void complete(const std::error_code& ec) override { ending_(ec); }

private:
    Ending ending_;
};

}  // namespace

struct Conn::Impl {
    Impl(ConnConfig config, Runtime shared)
        : runtime(std::move(shared)),
          conn(runtime.impl().loop->get_executor(), std::move(config)) {}

    // Waiting on the runtime's thread for the runtime's thread would be for ever.
    void check_thread() const {
        if (runtime.on_own_thread())
            throw Error(errc::blocking_misuse, {{}, {}, "on the thread of its own runtime"});
    }

    Runtime runtime;
    kafka::Conn conn;
};

Conn::Conn(ConnConfig config, Runtime runtime)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(runtime))) {}
Conn::Conn(Conn&&) noexcept = default;
Conn& Conn::operator=(Conn&&) noexcept = default;
Conn::~Conn() = default;

void Conn::connect(const std::string& address, ConnectOptions options) {
    impl_->check_thread();
    Diagnostics diagnostics;
    auto* wanted = std::exchange(options.diagnostics, &diagnostics);
    Waiting waiting;
    impl_->conn.async_connect(address, options, Ending(waiting));
    if (const auto ec = waiting.wait()) {
        if (wanted) *wanted = diagnostics;
        throw Error(ec, std::move(diagnostics));
    }
}

void Conn::call(const protocol::MessageInfo& info, const void* request,
                const protocol::MessageInfo& response_info, void* response,
                const CallOptions& options) {
    impl_->check_thread();
    Diagnostics diagnostics;
    auto own = options;
    own.diagnostics = &diagnostics;
    Waiting waiting;
    impl_->conn.start_call(info, request, own,
                           std::make_unique<BlockingCall>(response_info, response, waiting));
    if (const auto ec = waiting.wait()) {
        if (options.diagnostics) *options.diagnostics = diagnostics;
        throw Error(ec, std::move(diagnostics));
    }
}

void Conn::close() {
    impl_->conn.close();
}
bool Conn::is_open() const noexcept {
    return impl_->conn.is_open();
}
std::string Conn::peer() const {
    return impl_->conn.peer();
}
const protocol::ApiVersionsResponse& Conn::api_versions() const noexcept {
    return impl_->conn.api_versions();
}
Result<std::int16_t> Conn::version_for(const protocol::MessageInfo& request) const {
    return impl_->conn.version_for(request);
}
std::chrono::milliseconds Conn::throttle_time() const noexcept {
    return impl_->conn.throttle_time();
}
ConnStats Conn::stats() const noexcept {
    return impl_->conn.stats();
}

}  // namespace kafka::blocking
