// SPDX-License-Identifier: Apache-2.0
// ClusterRegistry: knows the clusters of an execution context, to let go of their handlers when it
// is destroyed; as SessionRegistry does for sessions.
#pragma once

#include <mutex>
#include <vector>

#include <asio/execution_context.hpp>

namespace kafka::io {

class Cluster;

class ClusterRegistry final : public asio::execution_context::service {
public:
    using key_type = ClusterRegistry;
    static asio::execution_context::id id;

    explicit ClusterRegistry(asio::execution_context& context)
        : asio::execution_context::service(context) {}

    void add(Cluster& cluster);
    /// Does nothing for one that was let go.
    void remove(Cluster& cluster) noexcept;

private:
    void shutdown() override;

    std::mutex mutex_;
    std::vector<Cluster*> clusters_;
};

}  // namespace kafka::io
