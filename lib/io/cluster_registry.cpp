// SPDX-License-Identifier: Apache-2.0
#include "io/cluster_registry.hpp"

#include <algorithm>

#include "io/cluster_driver.hpp"

namespace kafka::io {

asio::execution_context::id ClusterRegistry::id;

void ClusterRegistry::add(Cluster& cluster) {
    const std::lock_guard lock(mutex_);
    clusters_.push_back(&cluster);
}

void ClusterRegistry::remove(Cluster& cluster) noexcept {
    const std::lock_guard lock(mutex_);
    clusters_.erase(std::remove(clusters_.begin(), clusters_.end(), &cluster), clusters_.end());
}

// No thread runs the context any more. Destroying handlers may destroy clusters, and so change the
// list.
void ClusterRegistry::shutdown() {
    while (!clusters_.empty()) {
        const auto keep = clusters_.back()->shared_from_this();
        clusters_.pop_back();
        keep->abandon();
    }
}

}  // namespace kafka::io
