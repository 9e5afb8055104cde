// SPDX-License-Identifier: Apache-2.0
// Broker: what a test does to the cluster, and asks of it, while clients use it.
#include <algorithm>
#include <system_error>
#include <utility>

#include <kafka/error.hpp>
#include <kafka/testing/broker.hpp>

#include "testing/broker_shell.hpp"

namespace kafka::testing {
namespace {

Failure no_broker(std::int32_t id) {
    return Failure(broker_errc::broker_not_available, "broker " + std::to_string(id));
}
Failure no_topic(std::string_view name) {
    return Failure(broker_errc::unknown_topic_or_partition, "topic " + std::string(name));
}

template <class Change>
Failure change_node(BrokerCore& core, std::int32_t id, Change&& change) {
    auto* node = core.cluster().node(id);
    if (!node) return no_broker(id);
    change(*node);
    return {};
}

}  // namespace

std::int32_t Broker::leader_epoch(std::string_view topic, std::int32_t partition) const {
    return shell_->with_core([&](BrokerCore& core) {
        auto* found = core.cluster().find(topic);
        const auto* part = found ? found->partition(partition) : nullptr;
        return part ? part->leader_epoch : -1;
    });
}

void Broker::shuffle_leaders() {
    shell_->with_core([](BrokerCore& core) { core.cluster().shuffle_leaders(); });
    shell_->changed();
}

Failure Broker::recreate_topic(std::string_view name) {
    auto failure = shell_->with_core([&](BrokerCore& core) -> Failure {
        auto* topic = core.cluster().find(name);
        if (!topic) return no_topic(name);
        core.cluster().recreate(*topic);
        return {};
    });
    if (!failure) shell_->changed();
    return failure;
}

Failure Broker::add_partitions(std::string_view name, std::int32_t count) {
    return shell_->with_core([&](BrokerCore& core) -> Failure {
        auto* topic = core.cluster().find(name);
        if (!topic) return no_topic(name);
        if (!core.cluster().add_partitions(*topic, count)) {
            return Failure(broker_errc::invalid_partitions, std::to_string(count));
        }
        return {};
    });
}

Slice Broker::batches(std::string_view topic, std::int32_t partition) const {
    return shell_->with_core([&](BrokerCore& core) -> Slice {
        auto* found = core.cluster().find(topic);
        const auto* part = found ? found->partition(partition) : nullptr;
        if (!part) return {};
        ByteBuffer all;
        for (const auto& batch : part->log.batches())
            all.append(part->log.bytes_of(batch).bytes());
        return std::move(all).release();
    });
}

Failure Broker::stop_broker(std::int32_t id, Ending ending) {
    return shell_->stop_broker(id, ending);
}

Failure Broker::start_broker(std::int32_t id, bool on_new_port) {
    return shell_->start_broker(id, on_new_port);
}

Failure Broker::pause_broker(std::int32_t id) {
    return shell_->with_core(
        [&](BrokerCore& core) { return core.pause(id) ? Failure() : no_broker(id); });
}

Failure Broker::resume_broker(std::int32_t id) {
    return shell_->resume_broker(id);
}

void Broker::drop_connections(std::int32_t id, Ending ending) {
    shell_->with_core([&](BrokerCore& core) { core.drop_connections(id, ending); });
    shell_->changed();
}

Failure Broker::advertise(std::int32_t id, std::string host, std::uint16_t port) {
    return shell_->with_core([&](BrokerCore& core) {
        return change_node(core, id, [&](Node& node) {
            node.host = std::move(host);
            node.port = port;
        });
    });
}

Failure Broker::hide_broker(std::int32_t id, bool hidden) {
    return shell_->with_core([&](BrokerCore& core) {
        return change_node(core, id, [&](Node& node) { node.hidden = hidden; });
    });
}

Failure Broker::set_controller(std::int32_t id) {
    return shell_->with_core([&](BrokerCore& core) {
        return change_node(core, id, [&](Node&) { core.cluster().set_controller(id); });
    });
}

void Broker::set_cluster_id(std::string id) {
    shell_->with_core([&](BrokerCore& core) { core.cluster().set_id(std::move(id)); });
}

std::int32_t Broker::coordinator(CoordinatorOf kind, std::string_view key) const {
    return shell_->with_core([&](BrokerCore& core) {
        const auto* node = core.cluster().coordinator(kind, key);
        return node ? node->id : -1;
    });
}

Failure Broker::move_coordinator(CoordinatorOf kind, std::string_view key, std::int32_t broker_id) {
    auto failure = shell_->with_core([&](BrokerCore& core) {
        return core.cluster().move_coordinator(kind, key, broker_id) ? Failure()
                                                                     : no_broker(broker_id);
    });
    if (!failure) shell_->changed();
    return failure;
}

std::int64_t Broker::last_stable_offset(std::string_view topic, std::int32_t partition) const {
    return shell_->with_core([&](BrokerCore& core) -> std::int64_t {
        auto* found = core.cluster().find(topic);
        const auto* part = found ? found->partition(partition) : nullptr;
        return part ? part->last_stable_offset() : -1;
    });
}

std::optional<std::string> Broker::transaction_state(std::string_view transactional_id) const {
    return shell_->with_core([&](BrokerCore& core) -> std::optional<std::string> {
        const auto& all = core.cluster().transactions().all();
        const auto found = all.find(transactional_id);
        if (found == all.end()) return std::nullopt;
        return std::string(to_string(found->second.state));
    });
}

std::int64_t Broker::committed_offset(std::string_view group, std::string_view topic,
                                      std::int32_t partition) const {
    return shell_->with_core([&](BrokerCore& core) -> std::int64_t {
        const auto* found =
            core.cluster().offsets().find(std::string(group), {std::string(topic), partition});
        return found ? found->offset : -1;
    });
}

Failure Broker::limit_versions(const protocol::MessageInfo& request,
                               protocol::VersionRange versions) {
    return shell_->with_core([&](BrokerCore& core) -> Failure {
        if (core.limit_versions(request.api_key, versions)) return {};
        return Failure(make_error_code(errc::unsupported_version),
                       std::string("no such versions of ") + request.api);
    });
}

void Broker::set_password(const std::string& user, const std::string& password) {
    shell_->with_core([&](BrokerCore& core) { core.set_password(user, password); });
}

RuleId Broker::add(const Rule& rule) {
    const auto id = shell_->add_rule(rule);
    if (!id) throw std::system_error(id.failure().code, id.failure().detail);
    return *id;
}

bool Broker::remove(RuleId id) {
    return shell_->with_core([&](BrokerCore& core) { return core.remove_rule(id); });
}

void Broker::clear_rules() {
    shell_->with_core([](BrokerCore& core) { core.clear_rules(); });
}

std::uint64_t Broker::hits(RuleId id) const {
    return shell_->with_core([&](BrokerCore& core) { return core.hits(id); });
}

bool Broker::wait_hits(RuleId id, std::uint64_t count, std::chrono::milliseconds timeout) const {
    return shell_->wait(timeout, [&](BrokerCore& core) { return core.hits(id) >= count; });
}

void Broker::advance(std::chrono::milliseconds time) {
    shell_->advance(time);
}

std::uint64_t Broker::count(std::int16_t api_key) const {
    return shell_->with_core([&](BrokerCore& core) { return core.count(api_key); });
}

bool Broker::wait_count(std::int16_t api_key, std::uint64_t requests,
                        std::chrono::milliseconds timeout) const {
    return shell_->wait(timeout, [&](BrokerCore& core) { return core.count(api_key) >= requests; });
}

void Broker::record_history(bool on) {
    shell_->with_core([&](BrokerCore& core) { core.record(on); });
}

std::vector<RecordedCall> Broker::history() const {
    return shell_->with_core([](BrokerCore& core) {
        return std::vector<RecordedCall>(core.history().begin(), core.history().end());
    });
}

void Broker::clear_history() {
    shell_->with_core([](BrokerCore& core) { core.clear_history(); });
}

std::optional<RecordedCall> Broker::expect(const std::function<bool(const RecordedCall&)>& wanted,
                                           std::chrono::milliseconds timeout) const {
    std::optional<RecordedCall> found;
    static_cast<void>(shell_->wait(timeout, [&](BrokerCore& core) {
        const auto& calls = core.history();
        const auto at = std::find_if(calls.begin(), calls.end(), wanted);
        if (at == calls.end()) return false;
        found = *at;
        return true;
    }));
    return found;
}

std::size_t Broker::max_in_flight() const {
    return shell_->with_core([](BrokerCore& core) {
        std::size_t most = 0;
        for (const auto& call : core.history())
            most = std::max(most, call.in_flight);
        return most;
    });
}

std::size_t Broker::connection_count() const {
    return shell_->with_core([](BrokerCore& core) { return core.connections(); });
}

}  // namespace kafka::testing
