// SPDX-License-Identifier: Apache-2.0
// What calls and handlers need of an event loop, apart from their types.
#include <typeinfo>

#include <asio/execution.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/recycling_allocator.hpp>
#include <asio/require.hpp>

#include <kafka/detail/pending_call.hpp>

namespace kafka::detail {
namespace {

namespace execution = asio::execution;

using Loop = asio::io_context::executor_type;
using TrackedLoop =
    decltype(asio::require(std::declval<Loop>(), execution::outstanding_work.tracked));

// target<T>() alone does not look at the type in Asio 1.22.
template <class Executor>
const Executor* as(const asio::any_io_executor& executor) noexcept {
    return executor.target_type() == typeid(Executor) ? executor.target<Executor>() : nullptr;
}

struct Ending {
    std::unique_ptr<PendingCall> call;
    std::error_code ec;

    void operator()() { PendingCall::run(std::move(call), ec); }
};

}  // namespace

asio::any_io_executor tracked(const asio::any_io_executor& executor) {
    if (const auto* loop = as<Loop>(executor))
        return asio::require(*loop, execution::outstanding_work.tracked);
    if (as<TrackedLoop>(executor)) return executor;
    return asio::prefer(executor, execution::outstanding_work.tracked);
}

bool is_here(const asio::any_io_executor& executor) noexcept {
    if (const auto* loop = as<TrackedLoop>(executor)) return loop->running_in_this_thread();
    return false;
}

PendingCall::~PendingCall() = default;

void* PendingCall::operator new(std::size_t size) {
    return asio::recycling_allocator<std::max_align_t>().allocate(
        (size + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t));
}

void PendingCall::operator delete(void* at, std::size_t size) noexcept {
    asio::recycling_allocator<std::max_align_t>().deallocate(
        static_cast<std::max_align_t*>(at),
        (size + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t));
}

void PendingCall::post_self(std::unique_ptr<PendingCall>, const std::error_code& ec) {
    complete(ec);
}

void PendingCall::run_self(std::unique_ptr<PendingCall>, const std::error_code& ec) {
    complete(ec);
}

void PendingCall::post_on(const asio::any_io_executor& executor, std::unique_ptr<PendingCall> call,
                          const std::error_code& ec) {
    if (const auto* loop = as<TrackedLoop>(executor)) {
        // Posted it is work by itself.
        asio::post(asio::require(*loop, execution::outstanding_work.untracked),
                   Ending{std::move(call), ec});
    } else {
        // The call owns the executor.
        const auto posting = asio::require(executor, execution::blocking.never);
        posting.execute(Ending{std::move(call), ec});
    }
}

}  // namespace kafka::detail
