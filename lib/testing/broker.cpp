// SPDX-License-Identifier: Apache-2.0
#include <system_error>
#include <utility>

#include <kafka/error.hpp>
#include <kafka/testing/broker.hpp>

#include "testing/broker_shell.hpp"

namespace kafka::testing {
namespace {

Result<Uuid> create(BrokerCore& core, const BrokerTopic& topic) {
    NewTopic wanted{.name = topic.name, .partitions = topic.partitions};
    if (topic.replication_factor != 0) wanted.replication_factor = topic.replication_factor;
    for (const auto& [name, value] : topic.configs)
        wanted.configs.emplace_back(name, value);
    std::unique_ptr<Topic> unused;
    Topic* made = nullptr;
    if (auto refusal = core.cluster().create(wanted, false, unused, &made)) {
        return Failure(refusal.error, std::move(refusal.message));
    }
    return made->id;
}

Partition* find(BrokerCore& core, std::string_view topic, std::int32_t partition) {
    auto* found = core.cluster().find(topic);
    return found ? found->partition(partition) : nullptr;
}

}  // namespace

Broker::Broker(BrokerOptions options) {
    auto topics = options.topics;
    shell_ = std::make_shared<Shell>(nullptr, std::move(options));
    for (const auto& topic : topics) {
        const auto made = create_topic(topic);
        if (!made) throw std::system_error(made.failure().code, made.failure().detail);
    }
    shell_->start();
}

Broker::Broker(const asio::any_io_executor& executor, BrokerOptions options) {
    auto topics = options.topics;
    shell_ = std::make_shared<Shell>(&executor, std::move(options));
    for (const auto& topic : topics) {
        const auto made = create_topic(topic);
        if (!made) throw std::system_error(made.failure().code, made.failure().detail);
    }
    shell_->start();
}

Broker::~Broker() {
    stop();
}

void Broker::stop() {
    shell_->stop();
}

std::string Broker::bootstrap() const {
    return shell_->with_core([](BrokerCore& core) {
        std::string list;
        for (const auto& node : core.cluster().nodes()) {
            if (!list.empty()) list += ',';
            const bool six = node.host.find(':') != std::string::npos;
            list += (six ? "[" + node.host + "]" : node.host) + ":" + std::to_string(node.port);
        }
        return list;
    });
}

std::vector<std::uint16_t> Broker::ports() const {
    return shell_->with_core([](BrokerCore& core) {
        std::vector<std::uint16_t> ports;
        for (const auto& node : core.cluster().nodes())
            ports.push_back(node.port);
        return ports;
    });
}

std::vector<std::int32_t> Broker::broker_ids() const {
    return shell_->with_core([](BrokerCore& core) {
        std::vector<std::int32_t> ids;
        for (const auto& node : core.cluster().nodes())
            ids.push_back(node.id);
        return ids;
    });
}

std::string Broker::cluster_id() const {
    return shell_->with_core([](BrokerCore& core) { return core.cluster().id(); });
}

Result<Uuid> Broker::create_topic(const BrokerTopic& topic) {
    return shell_->with_core([&](BrokerCore& core) { return create(core, topic); });
}

Result<Uuid> Broker::create_topic(std::string_view name, std::int32_t partitions) {
    return create_topic(BrokerTopic{.name = std::string(name), .partitions = partitions});
}

Failure Broker::delete_topic(std::string_view name) {
    const bool found = shell_->with_core([&](BrokerCore& core) {
        auto* topic = core.cluster().find(name);
        if (topic) core.cluster().remove(*topic);
        return topic != nullptr;
    });
    if (!found) {
        return Failure(broker_errc::unknown_topic_or_partition, "topic " + std::string(name));
    }
    shell_->changed();
    return {};
}

std::vector<std::string> Broker::topics() const {
    return shell_->with_core([](BrokerCore& core) {
        std::vector<std::string> names;
        for (const auto& [name, topic] : core.cluster().topics())
            names.push_back(name);
        return names;
    });
}

std::optional<Uuid> Broker::topic_id(std::string_view name) const {
    return shell_->with_core([&](BrokerCore& core) -> std::optional<Uuid> {
        if (const auto* topic = core.cluster().find(name)) return topic->id;
        return std::nullopt;
    });
}

std::int32_t Broker::partition_count(std::string_view topic) const {
    return shell_->with_core([&](BrokerCore& core) {
        const auto* found = core.cluster().find(topic);
        return found ? static_cast<std::int32_t>(found->partitions.size()) : -1;
    });
}

std::int64_t Broker::high_watermark(std::string_view topic, std::int32_t partition) const {
    return shell_->with_core([&](BrokerCore& core) -> std::int64_t {
        const auto* found = find(core, topic, partition);
        return found ? found->log.end_offset() : -1;
    });
}

std::int64_t Broker::record_count(std::string_view topic) const {
    return shell_->with_core([&](BrokerCore& core) -> std::int64_t {
        const auto* found = core.cluster().find(topic);
        if (!found) return -1;
        std::int64_t sum = 0;
        for (const auto& partition : found->partitions)
            sum += partition.log.end_offset();
        return sum;
    });
}

std::int32_t Broker::leader(std::string_view topic, std::int32_t partition) const {
    return shell_->with_core([&](BrokerCore& core) {
        const auto* found = find(core, topic, partition);
        return found ? found->leader : -1;
    });
}

Failure Broker::move_leader(std::string_view topic, std::int32_t partition,
                            std::int32_t broker_id) {
    auto failure = shell_->with_core([&](BrokerCore& core) -> Failure {
        auto* found = find(core, topic, partition);
        if (!found) {
            return Failure(broker_errc::unknown_topic_or_partition,
                           std::string(topic) + " " + std::to_string(partition));
        }
        if (!core.cluster().move_leader(*found, broker_id)) {
            return Failure(broker_errc::broker_not_available,
                           "broker " + std::to_string(broker_id));
        }
        return {};
    });
    if (!failure) shell_->changed();
    return failure;
}

}  // namespace kafka::testing
