// SPDX-License-Identifier: Apache-2.0
#include <kafka/conn.hpp>

#include "core/address.hpp"
#include "core/versions.hpp"
#include "io/session.hpp"

namespace kafka {

Conn::Conn(executor_type executor) : Conn(std::move(executor), ConnConfig()) {}

Conn::Conn(executor_type executor, ConnConfig config)
    : executor_(std::move(executor)),
      request_timeout_(config.request_timeout),
      session_(io::Session::make(executor_, std::move(config))) {}

Conn::Conn(Conn&&) noexcept = default;

Conn& Conn::operator=(Conn&& other) noexcept {
    Conn old(std::move(*this));
    executor_ = std::move(other.executor_);
    request_timeout_ = other.request_timeout_;
    session_ = std::move(other.session_);
    return *this;
}

Conn::~Conn() {
    if (session_) session_->forsake();
}

void Conn::start_connect(std::string address, std::uint16_t port, bool port_apart,
                         ConnectOptions options,
                         detail::any_handler<void(std::error_code)> handler) {
    // A host beside its port is taken as it is: brackets are for telling the two apart.
    if (port_apart && address.find(':') != std::string::npos && address.front() != '[')
        address = '[' + address + ']';
    session_->connect(core::parse_address(address, port_apart ? port : core::default_port), options,
                      std::move(handler));
}

void Conn::start_call(const protocol::MessageInfo& info, const void* request,
                      const CallOptions& options, std::unique_ptr<detail::PendingCall> call) {
    session_->call(info, request, options, std::move(call));
}

void Conn::close() {
    session_->close();
}

bool Conn::is_open() const noexcept {
    return session_->open();
}

std::string Conn::peer() const {
    const auto* peer = session_->peer();
    return peer ? peer->name : std::string();
}

const protocol::ApiVersionsResponse& Conn::api_versions() const noexcept {
    static const protocol::ApiVersionsResponse nothing;
    const auto* peer = session_->peer();
    return peer ? peer->versions : nothing;
}

Result<std::int16_t> Conn::version_for(const protocol::MessageInfo& request) const {
    const auto* peer = session_->peer();
    if (!peer) return Failure(errc::not_connected);
    return core::choose_version(request, peer->table);
}

const TlsInfo* Conn::tls() const noexcept {
    const auto* peer = session_->peer();
    return peer && peer->tls ? &*peer->tls : nullptr;
}

std::chrono::milliseconds Conn::throttle_time() const noexcept {
    return session_->throttle_time();
}

ConnStats Conn::stats() const noexcept {
    return session_->stats();
}

}  // namespace kafka
