// SPDX-License-Identifier: Apache-2.0
#include <kafka/blocking/conn.hpp>

#include "client/blocking_conn_impl.hpp"

namespace kafka::blocking {
Conn::Conn(ConnConfig config, Runtime runtime)
    : Conn(runtime, kafka::Conn(runtime.impl().loop->get_executor(), std::move(config))) {}
Conn::Conn(Runtime runtime, kafka::Conn conn)
    : impl_(std::make_unique<Impl>(std::move(conn), std::move(runtime))) {}
Conn::Conn(Conn&&) noexcept = default;
Conn& Conn::operator=(Conn&&) noexcept = default;
Conn::~Conn() = default;

void Conn::connect(const std::string& address, ConnectOptions options) {
    wait_for(impl_->runtime, options, [&](const ConnectOptions& own, auto handler) {
        impl_->conn.async_connect(address, own, std::move(handler));
    });
}

void Conn::call(const protocol::MessageInfo& info, const void* request,
                const protocol::MessageInfo& response_info, void* response,
                const CallOptions& options) {
    check_thread(impl_->runtime);
    Diagnostics diagnostics;
    auto own = options;
    own.diagnostics = &diagnostics;
    Waiting waiting;
    impl_->conn.start_call(info, request, own,
                           std::make_unique<BlockingCall>(response_info, response, waiting));
    check(waiting.wait(), diagnostics, options.diagnostics);
}

std::vector<BrokerMetadata> Conn::brokers(const CallOptions& options) {
    std::vector<BrokerMetadata> brokers;
    wait_for(impl_->runtime, options, brokers, [&](const CallOptions& own, auto handler) {
        impl_->conn.async_brokers(own, std::move(handler));
    });
    return brokers;
}
BrokerMetadata Conn::controller(const CallOptions& options) {
    BrokerMetadata controller;
    wait_for(impl_->runtime, options, controller, [&](const CallOptions& own, auto handler) {
        impl_->conn.async_controller(own, std::move(handler));
    });
    return controller;
}
std::vector<Partition> Conn::partitions(std::vector<std::string> topics,
                                        const CallOptions& options) {
    std::vector<Partition> partitions;
    wait_for(impl_->runtime, options, partitions, [&](const CallOptions& own, auto handler) {
        impl_->conn.async_partitions(std::move(topics), own, std::move(handler));
    });
    return partitions;
}
void Conn::create_topics(std::vector<NewTopic> topics, const CallOptions& options) {
    wait_for(impl_->runtime, options, [&](const CallOptions& own, auto handler) {
        impl_->conn.async_create_topics(std::move(topics), own, std::move(handler));
    });
}
void Conn::delete_topics(std::vector<std::string> topics, const CallOptions& options) {
    wait_for(impl_->runtime, options, [&](const CallOptions& own, auto handler) {
        impl_->conn.async_delete_topics(std::move(topics), own, std::move(handler));
    });
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
const TlsInfo* Conn::tls() const noexcept {
    return impl_->conn.tls();
}
std::chrono::milliseconds Conn::throttle_time() const noexcept {
    return impl_->conn.throttle_time();
}
ConnStats Conn::stats() const noexcept {
    return impl_->conn.stats();
}

}  // namespace kafka::blocking
