// SPDX-License-Identifier: Apache-2.0
// Cluster: drives ClusterCore with sessions, one timer and the clock. What Client, Writer, Reader
// and administration share.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <kafka/client_call.hpp>
#include <kafka/client_config.hpp>
#include <kafka/client_metadata.hpp>
#include <kafka/client_stats.hpp>
#include <kafka/detail/any_handler.hpp>
#include <kafka/detail/pending_call.hpp>

#include "core/cluster_core.hpp"
#include "core/finalized_features.hpp"
#include "io/cluster_counters.hpp"
#include "io/executor.hpp"

namespace kafka::io {

class ClusterRegistry;
class SeedFinder;
class Session;

/// The functions of the first group may be called from any thread; those of the second only on
/// strand(). Calls under way do not keep the object alive: its owners do.
class Cluster : public std::enable_shared_from_this<Cluster> {
    struct Private {};

public:
    using MetadataHandler =
        detail::any_handler<void(std::error_code, std::shared_ptr<const ClusterMetadata>)>;
    using CloseHandler = detail::any_handler<void(std::error_code)>;

    static std::shared_ptr<Cluster> make(const asio::any_io_executor& executor,
                                         ClientConfig config);
    Cluster(Private, const asio::any_io_executor& executor, ClientConfig config);
    ~Cluster();

    // Anywhere.
    /// `allowed`: in one of these versions only.
    void call(const detail::CallType& type, core::Request request, const ClientCallOptions& options,
              std::unique_ptr<detail::PendingCall> call,
              protocol::VersionRange allowed = {0, std::numeric_limits<std::int16_t>::max()});
    void refresh_metadata(std::vector<std::string> topics, const ClientCallOptions& options,
                          MetadataHandler handler);
    void close(CloseHandler handler = {});
    /// close(), by the owner's destructor.
    void forsake();
    [[nodiscard]] std::shared_ptr<const ClusterMetadata> snapshot() const;
    [[nodiscard]] ClientStats stats() const { return counters_.read(); }
    [[nodiscard]] const ClientConfig& config() const noexcept { return config_; }
    [[nodiscard]] const Strand& strand() const noexcept { return strand_; }

    // On the strand.

    /// An open connection, to be used directly. It is not closed for idleness while a lease is
    /// there; it may end at any time all the same.
    class Lease {
    public:
        Lease() = default;
        Lease(std::weak_ptr<Cluster> cluster, std::uint64_t conn, std::shared_ptr<Session> session)
            : cluster_(std::move(cluster)), conn_(conn), session_(std::move(session)) {}
        Lease(Lease&& other) noexcept { *this = std::move(other); }
        Lease& operator=(Lease&& other) noexcept;
        ~Lease() { release(); }

        explicit operator bool() const noexcept { return session_ != nullptr; }
        Session* operator->() const noexcept { return session_.get(); }
        [[nodiscard]] const std::shared_ptr<Session>& session() const noexcept { return session_; }
        /// May be called anywhere.
        void release() noexcept;

    private:
        std::weak_ptr<Cluster> cluster_;
        std::uint64_t conn_ = 0;
        std::shared_ptr<Session> session_;
    };
    using LeaseHandler = std::function<void(Failure, Lease)>;
    /// A connection to that broker, opened if need be, with the pauses that it has earned. The
    /// handler is called on the strand, never inside; not at all if the event loop is destroyed.
    void lease(const core::BrokerPool::Key& key, core::Time deadline, LeaseHandler handler);

    /// What is known of a topic; null: nothing yet. Constant: a change makes another object. Costs
    /// one look-up by hash; leaders are then found by index.
    [[nodiscard]] std::shared_ptr<const TopicMetadata> topic(std::string_view name) const;
    [[nodiscard]] const BrokerMetadata* broker(std::int32_t id) const noexcept {
        return core_.metadata().broker(id);
    }
    [[nodiscard]] const core::FinalizedFeatures& features() const noexcept { return features_; }
    /// Grows with each change of brokers, topics or leaders.
    [[nodiscard]] std::uint64_t metadata_version() const noexcept {
        return core_.metadata().version();
    }
    /// The topic is wanted, and kept fresh, until as many calls of release_topic().
    void hold_topic(std::string_view name);
    void release_topic(std::string_view name);
    /// An answer says that metadata is out of date: it is refreshed soon, with pauses.
    void stale_metadata();
    /// KIP-951.
    void apply_hints(const std::vector<core::LeaderHint>& hints,
                     const std::vector<BrokerMetadata>& endpoints);
    using Topics = std::vector<std::shared_ptr<const TopicMetadata>>;
    using Subscriber = std::function<void(const Topics& changed)>;
    /// Called on the strand after each change of metadata, with those topics that are new or not
    /// what they were; never inside a function of this class.
    std::uint64_t subscribe(Subscriber subscriber);
    void unsubscribe(std::uint64_t id) { subscribers_.erase(id); }

    /// Its execution context goes: destroys the handlers without calling them.
    void abandon() noexcept;
    /// That has happened. Subscribers' functions are destroyed after it is so.
    [[nodiscard]] bool abandoned() const noexcept { return registry_ == nullptr; }

private:
    struct Link;
    struct Waiter;
    struct CallWaiter;
    struct MetadataWaiter;
    struct LeaseWaiter;
    class PartCall;
    struct Answer {
        std::uint64_t piece;
        Failure failure;
        bool sent;
        std::shared_ptr<Link> link;
    };

    void submit(core::ClusterCore::Call call);
    void schedule();
    void run();
    void act(core::ClusterCore::Action& action);
    void connect(const core::ClusterCore::Connect& action);
    void on_connect(const std::shared_ptr<Link>& link, const std::error_code& ec);
    void send(core::ClusterCore::Send& action);
    void shut(core::ClusterCore::ConnId conn);
    void find_seeds(const core::ClusterCore::FindSeeds& action);
    void metadata_changed();
    void set_timer();
    void end(const Failure& why);
    void assign_slot(asio::cancellation_slot slot, std::uint64_t id);
    void log(LogLevel level, std::string_view message, std::string_view detail) const;
    template <class Event>
    void tell(const std::function<void(const Event&)>& hook, const Event& event) noexcept;
    [[nodiscard]] core::Time deadline_of(const ClientCallOptions& options) const;

    const ClientConfig config_;
    Strand strand_;
    ClusterRegistry* registry_;  // null once its execution context is gone
    std::atomic<std::uint64_t> next_id_{1};
    ClusterCounters counters_;

    // The strand's.
    core::ClusterCore core_;
    Timer timer_;
    core::Time timer_at_ = core::never;
    bool scheduled_ = false;
    bool closed_ = false;
    std::map<core::ClusterCore::ConnId, std::shared_ptr<Link>> links_;
    std::unordered_map<std::uint64_t, std::shared_ptr<asio::cancellation_signal>> parts_;
    std::vector<Answer> answers_;
    std::shared_ptr<SeedFinder> finder_;
    std::map<std::uint64_t, Subscriber> subscribers_;
    std::uint64_t next_subscriber_ = 1;
    core::FinalizedFeatures features_;

    // For everybody.
    mutable std::mutex snapshot_mutex_;
    std::shared_ptr<const ClusterMetadata> snapshot_;
};

}  // namespace kafka::io
