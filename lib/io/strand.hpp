// SPDX-License-Identifier: Apache-2.0
// Strand: runs functions one at a time, as asio::strand does, for less: whoever calls in while
// nobody is inside is the runner, there and then; what others bring meanwhile the runner does.
#pragma once

#include <concepts>
#include <memory>
#include <system_error>
#include <type_traits>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/execution.hpp>
#include <asio/execution_context.hpp>
#include <asio/io_context.hpp>
#include <asio/recycling_allocator.hpp>

#include <kafka/detail/pending_call.hpp>

namespace kafka::io {

/// An Asio executor; copies are the same strand. All functions may be called from any thread.
///
/// Functions run on threads of inner() only, in the order in which they came, and never inside one
/// another: what is dispatched from inside runs after the function that does it. Entering costs two
/// atomic operations and no memory while nobody else is inside; otherwise the function is put on
/// the heap. A runner that found much to do posts the rest to inner().
///
/// Functions that did not run when the execution context is destroyed are destroyed.
class Strand {
    class State;

public:
    /// Of any_io_executor only: were a Strand considered for a conversion to that, then whether it
    /// is an executor would depend on itself.
    template <std::same_as<asio::any_io_executor> Executor>
    explicit Strand(const Executor& inner) : state_(state_of(inner)) {}

    /// The executor below. It keeps nothing working.
    [[nodiscard]] const asio::any_io_executor& inner() const noexcept;

    /// For a caller that is on inner() already, such as the end of one of its operations, and not
    /// inside a function that starts an operation. The strand's owner must live until it returns.
    template <class Function>
    void run(Function&& function) const {
        State& state = *state_;
        if (enter(state)) {
            Turn turn(state, true);
            function();
            turn.finish();
        } else if (push(state, work_of(std::forward<Function>(function)))) {
            Turn(state, true).finish();
        }
    }

    /// Ends a call of a user's, from inside. The first of a turn that is no user's own function is
    /// ended as soon as the turn is over, without a way through the event loop; others are posted.
    void complete(std::unique_ptr<detail::PendingCall> call, const std::error_code& ec) const;

    /// As execute(now), if it runs here and now; otherwise as execute(later()). The strand's owner
    /// must live until it returns.
    template <class Now, class Later>
    void perform(Now&& now, Later&& later) const {
        State& state = *state_;
        if (posts_ || !here(state)) {
            if (push(state, work_of(later()))) bring(state, posts_);
        } else if (enter(state)) {
            Turn turn(state, false);
            now();
            turn.finish();
        } else if (push(state, work_of(later()))) {
            Turn(state, false).finish();
        }
    }

    // An Asio executor's.

    template <class Function>
    void execute(Function&& function) const {
        // The function may hold the last owner of this. What it holds goes inside the strand.
        const auto state = state_;
        std::decay_t<Function> own(std::forward<Function>(function));
        perform(
            [&own] {
                auto once = std::move(own);
                std::move(once)();
            },
            [&own]() -> decltype(auto) { return std::move(own); });
    }
    [[nodiscard]] asio::execution_context& query(asio::execution::context_t) const noexcept;
    [[nodiscard]] asio::execution::blocking_t query(asio::execution::blocking_t) const noexcept {
        if (posts_) return asio::execution::blocking.never;
        return asio::execution::blocking.possibly;
    }
    [[nodiscard]] Strand require(asio::execution::blocking_t::never_t) const {
        return {state_, true};
    }
    [[nodiscard]] Strand require(asio::execution::blocking_t::possibly_t) const {
        return {state_, false};
    }
    /// Costs memory. Operations on sockets and timers of inner() need it not.
    [[nodiscard]] Strand require(asio::execution::outstanding_work_t::tracked_t) const;
    [[nodiscard]] Strand require(asio::execution::outstanding_work_t::untracked_t) const;
    friend bool operator==(const Strand& a, const Strand& b) noexcept {
        return a.state_.get() == b.state_.get();
    }
    friend bool operator!=(const Strand& a, const Strand& b) noexcept { return !(a == b); }

private:
    // A function that waits.
    struct Work {
        Work* next = nullptr;
        void (*end)(Work*, bool run) = nullptr;  // runs it, or only destroys it
    };
    template <class Function>
    struct WorkOf final : Work {
        using Memory = asio::recycling_allocator<WorkOf>;

        explicit WorkOf(Function&& f) : function(std::move(f)) { end = &WorkOf::over; }
        static void over(Work* base, bool run) {
            auto* self = static_cast<WorkOf*>(base);
            Function own(std::move(self->function));
            self->~WorkOf();
            Memory().deallocate(self, 1);
            if (run) std::move(own)();
        }
        Function function;
    };
    template <class Function>
    static Work* work_of(Function&& function) {
        using New = WorkOf<std::decay_t<Function>>;
        std::decay_t<Function> own(std::forward<Function>(function));
        return ::new (static_cast<void*>(typename New::Memory().allocate(1))) New(std::move(own));
    }

    // The stay of a runner. Should a function throw, what waits is posted.
    class Turn {
    public:
        Turn(State& state, bool may_complete) noexcept;
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn();
        /// Does what waits, leaves, and ends the call that is due.
        void finish();

    private:
        friend class State;
        friend class Strand;
        void do_for_others();

        State& state_;
        const bool may_complete_;
        bool inside_ = true;
        std::shared_ptr<State> keep_;
        std::unique_ptr<detail::PendingCall> call_;
        std::error_code ec_;
    };

    Strand(std::shared_ptr<State> state, bool posts) noexcept
        : state_(std::move(state)), posts_(posts) {}
    [[nodiscard]] static std::shared_ptr<State> state_of(const asio::any_io_executor& inner);
    [[nodiscard]] static bool enter(State& state) noexcept;
    [[nodiscard]] static bool here(const State& state) noexcept;
    // True: nobody was inside; the caller is now, with that to do.
    [[nodiscard]] static bool push(State& state, Work* work) noexcept;
    // Hands the stay of a caller that is inside to inner().
    static void bring(State& state, bool later);

    // A tracked strand's pointer shares an owner that also holds work for inner().
    std::shared_ptr<State> state_;
    bool posts_ = false;
};

}  // namespace kafka::io
