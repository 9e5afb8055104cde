// SPDX-License-Identifier: Apache-2.0
// any_handler<void(Args...)>: a completion handler of any type behind one pointer, so that the
// body of an operation can live in a source file. It carries the handler's executor, allocator and
// cancellation slot. (Asio has one of its own from 1.26 only.)
#pragma once

#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/associated_allocator.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/query.hpp>
#include <asio/recycling_allocator.hpp>
#include <asio/require.hpp>

#include <kafka/export.hpp>

namespace kafka::detail {

// An executor that names no execution context (use_future's), lent the one of the I/O object:
// any_io_executor takes nothing without. Converting between any_executor types instead would box
// the executor on the heap.
template <class Executor>
struct ExecutorWithContext {
    Executor inner;
    asio::execution_context* owner;

    asio::execution_context& query(asio::execution::context_t) const noexcept { return *owner; }
    static constexpr asio::execution::blocking_t query(asio::execution::blocking_t) noexcept {
        return asio::execution::blocking.never;
    }
    ExecutorWithContext require(asio::execution::blocking_t::never_t) const noexcept {
        return *this;
    }
    template <class Function>
    void execute(Function&& function) const {
        inner.execute(std::forward<Function>(function));
    }
    friend bool operator==(const ExecutorWithContext& a, const ExecutorWithContext& b) noexcept {
        return a.inner == b.inner;
    }
    friend bool operator!=(const ExecutorWithContext& a, const ExecutorWithContext& b) noexcept {
        return !(a == b);
    }
};

template <class Executor>
asio::any_io_executor as_io_executor(const Executor& executor, const asio::any_io_executor& io) {
    if constexpr (std::is_convertible_v<Executor, asio::any_io_executor>) {
        return executor;
    } else {
        auto posting = asio::require(executor, asio::execution::blocking.never);
        return ExecutorWithContext<decltype(posting)>{posting,
                                                      &asio::query(io, asio::execution::context)};
    }
}

/// `executor`, such that it keeps its context running. Knows the usual ones, which is cheaper than
/// to ask for a property through the erasure.
[[nodiscard]] KAFKA_API asio::any_io_executor tracked(const asio::any_io_executor& executor);
/// A function that is dispatched to `executor` would run at once: this thread runs it. False where
/// it cannot be known cheaply.
[[nodiscard]] KAFKA_API bool is_here(const asio::any_io_executor& executor) noexcept;

// Stands for an executor, to see whether a handler has one of its own.
struct NoExecutor {
    template <class Function>
    void execute(Function&&) const {}
    friend bool operator==(const NoExecutor&, const NoExecutor&) noexcept { return true; }
    friend bool operator!=(const NoExecutor&, const NoExecutor&) noexcept { return false; }
};

// What a handler's node has whatever its signature.
struct HandlerNode {
    asio::any_io_executor executor;  // tracked: it keeps the handler's context running
    asio::cancellation_slot slot;
    void* (*allocate)(const HandlerNode*, std::size_t);
    void (*deallocate)(const HandlerNode*, void*, std::size_t);
    void (*destroy)(HandlerNode*) noexcept;
};

/// The handler's own allocator, erased. Valid as long as the any_handler that gave it.
template <class T>
class HandlerAllocator {
public:
    using value_type = T;

    explicit HandlerAllocator(const HandlerNode* node) noexcept : node_(node) {}
    template <class U>
    HandlerAllocator(const HandlerAllocator<U>& other) noexcept : node_(other.node()) {}

    T* allocate(std::size_t n) { return static_cast<T*>(node_->allocate(node_, n * sizeof(T))); }
    void deallocate(T* at, std::size_t n) { node_->deallocate(node_, at, n * sizeof(T)); }
    [[nodiscard]] const HandlerNode* node() const noexcept { return node_; }
    template <class U>
    bool operator==(const HandlerAllocator<U>& other) const noexcept {
        return node_ == other.node();
    }

private:
    const HandlerNode* node_;
};
template <>
class HandlerAllocator<void> {
public:
    using value_type = void;

    explicit HandlerAllocator(const HandlerNode* node) noexcept : node_(node) {}
    template <class U>
    HandlerAllocator(const HandlerAllocator<U>& other) noexcept : node_(other.node()) {}
    [[nodiscard]] const HandlerNode* node() const noexcept { return node_; }
    template <class U>
    bool operator==(const HandlerAllocator<U>& other) const noexcept {
        return node_ == other.node();
    }

private:
    const HandlerNode* node_;
};

// The handler's allocator for bytes. One that has none of its own gets Asio's per-thread cache.
template <class Handler>
auto byte_allocator_of(const Handler& handler) noexcept {
    auto own = asio::get_associated_allocator(handler);
    using Bytes = typename std::allocator_traits<decltype(own)>::template rebind_alloc<char>;
    if constexpr (std::is_same_v<Bytes, std::allocator<char>>) {
        return asio::recycling_allocator<char>();
    } else {
        return Bytes(own);
    }
}

/// An object that takes the handler in, in memory from the handler's allocator. It gives that back
/// itself.
template <class T, class Handler>
T* make_with(Handler&& handler) {
    using Bytes = decltype(byte_allocator_of(handler));
    using Allocator = typename std::allocator_traits<Bytes>::template rebind_alloc<T>;
    struct Memory {  // given back if the handler's move throws
        Allocator allocator;
        T* at;
        ~Memory() {
            if (at) allocator.deallocate(at, 1);
        }
    } memory{Allocator(byte_allocator_of(handler)), nullptr};
    memory.at = memory.allocator.allocate(1);
    auto* made = ::new (static_cast<void*>(memory.at)) T(std::forward<Handler>(handler));
    memory.at = nullptr;
    return made;
}

/// The handler's executor, or `io` where it has none; it keeps its context running.
template <class Handler>
asio::any_io_executor tracked_executor_of(const Handler& handler, const asio::any_io_executor& io) {
    if constexpr (std::is_same_v<asio::associated_executor_t<Handler, NoExecutor>, NoExecutor>)
        return tracked(io);
    else
        return tracked(as_io_executor(asio::get_associated_executor(handler, io), io));
}

template <class Signature>
class any_handler;

/// Move-only. Empty when default-constructed or moved from. Invoke or post it once at most; one
/// that is destroyed instead destroys the handler without calling it.
template <class... Args>
class any_handler<void(Args...)> {
public:
    using executor_type = asio::any_io_executor;
    using cancellation_slot_type = asio::cancellation_slot;
    using allocator_type = HandlerAllocator<void>;

    any_handler() = default;
    /// `io` is the executor of the I/O object: the handler's own, where it has none.
    template <class Handler>
    any_handler(Handler&& handler, const asio::any_io_executor& io)
        : node_(make(std::forward<Handler>(handler), io)) {}
    any_handler(any_handler&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
    any_handler& operator=(any_handler&& other) noexcept {
        std::swap(node_, other.node_);
        return *this;
    }
    ~any_handler() {
        if (node_) node_->destroy(node_);
    }

    explicit operator bool() const noexcept { return node_ != nullptr; }
    executor_type get_executor() const noexcept { return node_->executor; }
    [[nodiscard]] const executor_type& inner_executor() const noexcept { return node_->executor; }
    cancellation_slot_type get_cancellation_slot() const noexcept { return node_->slot; }
    allocator_type get_allocator() const noexcept { return allocator_type(node_); }

    /// Frees the handler's memory, then calls it, here and now.
    void operator()(Args... args) {
        auto* node = std::exchange(node_, nullptr);
        node->invoke(node, std::move(args)...);
    }

    /// Ends an operation, on the handler's executor: clears the cancellation slot, so that a late
    /// signal finds nothing, and calls.
    void run(Args... args) && {
        if (auto slot = get_cancellation_slot(); slot.is_connected()) slot.clear();
        (*this)(std::move(args)...);
    }
    /// Has the same done on the handler's executor, never inside this function.
    void post(Args... args) && {
        auto executor = asio::require(node_->executor, asio::execution::blocking.never);
        executor.execute(
            Posted{std::move(*this), std::tuple<std::decay_t<Args>...>(std::move(args)...)});
    }

private:
    struct Node : HandlerNode {
        void (*invoke)(Node*, Args&&...);
    };

    struct Posted {
        any_handler handler;
        std::tuple<std::decay_t<Args>...> args;

        void operator()() {
            std::apply([this](auto&... arg) { std::move(handler).run(std::move(arg)...); }, args);
        }
    };

    template <class Handler>
    struct NodeFor final : Node {
        using Bytes = decltype(byte_allocator_of(std::declval<const Handler&>()));
        using Allocator = typename std::allocator_traits<Bytes>::template rebind_alloc<NodeFor>;

        template <class H>
        explicit NodeFor(H&& h) : handler(std::forward<H>(h)) {}

        Handler handler;

        static void call(Node* base, Args&&... args) {
            auto* self = static_cast<NodeFor*>(base);
            auto tracked = std::move(self->executor);  // until the handler has run
            Handler own(std::move(self->handler));
            free(self);
            std::move(own)(std::move(args)...);
        }
        static void drop(HandlerNode* base) noexcept { free(static_cast<NodeFor*>(base)); }
        static void free(NodeFor* self) noexcept {
            Allocator allocator(byte_allocator_of(self->handler));
            self->~NodeFor();
            allocator.deallocate(self, 1);
        }
        static void* give(const HandlerNode* base, std::size_t n) {
            return byte_allocator_of(static_cast<const NodeFor*>(base)->handler).allocate(n);
        }
        static void take(const HandlerNode* base, void* at, std::size_t n) {
            byte_allocator_of(static_cast<const NodeFor*>(base)->handler)
                .deallocate(static_cast<char*>(at), n);
        }
    };

    template <class H>
    static Node* make(H&& h, const asio::any_io_executor& io) {
        using New = NodeFor<std::decay_t<H>>;
        auto* node = make_with<New>(std::forward<H>(h));
        node->allocate = &New::give;
        node->deallocate = &New::take;
        node->destroy = &New::drop;
        node->invoke = &New::call;
        any_handler owner(node);  // destroys the node if what follows throws
        node->slot = asio::get_associated_cancellation_slot(node->handler);
        node->executor = tracked_executor_of(node->handler, io);
        return std::exchange(owner.node_, nullptr);
    }

    explicit any_handler(Node* node) noexcept : node_(node) {}

    Node* node_ = nullptr;
};

}  // namespace kafka::detail
