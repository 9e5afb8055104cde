// SPDX-License-Identifier: Apache-2.0
#include "io/cluster_seeds.hpp"

#include <algorithm>
#include <utility>

#include "base/escape.hpp"

namespace kafka::io {
namespace {

// A name with more addresses than that is a mistake or an attack.
constexpr std::size_t most_addresses = 64;

}  // namespace

void SeedFinder::start(std::vector<core::Address> names, Handler handler) {
    names_ = std::move(names);
    handler_ = std::move(handler);
    next_name();
}

void SeedFinder::cancel() {
    handler_ = nullptr;
    resolver_.cancel();
}

void SeedFinder::next_name() {
    if (name_ == names_.size()) {
        auto handler = std::exchange(handler_, nullptr);
        return handler(std::move(found_), std::move(failure_));
    }
    const auto& name = names_[name_];
    resolver_.async_resolve(name.host, std::to_string(name.port), Resolver::numeric_service,
                            [self = shared_from_this()](const std::error_code& ec,
                                                        const Resolver::results_type& results) {
                                if (!self->handler_) return;
                                self->endpoints_.clear();
                                self->endpoint_ = 0;
                                for (const auto& result : results)
                                    if (self->endpoints_.size() < most_addresses &&
                                        std::find(self->endpoints_.begin(), self->endpoints_.end(),
                                                  result.endpoint()) == self->endpoints_.end())
                                        self->endpoints_.push_back(result.endpoint());
                                if (self->endpoints_.empty())
                                    self->failure_ = {
                                        errc::resolve_failed,
                                        "resolving " + escaped(self->names_[self->name_].host) +
                                            ": " + (ec ? ec.message() : std::string("no address"))};
                                self->next_address();
                            });
}

void SeedFinder::next_address() {
    if (endpoint_ == endpoints_.size()) {
        ++name_;
        return next_name();
    }
    const auto endpoint = endpoints_[endpoint_++];
    resolver_.async_resolve(
        endpoint, [self = shared_from_this(), endpoint](const std::error_code& ec,
                                                        const Resolver::results_type& results) {
            if (!self->handler_) return;
            core::Address host{endpoint.address().to_string(), endpoint.port()};
            if (!ec && !results.empty() && !results.begin()->host_name().empty())
                host.host = results.begin()->host_name();
            if (std::find(self->found_.begin(), self->found_.end(), host) == self->found_.end())
                self->found_.push_back(std::move(host));
            self->next_address();
        });
}

}  // namespace kafka::io
