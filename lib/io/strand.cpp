// SPDX-License-Identifier: Apache-2.0
#include "io/strand.hpp"

#include <atomic>
#include <exception>
#include <optional>
#include <typeinfo>

#include <asio/dispatch.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/query.hpp>
#include <asio/strand.hpp>

namespace kafka::io {
namespace {

// What one stay does for others: a thread that calls in must get on with its own.
constexpr int most_of_others = 64;

template <class Executor>
bool is_running(const asio::any_io_executor& executor) noexcept {
    return executor.target_type() == typeid(Executor) &&
           executor.target<Executor>()->running_in_this_thread();
}

}  // namespace

// Somebody is inside while top_ is not null. What others bring is a stack, newest first, that ends
// with bottom_; the runner takes it as a whole and turns it round.
class Strand::State : public std::enable_shared_from_this<State> {
public:
    explicit State(const asio::any_io_executor& executor) : inner(executor) {
        if (executor.target_type() == typeid(asio::io_context::executor_type))
            loop.emplace(*executor.target<asio::io_context::executor_type>());
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    [[nodiscard]] bool here() const noexcept {
        if (loop) return loop->running_in_this_thread();
        return is_running<asio::strand<asio::any_io_executor>>(inner) ||
               is_running<asio::strand<asio::io_context::executor_type>>(inner);
    }
    [[nodiscard]] bool enter() noexcept {
        Work* nobody = nullptr;
        return top_.compare_exchange_strong(nobody, &bottom_, std::memory_order_acquire,
                                            std::memory_order_relaxed);
    }
    [[nodiscard]] bool push(Work* work) noexcept {
        auto* top = top_.load(std::memory_order_relaxed);
        do {
            work->next = top ? top : &bottom_;
        } while (!top_.compare_exchange_weak(top, work, std::memory_order_acq_rel,
                                             std::memory_order_relaxed));
        return top == nullptr;
    }

    // From inside.
    [[nodiscard]] Work* next() noexcept {
        if (!left_) {
            auto* top = top_.exchange(&bottom_, std::memory_order_acquire);
            while (top != &bottom_) {
                auto* below = top->next;
                top->next = left_;
                left_ = top;
                top = below;
            }
        }
        auto* work = left_;
        if (work) left_ = work->next;
        return work;
    }
    // False: there is more to do.
    [[nodiscard]] bool leave() noexcept {
        if (left_) return false;
        auto* turn = std::exchange(turn_, nullptr);
        auto* nothing = &bottom_;
        if (top_.compare_exchange_strong(nothing, nullptr, std::memory_order_release,
                                         std::memory_order_relaxed))
            return true;
        turn_ = turn;
        return false;
    }
    void drop() noexcept {
        while (!leave())
            while (auto* work = next())
                work->end(work, false);
    }

    const asio::any_io_executor inner;
    std::optional<asio::io_context::executor_type> loop;  // inner, where it is one
    Turn* turn_ = nullptr;

private:
    std::atomic<Work*> top_{nullptr};
    Work bottom_;
    Work* left_ = nullptr;  // taken and not begun
};

namespace {

// A stay that goes on later. One that is destroyed instead went with the event loop.
template <class State, class Turn>
struct Stay {
    std::shared_ptr<State> state;
    bool may_complete;

    Stay(std::shared_ptr<State> s, bool may) noexcept : state(std::move(s)), may_complete(may) {}
    Stay(Stay&&) noexcept = default;
    Stay& operator=(Stay&&) = delete;
    ~Stay() {
        if (state) state->drop();
    }
    void operator()() {
        const auto own = std::move(state);
        Turn(*own, may_complete).finish();
    }
};

}  // namespace

std::shared_ptr<Strand::State> Strand::state_of(const asio::any_io_executor& inner) {
    return std::make_shared<State>(inner);
}

const asio::any_io_executor& Strand::inner() const noexcept {
    return state_->inner;
}

bool Strand::enter(State& state) noexcept {
    return state.enter();
}

bool Strand::here(const State& state) noexcept {
    return state.here();
}

bool Strand::push(State& state, Work* work) noexcept {
    return state.push(work);
}

void Strand::bring(State& state, bool later) {
    Stay<State, Turn> stay(state.shared_from_this(), later);
    // Dispatched, it may run inside a function that starts an operation.
    if (later)
        asio::post(state.inner, std::move(stay));
    else
        asio::dispatch(state.inner, std::move(stay));
}

void Strand::complete(std::unique_ptr<detail::PendingCall> call, const std::error_code& ec) const {
    auto* turn = state_->turn_;
    if (turn && turn->may_complete_ && !turn->call_ && call->runs_here()) {
        turn->call_ = std::move(call);
        turn->ec_ = ec;
    } else {
        detail::PendingCall::post(std::move(call), ec);
    }
}

asio::execution_context& Strand::query(asio::execution::context_t) const noexcept {
    return asio::query(state_->inner, asio::execution::context);
}

Strand Strand::require(asio::execution::outstanding_work_t::tracked_t) const {
    struct Tracked {
        std::shared_ptr<State> state;
        asio::any_io_executor work;
    };
    const auto tracked = std::allocate_shared<Tracked>(
        asio::recycling_allocator<Tracked>(),
        Tracked{state_->shared_from_this(),
                asio::prefer(state_->inner, asio::execution::outstanding_work.tracked)});
    return {std::shared_ptr<State>(tracked, tracked->state.get()), posts_};
}

Strand Strand::require(asio::execution::outstanding_work_t::untracked_t) const {
    return {state_->shared_from_this(), posts_};
}

Strand::Turn::Turn(State& state, bool may_complete) noexcept
    : state_(state), may_complete_(may_complete) {
    state_.turn_ = this;
}

void Strand::Turn::finish() {
    if (!state_.leave()) do_for_others();
    inside_ = false;
    if (call_) detail::PendingCall::run(std::move(call_), ec_);
}

void Strand::Turn::do_for_others() {
    keep_ = state_.shared_from_this();  // any of them may hold the strand's last owner
    int done = 0;
    do {
        if (done++ == most_of_others) {
            inside_ = false;
            state_.turn_ = nullptr;
            return bring(state_, true);
        }
        if (auto* work = state_.next()) work->end(work, true);
    } while (!state_.leave());
}

Strand::Turn::~Turn() {
    try {
        if (inside_) {
            state_.turn_ = nullptr;
            bring(state_, true);
        }
        if (call_) detail::PendingCall::post(std::move(call_), ec_);
    } catch (const std::exception&) {  // no memory: what waits was destroyed
    }
}

}  // namespace kafka::io
