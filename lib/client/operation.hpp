// SPDX-License-Identifier: Apache-2.0
// Operation: something asynchronous that takes several steps, one after the other. It runs on a
// strand, keeps itself alive through the handler of its step, and passes cancellation on to it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/error.hpp>

#include <kafka/conn_config.hpp>
#include <kafka/detail/any_handler.hpp>
#include <kafka/detail/pending_call.hpp>
#include <kafka/error.hpp>
#include <kafka/result.hpp>

#include "core/time.hpp"
#include "io/executor.hpp"
#include "io/session.hpp"

namespace kafka::client {

/// How long a broker may take over something for which this side waits `left`: less, so that its
/// answer, if only that the time is over, comes before this side gives up.
[[nodiscard]] std::chrono::milliseconds brokers_share(std::chrono::milliseconds left);

/// The number of a broker that says of a refusal where to turn: "broker 2 (host:9092)".
[[nodiscard]] std::string broker_text(std::int32_t id, const std::string& host, std::int32_t port);

class Operation : public std::enable_shared_from_this<Operation> {
public:
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;
    virtual ~Operation() = default;

protected:
    /// `wanted` is the caller's, and may be null.
    Operation(io::Strand strand, core::Time deadline, Diagnostics* wanted)
        : strand_(std::move(strand)), deadline_(deadline), wanted_(wanted) {}

    /// The first step, on the strand.
    virtual void run() = 0;
    /// Ends the operation without a result.
    virtual void fail(const std::error_code& ec) = 0;
    void fail(Failure failure) {
        diagnostics_.detail = std::move(failure.detail);
        fail(failure.code);
    }

    /// In the initiating function: assigns the slot, then goes to the strand.
    void begin(asio::cancellation_slot slot);

    /// A step's handler: called on the strand, unless the operation was cancelled meanwhile.
    template <class Next>
    auto step(Next next) {
        return asio::bind_executor(
            strand_, asio::bind_cancellation_slot(
                         signal_.slot(), [self = shared_from_this(), next = std::move(next)](
                                             const std::error_code& ec, auto&&... results) mutable {
                             if (self->cancelled_ && ec)
                                 return self->fail(std::error_code(asio::error::operation_aborted));
                             next(ec, std::forward<decltype(results)>(results)...);
                         }));
    }
    /// A request and what to do with its response: `next(ec, Response)`. The diagnostics then have
    /// peer and API, and of a failure the detail.
    template <class Request, class Next>
    void call(io::Session& session, const Request& request, std::optional<std::int16_t> version,
              bool unstable, Next next) {
        if (refuse_to_go_on()) return;
        const CallOptions options{.timeout = left(),
                                  .version = version,
                                  .unstable = unstable,
                                  .diagnostics = &diagnostics_};
        diagnostics_ = {};
        session.call(Request::info, &request, options,
                     detail::make_call<typename Request::response_type>(step(std::move(next)),
                                                                        strand_.inner()));
    }
    /// For the diagnostics of a failure that an answer tells of.
    void name_answer(const io::Session& session, const protocol::MessageInfo& request,
                     std::int16_t version);

    /// Ends it if it was cancelled or is late, and says so.
    [[nodiscard]] bool refuse_to_go_on();
    [[nodiscard]] std::chrono::milliseconds left() const;
    [[nodiscard]] core::Time deadline() const noexcept { return deadline_; }
    [[nodiscard]] const io::Strand& strand() const noexcept { return strand_; }
    /// From here on only what may leave the outcome open cancels it.
    void has_effect() noexcept { has_effect_ = true; }
    void tell_diagnostics() {
        if (wanted_) *wanted_ = std::move(diagnostics_);
    }

    Diagnostics diagnostics_;

private:
    void cancel(asio::cancellation_type type);

    io::Strand strand_;
    core::Time deadline_;
    Diagnostics* wanted_;
    asio::cancellation_signal signal_;
    bool cancelled_ = false;
    bool has_effect_ = false;
};

/// One with a handler for its result.
template <class... Results>
class OperationFor : public Operation {
public:
    using Handler = detail::any_handler<void(std::error_code, Results...)>;

    /// Starts it.
    void begin() { Operation::begin(handler_.get_cancellation_slot()); }

protected:
    OperationFor(io::Strand strand, core::Time deadline, Diagnostics* wanted, Handler handler)
        : Operation(std::move(strand), deadline, wanted), handler_(std::move(handler)) {}

    void finish(Results... results) { end({}, std::move(results)...); }
    /// Once at most.
    void end(const std::error_code& ec, Results... results) {
        if (!handler_) return;
        if (ec) tell_diagnostics();
        std::move(handler_).post(ec, std::move(results)...);
        handler_ = {};
    }

private:
    Handler handler_;
};

}  // namespace kafka::client
