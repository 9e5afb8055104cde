// SPDX-License-Identifier: Apache-2.0
#include <kafka/client.hpp>

#include "io/cluster_driver.hpp"

namespace kafka {

Client::Client(executor_type executor, ClientConfig config)
    : executor_(std::move(executor)), cluster_(io::Cluster::make(executor_, std::move(config))) {}

Client::Client(Client&&) noexcept = default;

Client& Client::operator=(Client&& other) noexcept {
    Client old(std::move(*this));
    executor_ = std::move(other.executor_);
    cluster_ = std::move(other.cluster_);
    return *this;
}

Client::~Client() {
    if (cluster_) cluster_->forsake();
}

void Client::start_call(const detail::CallType& type, std::shared_ptr<const void> request,
                        const ClientCallOptions& options,
                        std::unique_ptr<detail::PendingCall> call) {
    cluster_->call(type, std::move(request), options, std::move(call));
}

void Client::start_metadata(std::vector<std::string> topics, const ClientCallOptions& options,
                            detail::any_handler<void(std::error_code, Metadata)> handler) {
    cluster_->refresh_metadata(std::move(topics), options, std::move(handler));
}

void Client::start_close(detail::any_handler<void(std::error_code)> handler) {
    cluster_->close(std::move(handler));
}

Client::Metadata Client::metadata() const {
    return cluster_->snapshot();
}

ClientStats Client::stats() const {
    return cluster_->stats();
}

const std::string& Client::bootstrap() const noexcept {
    return cluster_->config().bootstrap;
}

void Client::close() {
    cluster_->close();
}

}  // namespace kafka
