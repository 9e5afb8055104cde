// SPDX-License-Identifier: Apache-2.0
#include "core/broker_pool.hpp"

#include <algorithm>
#include <utility>

namespace kafka::core {
namespace {

constexpr std::int32_t first_seed = -2;
// A bound only: a cluster whose brokers change their addresses all the time.
constexpr std::size_t most_paces = 1'000;

}  // namespace

BrokerPool::Node BrokerPool::node_at(const Address& address) {
    auto& pace = paces_[to_string(address)];
    if (!pace) pace = std::make_shared<Pace>();
    return {address, pace};
}

void BrokerPool::forget_unused_paces() {
    const auto unused = [](const auto& entry) { return entry.second.use_count() == 1; };
    std::erase_if(paces_, [&](const auto& e) { return unused(e) && e.second->failures == 0; });
    if (paces_.size() > most_paces) std::erase_if(paces_, unused);
}

void BrokerPool::set_seeds(std::vector<Address> seeds) {
    // Clients that all begin with the first address would overload it.
    for (std::size_t i = seeds.size(); i > 1; --i)
        std::swap(seeds[i - 1], seeds[random_.below(i)]);
    std::erase_if(nodes_, [](const auto& entry) { return entry.first < 0; });
    auto id = first_seed;
    for (const auto& seed : seeds)
        nodes_.emplace(id--, node_at(seed));
    forget_unused_paces();
}

std::vector<std::uint64_t> BrokerPool::set_brokers(const std::vector<BrokerMetadata>& all) {
    std::erase_if(nodes_, [](const auto& entry) { return entry.first >= 0; });
    for (const auto& broker : all)
        nodes_.emplace(broker.id, node_at({broker.host, broker.port}));
    forget_unused_paces();

    std::vector<std::uint64_t> unwanted;
    for (auto& [id, conn] : conns_) {
        if (conn.key.broker >= 0) {
            const auto node = nodes_.find(conn.key.broker);
            if (node == nodes_.end() || node->second.address != conn.address)
                unwanted.push_back(id);
            continue;
        }
        if (!conn.open) continue;
        for (const auto& broker : all) {
            const Key key{broker.id, conn.key.purpose, conn.key.lane};
            if (conn.address != Address{broker.host, broker.port} || by_key_.count(key) > 0)
                continue;
            by_key_.erase(conn.key);
            conn.key = key;
            by_key_.emplace(key, id);
            break;
        }
    }
    return unwanted;
}

BrokerPool::Conn* BrokerPool::find(std::uint64_t id) {
    const auto at = conns_.find(id);
    return at == conns_.end() ? nullptr : &at->second;
}

const BrokerPool::Conn* BrokerPool::find(std::uint64_t id) const {
    const auto at = conns_.find(id);
    return at == conns_.end() ? nullptr : &at->second;
}

BrokerPool::Conn* BrokerPool::find(const Key& key) {
    const auto at = by_key_.find(key);
    return at == by_key_.end() ? nullptr : find(at->second);
}

std::optional<Address> BrokerPool::address(std::int32_t broker) const {
    const auto at = nodes_.find(broker);
    return at == nodes_.end() ? std::nullopt : std::optional(at->second.address);
}

const Failure& BrokerPool::last_failure(std::int32_t broker) const {
    static const Failure none;
    const auto at = nodes_.find(broker);
    return at == nodes_.end() ? none : at->second.pace->last;
}

BrokerPool::Conn* BrokerPool::want(const Key& key, Time now, Time& wait) {
    if (auto* conn = find(key)) return conn;
    wait = never;
    const auto node = nodes_.find(key.broker);
    if (node == nodes_.end()) return nullptr;
    const auto& pace = *node->second.pace;
    if (pace.retry_at > now) {
        wait = pace.retry_at;
        return nullptr;
    }
    // After a failure one attempt is enough to see whether the address is there again.
    if (pace.failures > 0)
        for (const auto& [id, other] : conns_)
            if (!other.open && other.address == node->second.address &&
                after(other.since, patience) > now) {
                wait = after(other.since, patience);
                return nullptr;
            }
    const auto id = next_conn_++;
    auto& conn = conns_[id];
    conn.id = id;
    conn.key = key;
    conn.address = node->second.address;
    conn.since = conn.used = now;
    by_key_.emplace(key, id);
    // Grows as the pause does, so that a slow network is given time.
    Backoff growth{limits_.connect_timeout,
                   std::max(limits_.connect_timeout, limits_.connect_timeout_max)};
    auto timeout = limits_.connect_timeout;
    if (pace.failures > 0 && timeout < milliseconds(std::chrono::hours(24)))
        timeout = std::chrono::duration_cast<milliseconds>(
            growth.delay(pace.failures + 1, random_.fraction()));
    attempts_.push_back({id, timeout});
    return &conn;
}

std::size_t BrokerPool::load(std::int32_t broker) const {
    std::size_t sum = 0;
    for (auto at = by_key_.lower_bound(Key{broker, ConnPurpose::control, 0});
         at != by_key_.end() && at->first.broker == broker; ++at)
        sum += conns_.at(at->second).in_flight;
    return sum;
}

std::int32_t BrokerPool::pick(bool among_seeds, const std::vector<std::int32_t>& not_these,
                              Time now, Time& wait) {
    // Open ones first, by load; then those being opened, unless they hang; then those that may be
    // tried, seeds in their order and brokers at random.
    std::int32_t open = -1, opening = -1, hanging = -1, free = -1;
    std::size_t least = 0, seen = 0;
    wait = never;
    const auto candidate = [&](std::int32_t id, const Node& node) {
        if (std::find(not_these.begin(), not_these.end(), id) != not_these.end()) return;
        if (const auto* conn = find(Key{id, ConnPurpose::control, 0})) {
            if (!conn->open) {
                const bool hangs = after(conn->since, patience) <= now;
                (hangs ? hanging : opening) = id;
                if (!hangs) wait = std::min(wait, after(conn->since, patience));
                return;
            }
            // A process that was stopped keeps its connections and answers nothing.
            if (silent(*conn, now)) {
                hanging = id;
                return;
            }
            const auto busy = load(id);
            if (open == -1 || busy < least) open = id, least = busy;
        } else if (node.pace->retry_at <= now) {
            ++seen;
            if (among_seeds ? free == -1 : random_.below(seen) == 0) free = id;
        } else {
            wait = std::min(wait, node.pace->retry_at);
        }
    };
    if (among_seeds) {
        for (auto at = std::make_reverse_iterator(nodes_.lower_bound(-1)); at != nodes_.rend();
             ++at)
            candidate(at->first, at->second);
    } else {
        for (auto at = nodes_.lower_bound(0); at != nodes_.end(); ++at)
            candidate(at->first, at->second);
    }
    for (const auto id : {open, opening, free, hanging})
        if (id != -1) return id;
    return -1;
}

bool BrokerPool::all_unavailable(Time now) const {
    const auto first = nodes_.lower_bound(0);
    if (first == nodes_.end()) return false;
    for (const auto& [id, conn] : conns_)
        if (conn.key.broker >= 0 && (conn.open || after(conn.since, patience) > now)) return false;
    return std::all_of(first, nodes_.end(),
                       [](const auto& entry) { return entry.second.pace->failures > 0; });
}

bool BrokerPool::take(Attempt& attempt) {
    if (attempts_.empty()) return false;
    attempt = attempts_.front();
    attempts_.pop_front();
    return true;
}

void BrokerPool::on_open(Conn& conn, VersionTable versions, std::string peer, Time now) {
    conn.open = true;
    ++open_;
    conn.versions = std::move(versions);
    conn.peer = std::move(peer);
    conn.opened = now;
    on_used(conn, false, now);
}

void BrokerPool::on_sent(Conn& conn, Time now) {
    ++conn.in_flight;
    if (conn.asked == never) conn.asked = now;
}

void BrokerPool::on_used(Conn& conn, bool answered, Time now) {
    conn.used = now;
    if (answered) conn.asked = conn.in_flight > 0 ? now : never;
    idle_due_ = std::min(idle_due_, after(now, limits_.max_idle));
    if (!answered || std::exchange(conn.answered, true)) return;
    // Not before it answers: a peer that lets everybody in and then closes is no better than one
    // that refuses.
    if (const auto node = nodes_.find(conn.key.broker); node != nodes_.end())
        *node->second.pace = {};
}

void BrokerPool::on_lost(Conn& conn, const Failure& failure, Time now) {
    const auto id = conn.id;
    const bool served = conn.answered && now - conn.opened > limits_.reconnect.max;
    if (!served) return on_connect_failed(conn, failure, now);
    erase(id);
}

void BrokerPool::on_connect_failed(Conn& conn, const Failure& failure, Time now) {
    if (const auto node = nodes_.find(conn.key.broker); node != nodes_.end()) {
        auto& pace = *node->second.pace;
        ++pace.failures;
        pace.retry_at = now + limits_.reconnect.delay(pace.failures, random_.fraction());
        pace.last = failure;
    }
    erase(conn.id);
}

void BrokerPool::erase(std::uint64_t id) {
    const auto at = conns_.find(id);
    if (at == conns_.end()) return;
    if (at->second.open) --open_;
    std::erase_if(attempts_, [id](const Attempt& attempt) { return attempt.conn == id; });
    by_key_.erase(at->second.key);
    conns_.erase(at);
}

std::vector<std::uint64_t> BrokerPool::take_idle(Time now) {
    std::vector<std::uint64_t> idle;
    idle_due_ = never;
    for (const auto& [id, conn] : conns_) {
        if (!conn.open || conn.leases > 0 || conn.warming) continue;
        const auto used = conn.in_flight > 0 ? now : conn.used;
        const auto until = after(used, limits_.max_idle);
        if (until <= now)
            idle.push_back(id);
        else
            idle_due_ = std::min(idle_due_, until);
    }
    return idle;
}

std::vector<std::uint64_t> BrokerPool::all() const {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, conn] : conns_)
        ids.push_back(id);
    return ids;
}

}  // namespace kafka::core
