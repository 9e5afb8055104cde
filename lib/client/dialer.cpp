// SPDX-License-Identifier: Apache-2.0
#include <random>

#include <kafka/dialer.hpp>

#include "base/backoff.hpp"
#include "base/escape.hpp"
#include "client/dialing.hpp"
#include "client/partition_core.hpp"

namespace kafka {
namespace client {

Result<std::vector<core::Address>> addresses_of(std::string_view list) {
    std::vector<core::Address> addresses;
    for (std::size_t at = 0; at <= list.size();) {
        const auto end = std::min(list.find(',', at), list.size());
        auto address = core::parse_address(list.substr(at, end - at));
        if (!address) return address.take_failure();
        addresses.push_back(*std::move(address));
        at = end + 1;
    }
    return addresses;
}

core::Time end_of_dialing(const DialerConfig& config, const DialOptions& options) {
    return std::min(config.deadline, core::after(std::chrono::steady_clock::now(),
                                                 options.timeout.value_or(config.timeout)));
}

std::chrono::nanoseconds pause_after(unsigned tries, const DialerConfig& config) {
    std::random_device device;
    const auto random = static_cast<double>(device()) / (1.0 + std::random_device::max());
    const Backoff backoff{.base = config.retry_backoff, .max = config.retry_backoff_max};
    return backoff.delay(tries, random);
}

namespace {

/// Connects to an address, and that is it.
class Dial final : public Dialing<Conn> {
public:
    using Dialing::Dialing;

private:
    void run() override {
        connect([this] { finish(*std::move(conn_)); });
    }
};

/// Looks up a topic, until the answer is one that will do.
template <class Out>
class LookUp : public Dialing<Out> {
public:
    LookUp(const asio::any_io_executor& executor, const DialerConfig& config,
           const DialOptions& options, const std::string& address, std::string topic,
           std::int32_t number, typename Dialing<Out>::Handler handler)
        : Dialing<Out>(executor, config, options, addresses_of(address), std::move(handler)),
          topic_(std::move(topic)),
          number_(number) {}

protected:
    virtual void found(std::vector<Partition> partitions) = 0;

    void run() override {
        this->connect([this] {
            this->ask(topic_, [this](Failure failure, std::vector<Partition> partitions) {
                if (failure) return refused(std::move(failure));
                found(std::move(partitions));
            });
        });
    }
    void again(const Failure& why) {
        this->pause(why, [this] { run(); });
    }
    /// The wanted one of them, or null when it ends or goes on otherwise.
    [[nodiscard]] Partition* pick(std::vector<Partition>& partitions) {
        for (auto& each : partitions)
            if (each.number == number_) return &each;
        refused({broker_errc::unknown_topic_or_partition, name() + " is not there: the topic has " +
                                                              std::to_string(partitions.size()) +
                                                              " partitions"});
        return nullptr;
    }
    /// The same for one that has a leader.
    [[nodiscard]] Partition* pick_led(std::vector<Partition>& partitions) {
        auto* one = pick(partitions);
        if (!one || (one->leader.id >= 0 && !one->leader.host.empty())) return one;
        again({broker_errc::leader_not_available,
               name() + (one->leader.id < 0
                             ? " has no leader"
                             : ": its leader, broker " + std::to_string(one->leader.id) +
                                   ", is not there")});
        return nullptr;
    }
    [[nodiscard]] std::string name() const {
        return "topic " + escaped(topic_, 255) + " partition " + std::to_string(number_);
    }

private:
    void refused(Failure failure) {
        // A broker may not have heard of a new topic yet; a wrong name is not asked for long.
        const bool unknown = failure.code == broker_errc::unknown_topic_or_partition;
        if (unknown && this->tries() + 1 >= this->config().unknown_topic_tries)
            return this->fail(std::move(failure));
        if (unknown || failure.code == broker_errc::leader_not_available) return again(failure);
        this->fail(std::move(failure));
    }

    std::string topic_;
    std::int32_t number_;
};

class LookUpPartitions final : public LookUp<std::vector<Partition>> {
public:
    using LookUp::LookUp;

private:
    void found(std::vector<Partition> partitions) override { finish(std::move(partitions)); }
};

class LookUpPartition final : public LookUp<Partition> {
public:
    using LookUp::LookUp;

private:
    void found(std::vector<Partition> partitions) override {
        if (auto* one = pick(partitions)) finish(std::move(*one));
    }
};

class LookUpLeader final : public LookUp<BrokerMetadata> {
public:
    using LookUp::LookUp;

private:
    void found(std::vector<Partition> partitions) override {
        if (auto* one = pick_led(partitions)) finish(std::move(one->leader));
    }
};

}  // namespace

/// Makes the PartitionConn, whose topic id is then known already.
struct Binding {
    static PartitionConn bind(Conn conn, const Partition& partition) {
        PartitionConn bound(std::move(conn), partition.topic, partition.number, partition.leader);
        bound.core_->set_topic_id(partition.topic_id);
        return bound;
    }
};

namespace {

class DialLeader final : public LookUp<PartitionConn> {
public:
    using LookUp::LookUp;

private:
    void found(std::vector<Partition> partitions) override {
        auto* one = pick_led(partitions);
        if (!one) return;
        partition_ = std::move(*one);
        const core::Address leader{partition_.leader.host, partition_.leader.port};
        // What was asked may be the leader itself, where it is to be reached.
        if (connected_to(leader)) return finish(Binding::bind(*std::move(conn_), partition_));
        connect_to(leader, [this](const std::error_code& ec) {
            if (!ec) return finish(Binding::bind(*std::move(conn_), partition_));
            // It may have gone a moment ago; then another one leads soon.
            const auto why =
                name() + ", " +
                broker_text(partition_.leader.id, partition_.leader.host, partition_.leader.port) +
                ", its leader: " + diagnostics_.detail;
            if (!is_retriable(ec)) return fail(Failure(ec, why));
            again(Failure(ec, why));
        });
    }

    Partition partition_;
};

class DialPartition final : public Dialing<PartitionConn> {
public:
    DialPartition(const asio::any_io_executor& executor, const DialerConfig& config,
                  const DialOptions& options, Partition partition, Handler handler)
        : Dialing(executor, config, options, std::vector<core::Address>(), std::move(handler)),
          partition_(std::move(partition)) {}

private:
    void run() override {
        const auto& leader = partition_.leader;
        if (leader.id < 0 || leader.host.empty())
            return fail(Failure(broker_errc::leader_not_available,
                                "topic " + escaped(partition_.topic, 255) + " partition " +
                                    std::to_string(partition_.number) + " had no leader"));
        connect_to({leader.host, leader.port}, [this](const std::error_code& ec) {
            if (ec) return fail(ec);
            finish(Binding::bind(*std::move(conn_), partition_));
        });
    }

    Partition partition_;
};

}  // namespace
}  // namespace client

Dialer::Dialer(executor_type executor) : Dialer(std::move(executor), DialerConfig()) {}
Dialer::Dialer(executor_type executor, DialerConfig config)
    : executor_(std::move(executor)), config_(std::move(config)) {}
Dialer::Dialer(const Dialer&) = default;
Dialer::Dialer(Dialer&&) noexcept = default;
Dialer& Dialer::operator=(const Dialer&) = default;
Dialer& Dialer::operator=(Dialer&&) noexcept = default;
Dialer::~Dialer() = default;

void Dialer::start_dial(std::string address, const DialOptions& options,
                        Handler<Conn> handler) const {
    std::make_shared<client::Dial>(executor_, config_, options, client::addresses_of(address),
                                   std::move(handler))
        ->begin();
}
void Dialer::start_dial_leader(std::string address, std::string topic, std::int32_t partition,
                               const DialOptions& options, Handler<PartitionConn> handler) const {
    std::make_shared<client::DialLeader>(executor_, config_, options, address, std::move(topic),
                                         partition, std::move(handler))
        ->begin();
}
void Dialer::start_dial_partition(Partition partition, const DialOptions& options,
                                  Handler<PartitionConn> handler) const {
    std::make_shared<client::DialPartition>(executor_, config_, options, std::move(partition),
                                            std::move(handler))
        ->begin();
}
void Dialer::start_lookup_partitions(std::string address, std::string topic,
                                     const DialOptions& options,
                                     Handler<std::vector<Partition>> handler) const {
    std::make_shared<client::LookUpPartitions>(executor_, config_, options, address,
                                               std::move(topic), -1, std::move(handler))
        ->begin();
}
void Dialer::start_lookup_partition(std::string address, std::string topic, std::int32_t partition,
                                    const DialOptions& options, Handler<Partition> handler) const {
    std::make_shared<client::LookUpPartition>(executor_, config_, options, address,
                                              std::move(topic), partition, std::move(handler))
        ->begin();
}
void Dialer::start_lookup_leader(std::string address, std::string topic, std::int32_t partition,
                                 const DialOptions& options,
                                 Handler<BrokerMetadata> handler) const {
    std::make_shared<client::LookUpLeader>(executor_, config_, options, address, std::move(topic),
                                           partition, std::move(handler))
        ->begin();
}

}  // namespace kafka
