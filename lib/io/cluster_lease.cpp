// SPDX-License-Identifier: Apache-2.0
// Cluster: connections that others use themselves.
#include <chrono>
#include <memory>
#include <utility>

#include <asio/dispatch.hpp>
#include <asio/post.hpp>

#include "io/cluster_link.hpp"

namespace kafka::io {
namespace {

using Clock = std::chrono::steady_clock;
using core::ClusterCore;

}  // namespace

struct Cluster::LeaseWaiter final : Waiter {
    LeaseHandler handler;

    void done(Cluster& cluster, ClusterCore::Done& over) override {
        Lease lease;
        if (!over.failure) {
            const auto link = cluster.links_.find(over.conn);
            if (link != cluster.links_.end())
                lease = Lease(cluster.weak_from_this(), over.conn, link->second->session);
            else
                over.failure = {errc::connection_lost, "it ended at once"};
        }
        asio::post(cluster.strand_, [own = std::move(handler), failure = std::move(over.failure),
                                     lease = std::make_shared<Lease>(std::move(lease))]() mutable {
            own(std::move(failure), std::move(*lease));
        });
    }
};

void Cluster::lease(const core::BrokerPool::Key& key, core::Time deadline, LeaseHandler handler) {
    ClusterCore::Call own;
    own.id = next_id_.fetch_add(1, std::memory_order_relaxed);
    own.kind = ClusterCore::Kind::connection;
    own.deadline = deadline;
    own.key = key;
    auto waiter = std::make_unique<LeaseWaiter>();
    waiter->handler = std::move(handler);
    own.ticket = Waiter::ticket(std::move(waiter));
    core_.submit(std::move(own), Clock::now());
    schedule();
}

Cluster::Lease& Cluster::Lease::operator=(Lease&& other) noexcept {
    if (this == &other) return *this;
    release();
    cluster_ = std::move(other.cluster_);
    conn_ = other.conn_;
    session_ = std::move(other.session_);
    return *this;
}

void Cluster::Lease::release() noexcept {
    if (!session_) return;
    session_.reset();
    if (auto cluster = std::exchange(cluster_, {}).lock(); cluster && cluster->registry_)
        asio::dispatch(cluster->strand_, [cluster, conn = conn_] {
            cluster->core_.release_connection(conn, Clock::now());
            cluster->schedule();
        });
}

}  // namespace kafka::io
