// SPDX-License-Identifier: Apache-2.0
// blocking::Dialer: kafka::Dialer for programs without an event loop.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kafka/blocking/conn.hpp>
#include <kafka/blocking/partition_conn.hpp>
#include <kafka/blocking/runtime.hpp>
#include <kafka/client_metadata.hpp>
#include <kafka/dialer_config.hpp>
#include <kafka/export.hpp>
#include <kafka/partition.hpp>

namespace kafka::blocking {

/// Makes connections, which share one runtime. Each call waits for its end; members that are const
/// may be called from several threads at once. Failures are thrown as kafka::Error, with the errors
/// of kafka::Dialer; there, too, is what addresses look like. A copy shares the runtime.
class KAFKA_API Dialer {
public:
    /// With a runtime of its own, or one shared with other objects.
    explicit Dialer(DialerConfig config = {}, Runtime runtime = {});
    Dialer(const Dialer&);
    Dialer& operator=(const Dialer&);
    ~Dialer();

    [[nodiscard]] const DialerConfig& config() const noexcept { return config_; }
    [[nodiscard]] DialerConfig& config() noexcept { return config_; }

    [[nodiscard]] Conn dial(const std::string& address, const DialOptions& options = {}) const;
    [[nodiscard]] PartitionConn dial_leader(const std::string& address, const std::string& topic,
                                            std::int32_t partition,
                                            const DialOptions& options = {}) const;
    [[nodiscard]] PartitionConn dial_partition(const Partition& partition,
                                               const DialOptions& options = {}) const;

    [[nodiscard]] std::vector<Partition> lookup_partitions(const std::string& address,
                                                           const std::string& topic,
                                                           const DialOptions& options = {}) const;
    [[nodiscard]] Partition lookup_partition(const std::string& address, const std::string& topic,
                                             std::int32_t partition,
                                             const DialOptions& options = {}) const;
    [[nodiscard]] BrokerMetadata lookup_leader(const std::string& address, const std::string& topic,
                                               std::int32_t partition,
                                               const DialOptions& options = {}) const;

private:
    DialerConfig config_;
    Runtime runtime_;
};

}  // namespace kafka::blocking
