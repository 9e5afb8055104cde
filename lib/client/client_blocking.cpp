// SPDX-License-Identifier: Apache-2.0
#include <kafka/blocking/client.hpp>
#include <kafka/client.hpp>

#include "client/blocking_runtime.hpp"

namespace kafka::blocking {
struct Client::Impl {
    Impl(ClientConfig config, Runtime shared)
        : runtime(std::move(shared)),
          client(runtime.impl().loop->get_executor(), std::move(config)) {}

    // Waiting on the runtime's thread for the runtime's thread would be for ever.
    void check_thread() const {
        if (runtime.on_own_thread())
            throw Error(errc::blocking_misuse, {{}, {}, "on the thread of its own runtime"});
    }
    // Throws for an operation that failed.
    static void check(const std::error_code& ec, Diagnostics& diagnostics, Diagnostics* wanted) {
        if (!ec) return;
        if (wanted) *wanted = diagnostics;
        throw Error(ec, std::move(diagnostics));
    }

    Runtime runtime;
    kafka::Client client;
};

Client::Client(ClientConfig config, Runtime runtime)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(runtime))) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

void Client::call(const detail::CallType& type, std::shared_ptr<const void> request, void* response,
                  const ClientCallOptions& options) {
    impl_->check_thread();
    Diagnostics diagnostics;
    auto own = options;
    own.diagnostics = &diagnostics;
    Waiting waiting;
    impl_->client.start_call(type, std::move(request), own,
                             std::make_unique<BlockingCall>(*type.response, response, waiting));
    const auto ec = waiting.wait();
    Impl::check(ec, diagnostics, options.diagnostics);
}

std::shared_ptr<const ClusterMetadata> Client::fetch_metadata(std::vector<std::string> topics,
                                                              const ClientCallOptions& options) {
    impl_->check_thread();
    Diagnostics diagnostics;
    auto own = options;
    own.diagnostics = &diagnostics;
    Waiting waiting;
    std::shared_ptr<const ClusterMetadata> result;
    impl_->client.async_metadata(
        std::move(topics), own,
        [ending = Ending(waiting), &result](std::error_code ec,
                                            std::shared_ptr<const ClusterMetadata> known) mutable {
            result = std::move(known);
            ending(ec);
        });
    const auto ec = waiting.wait();
    Impl::check(ec, diagnostics, options.diagnostics);
    return result;
}

void Client::close() {
    impl_->check_thread();
    Waiting waiting;
    impl_->client.async_close(Ending(waiting));
    (void)waiting.wait();
}

std::shared_ptr<const ClusterMetadata> Client::metadata() const {
    return impl_->client.metadata();
}
ClientStats Client::stats() const {
    return impl_->client.stats();
}
const std::string& Client::bootstrap() const noexcept {
    return impl_->client.bootstrap();
}

}  // namespace kafka::blocking
