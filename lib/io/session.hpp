// SPDX-License-Identifier: Apache-2.0
// Session: drives one connection's core with a socket, a timer and the clock.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <kafka/conn_config.hpp>
#include <kafka/detail/any_handler.hpp>
#include <kafka/detail/pending_call.hpp>
#include <kafka/protocol/api_versions.hpp>
#include <kafka/result.hpp>

#include "core/address.hpp"
#include "core/conn_core.hpp"
#include "core/handshake.hpp"
#include "core/versions.hpp"
#include "io/connector.hpp"
#include "io/executor.hpp"
#include "io/session_observer.hpp"
#include "io/transport.hpp"

namespace kafka::io {

class SessionRegistry;

/// The public functions may be called from any thread; everything else runs on the strand.
/// Operations under way keep the object alive.
class Session : public std::enable_shared_from_this<Session> {
public:
    using ConnectHandler = detail::any_handler<void(std::error_code)>;

    /// What an opened connection knows of its peer. Constant once published.
    struct Peer {
        std::string name;  ///< "host:port (address)"
        protocol::ApiVersionsResponse versions;
        core::VersionTable table;
    };

    static std::shared_ptr<Session> make(const asio::any_io_executor& executor, ConnConfig config);
    ~Session();

    /// Before connect().
    void observe(std::shared_ptr<SessionObserver> observer) {
        observer_ = std::move(observer);
        core_.note_traffic();
    }
    void expect(std::string cluster_id, std::int32_t node_id) {
        handshake_.expect(std::move(cluster_id), node_id);
    }

    void connect(Result<core::Address> address, const ConnectOptions& options,
                 ConnectHandler handler);
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
    void start(const core::Address& address, core::Time deadline);
    void on_connected(Failure failure, Socket socket);
    void ask();
    void on_opening(core::Completion& completion);
    void read();
    void on_read(const std::error_code& ec, std::size_t count);
    void on_written(const std::error_code& ec);
    void cancel(std::uint64_t id, bool only_unsent);
    void pump();
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
    void end(detail::PendingCall& call, const std::string& api, const Failure& failure) const;

    const ConnConfig config_;
    Strand strand_;
    SessionRegistry* registry_;  // null once its execution context is gone
    std::atomic<State> state_{State::idle};
    std::atomic<std::uint64_t> next_id_{1};

    // The strand's.
    core::ConnCore core_;
    core::Handshake handshake_;
    std::shared_ptr<Connector> connector_;
    std::optional<TcpTransport> transport_;
    Timer timer_;
    core::Time timer_at_ = core::never;
    core::Time connect_deadline_ = core::never;
    std::chrono::milliseconds connect_timeout_{};
    ConnectHandler connect_handler_;
    Diagnostics* connect_diagnostics_ = nullptr;
    std::string name_;  // of the peer, for messages
    std::uint64_t trailing_bytes_ = 0;
    bool torn_down_ = false;
    std::shared_ptr<SessionObserver> observer_;

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
