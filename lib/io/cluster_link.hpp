// SPDX-License-Identifier: Apache-2.0
// A connection of a cluster's, and what it tells of itself; what a call ends with. For Cluster's
// sources only.
#pragma once

#include "io/cluster_driver.hpp"
#include "io/session.hpp"
#include "io/session_observer.hpp"

namespace kafka::io {

struct Cluster::Link final : SessionObserver {
    std::weak_ptr<Cluster> cluster;
    core::ClusterCore::ConnId id = 0;
    core::BrokerPool::Key key;
    core::Address address;
    core::Time started{};
    std::shared_ptr<Session> session;
    Diagnostics diagnostics;

    [[nodiscard]] bool alive() const noexcept;
    [[nodiscard]] ConnRef ref() const noexcept;
    void on_traffic(const core::Traffic& traffic) override;
    void on_throttle(const protocol::MessageInfo& response, std::int32_t pause) override;
    void on_end(const Failure& why) override;
};

// What a call of the core's is done with.
struct Cluster::Waiter {
    virtual ~Waiter() = default;
    virtual void done(Cluster& cluster, core::ClusterCore::Done& done) = 0;

    static core::ClusterCore::Ticket ticket(std::unique_ptr<Waiter> waiter) {
        return {waiter.release(), [](void* p) { delete static_cast<Waiter*>(p); }};
    }
};

template <class Event>
void Cluster::tell(const std::function<void(const Event&)>& hook, const Event& event) noexcept {
    if (!hook) return;
    try {
        hook(event);
    } catch (...) {
        counters_.hook_failed();
    }
}

}  // namespace kafka::io
