// SPDX-License-Identifier: Apache-2.0
// Session: drives one connection's core with a socket, a timer and the clock.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <kafka/conn_config.hpp>
#include <kafka/detail/any_handler.hpp>
#include <kafka/detail/pending_call.hpp>
#include <kafka/protocol/api_versions.hpp>
#include <kafka/result.hpp>

#include "core/address.hpp"
#include "core/conn_core.hpp"
#include "core/opening.hpp"
#include "core/versions.hpp"
#include "io/connector.hpp"
#include "io/executor.hpp"
#include "io/off_loop.hpp"
#include "io/session_observer.hpp"
#include "io/tls_transport.hpp"
#include "io/transport.hpp"

namespace kafka::io {

class SessionRegistry;

/// The public functions may be called from any thread; everything else runs on the strand.
/// Operations under way keep the object alive.
class Session final : public std::enable_shared_from_this<Session> {
public:
    using ConnectHandler = detail::any_handler<void(std::error_code)>;

    /// What an opened connection knows of its peer. Constant once published.
    struct Peer {
        std::string name;  ///< "host:port (address)"
        protocol::ApiVersionsResponse versions;
        core::VersionTable table;
        std::optional<TlsInfo> tls;
    };

    static std::shared_ptr<Session> make(const asio::any_io_executor& executor, ConnConfig config);
    ~Session();

    /// Before connect().
    void observe(std::shared_ptr<SessionObserver> observer) {
        observer_ = std::move(observer);
        observed_ = true;
        link_->core.note_traffic();
    }
    void expect(std::string cluster_id, std::int32_t node_id) {
        opening_.expect(std::move(cluster_id), node_id);
    }

    void connect(Result<core::Address> address, const ConnectOptions& options,
                 ConnectHandler handler);
    /// The same over a transport that is connected already and calls back on strand(); `name` is
    /// the peer's. For peers in memory; the connect timeout is the configured one.
    void connect(std::unique_ptr<Transport> transport, std::string name, ConnectHandler handler);
    [[nodiscard]] const Strand& strand() const noexcept { return strand_; }
    void call(const protocol::MessageInfo& info, const void* request, const CallOptions& options,
              std::unique_ptr<detail::PendingCall> call);
    void close();
    /// close(), by the owner's destructor.
    void forsake();

    [[nodiscard]] bool open() const noexcept { return state_.load() == State::open; }
    /// Null until the connection was opened.
    [[nodiscard]] const Peer* peer() const noexcept {
        return peer_.load(std::memory_order_acquire);
    }
    [[nodiscard]] std::chrono::milliseconds throttle_time() const noexcept {
        return std::chrono::milliseconds(throttle_time_.load(std::memory_order_relaxed));
    }
    [[nodiscard]] ConnStats stats() const noexcept;

    /// Its execution context goes: destroys the handlers without calling them.
    void abandon() noexcept;

private:
    enum class State : std::uint8_t { idle, connecting, open, closed };
    struct Private {};

public:
    Session(Private, const asio::any_io_executor& executor, ConnConfig config);

private:
    using Step = core::Opening::Step;

    // A connection and its requests. While the session opens there may be several, one after the
    // other; what the transport tells of an old one is not listened to.
    struct Link final : TransportUser {
        Link(Session& owner, core::ConnLimits limits) : session(owner), core(limits) {}
        void on_read(const std::error_code& ec, std::size_t count,
                     std::shared_ptr<TransportUser>&& self) override {
            if (current()) session.on_read(ec, count, std::move(self));
        }
        void on_written(const std::error_code& ec) override {
            if (current()) session.on_written(ec);
        }
        [[nodiscard]] std::shared_ptr<TransportUser> share() override {
            return {session.shared_from_this(), this};
        }
        [[nodiscard]] bool current() const noexcept {
            return session.link_.get() == this && !session.torn_down_;
        }

        Session& session;
        core::ConnCore core;
        std::unique_ptr<Transport> transport;
        TlsTransport* tls = nullptr;  // the transport, where it is one
        bool reading = false;
    };
    struct Turn;
    // The id of the requests that the connection makes for itself; they have no ticket.
    static constexpr std::uint64_t own_id = 0;
    // Of all that cannot be cancelled: only who cancels has to find a request.
    static constexpr std::uint64_t shared_id = 1;

    [[nodiscard]] std::unique_ptr<Link> new_link();

    // session_opening.cpp
    void start(const core::Address& address, core::Time deadline);
    void advance(Step step);
    void prepare();
    void resolve();
    void connect_again();
    void on_connected(Failure failure, Socket socket);
    void secure();
    void ask();
    void take_turn();
    void on_turn(Turn& turn);
    void opened();
    void give_up();
    void on_own_answer(core::Completion& completion);
    void authenticate_again();
    [[nodiscard]] bool opening() const noexcept { return static_cast<bool>(connect_handler_); }
    [[nodiscard]] std::string doing() const;

    [[nodiscard]] core::Time now() const noexcept;
    void read(std::shared_ptr<TransportUser>&& user);
    void on_read(const std::error_code& ec, std::size_t count,
                 std::shared_ptr<TransportUser>&& user);
    void on_written(const std::error_code& ec);
    void submit(core::Outgoing&& out, core::Time now);
    void write(core::Time now);
    void cancel(std::uint64_t id, bool only_unsent);
    void pump() { pump(std::chrono::steady_clock::now()); }
    void pump(core::Time now);
    void tell_traffic();
    void deliver();
    void finish(core::Completion& completion);
    [[nodiscard]] Failure decode(const core::Completion& completion, detail::PendingCall& call);
    void set_timer();
    void on_timer();
    void fail(Failure failure);
    void tear_down();
    void publish() noexcept;
    void log(LogLevel level, std::string_view message, const Failure& why, std::size_t in_flight);
    void explain(detail::PendingCall& call, const std::string& api, const Failure& failure) const;
    void refuse(std::unique_ptr<detail::PendingCall> call, const std::string& api,
                const Failure& failure) const;

    const ConnConfig config_;
    std::shared_ptr<SessionObserver> observer_;
    bool observed_ = false;  // it was there at first: constant from connect() on
    Strand strand_;
    SessionRegistry* registry_;  // null once its execution context is gone
    std::atomic<State> state_{State::idle};
    std::atomic<std::uint64_t> next_id_{shared_id + 1};

    core::FramePool frames_;

    // The strand's.
    std::unique_ptr<Link> link_;
    std::vector<std::unique_ptr<Link>> old_links_;  // the system may still use their memory
    Timer timer_;
    core::Time timer_at_ = core::never;
    core::Time connect_deadline_ = core::never;  // also of a login's turn on an open connection
    core::Time login_at_ = core::never;          // when to authenticate anew
    core::Opening opening_;
    core::Address address_;
    OffLoop& off_loop_;
    OffLoop::Return returning_;             // of the step that is done elsewhere
    std::shared_ptr<Connector> connector_;  // null over a transport that was given
    std::shared_ptr<LoadedTls> tls_;
    std::shared_ptr<sasl::Exchange> exchange_;
    bool safe_for_secrets_ = false;  // nobody can read the connection
    std::uint64_t own_answers_ = 0;  // to the questions of the opening
    std::chrono::milliseconds connect_timeout_{};
    Failure end_;  // of the opening
    ConnectHandler connect_handler_;
    Diagnostics* connect_diagnostics_ = nullptr;
    std::string name_;  // of the peer, for messages
    std::uint64_t trailing_bytes_ = 0;
    bool torn_down_ = false;

    // For everybody.
    std::unique_ptr<const Peer> peer_owner_;
    std::atomic<const Peer*> peer_{nullptr};
    std::atomic<std::int32_t> throttle_time_{0};
    struct Shown {
        std::atomic<std::uint64_t> requests{0}, responses{0}, bytes_out{0}, bytes_in{0},
            timed_out{0}, cancelled{0}, trailing_bytes{0};
        std::atomic<std::size_t> in_flight{0}, waiting{0}, waiting_bytes{0};
    } shown_;

    friend class SessionRegistry;
    Session *older_ = nullptr, *newer_ = nullptr;  // the registry's list
};

}  // namespace kafka::io
