// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include <kafka/blocking/dialer.hpp>
#include <kafka/dialer.hpp>

#include "client/blocking_wait.hpp"

namespace kafka::blocking {
namespace {

kafka::Dialer dialer_of(const Runtime& runtime, const DialerConfig& config) {
    return kafka::Dialer(runtime.impl().loop->get_executor(), config);
}

kafka::PartitionConn unbound(const Runtime& runtime) {
    return kafka::PartitionConn(kafka::Conn(runtime.impl().loop->get_executor()), {}, -1);
}

}  // namespace

Dialer::Dialer(DialerConfig config, Runtime runtime)
    : config_(std::move(config)), runtime_(std::move(runtime)) {}
Dialer::Dialer(const Dialer&) = default;
Dialer& Dialer::operator=(const Dialer&) = default;
Dialer::~Dialer() = default;

Conn Dialer::dial(const std::string& address, const DialOptions& options) const {
    kafka::Conn conn(runtime_.impl().loop->get_executor());
    wait_for(runtime_, options, conn, [&](const DialOptions& own, auto handler) {
        dialer_of(runtime_, config_).async_dial(address, own, std::move(handler));
    });
    return Conn(runtime_, std::move(conn));
}
PartitionConn Dialer::dial_leader(const std::string& address, const std::string& topic,
                                  std::int32_t partition, const DialOptions& options) const {
    auto conn = unbound(runtime_);
    wait_for(runtime_, options, conn, [&](const DialOptions& own, auto handler) {
        dialer_of(runtime_, config_)
            .async_dial_leader(address, topic, partition, own, std::move(handler));
    });
    return PartitionConn(std::move(conn), runtime_);
}
PartitionConn Dialer::dial_partition(const Partition& partition, const DialOptions& options) const {
    auto conn = unbound(runtime_);
    wait_for(runtime_, options, conn, [&](const DialOptions& own, auto handler) {
        dialer_of(runtime_, config_).async_dial_partition(partition, own, std::move(handler));
    });
    return PartitionConn(std::move(conn), runtime_);
}

std::vector<Partition> Dialer::lookup_partitions(const std::string& address,
                                                 const std::string& topic,
                                                 const DialOptions& options) const {
    std::vector<Partition> found;
    wait_for(runtime_, options, found, [&](const DialOptions& own, auto handler) {
        dialer_of(runtime_, config_)
            .async_lookup_partitions(address, topic, own, std::move(handler));
    });
    return found;
}
Partition Dialer::lookup_partition(const std::string& address, const std::string& topic,
                                   std::int32_t partition, const DialOptions& options) const {
    Partition found;
    wait_for(runtime_, options, found, [&](const DialOptions& own, auto handler) {
        dialer_of(runtime_, config_)
            .async_lookup_partition(address, topic, partition, own, std::move(handler));
    });
    return found;
}
BrokerMetadata Dialer::lookup_leader(const std::string& address, const std::string& topic,
                                     std::int32_t partition, const DialOptions& options) const {
    BrokerMetadata found;
    wait_for(runtime_, options, found, [&](const DialOptions& own, auto handler) {
        dialer_of(runtime_, config_)
            .async_lookup_leader(address, topic, partition, own, std::move(handler));
    });
    return found;
}

}  // namespace kafka::blocking
