// SPDX-License-Identifier: Apache-2.0
// SeedFinder: the hosts behind bootstrap names
// (`client.dns.lookup=resolve_canonical_bootstrap_servers_only`).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <kafka/result.hpp>

#include "core/address.hpp"
#include "io/executor.hpp"

namespace kafka::io {

/// Resolves each name, and each of its addresses back to the name of its host; one that has none
/// stays a number. All on one strand.
class SeedFinder : public std::enable_shared_from_this<SeedFinder> {
public:
    using Handler = std::function<void(std::vector<core::Address>, Failure)>;

    explicit SeedFinder(Strand strand) : resolver_(strand) {}

    /// The handler is called once, unless cancelled; without addresses the failure says why.
    void start(std::vector<core::Address> names, Handler handler);
    void cancel();
    /// The same, when the execution context is gone.
    void forget() noexcept { handler_ = nullptr; }

private:
    void next_name();
    void next_address();

    Resolver resolver_;
    Handler handler_;
    std::vector<core::Address> names_;
    std::size_t name_ = 0;
    std::vector<asio::ip::tcp::endpoint> endpoints_;
    std::size_t endpoint_ = 0;
    std::vector<core::Address> found_;
    Failure failure_;
};

}  // namespace kafka::io
