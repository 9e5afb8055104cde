// SPDX-License-Identifier: Apache-2.0
#include "io/cluster_link.hpp"

namespace kafka::io {

bool Cluster::Link::alive() const noexcept {
    return session && session->open();
}

ConnRef Cluster::Link::ref() const noexcept {
    return {key.broker, address.host, address.port, key.purpose, id};
}

void Cluster::Link::on_traffic(const core::Traffic& traffic) {
    const auto self = cluster.lock();
    if (!self) return;
    self->counters_.traffic(key.broker, traffic);
    const auto api = traffic.info->api_key;
    if (traffic.answer)
        self->tell(self->config_.hooks.response,
                   ResponseEvent{ref(), api, traffic.version, traffic.bytes, traffic.took});
    else
        self->tell(self->config_.hooks.request,
                   RequestEvent{ref(), api, traffic.version, traffic.bytes});
}

void Cluster::Link::on_throttle(const protocol::MessageInfo& response, std::int32_t pause) {
    const auto self = cluster.lock();
    if (!self) return;
    self->counters_.throttled(key.broker, response.api_key, pause);
    self->tell(self->config_.hooks.throttle,
               ThrottleEvent{ref(), response.api_key, std::chrono::milliseconds(pause)});
}

void Cluster::Link::on_end(const Failure& why) {
    const auto self = cluster.lock();
    if (!self) return;
    self->counters_.disconnected(key.broker);
    self->tell(self->config_.hooks.disconnect, DisconnectEvent{ref(), &why});
    if (self->links_.erase(id) == 0) return;
    self->core_.on_disconnected(id, why, std::chrono::steady_clock::now());
    self->schedule();
}

}  // namespace kafka::io
