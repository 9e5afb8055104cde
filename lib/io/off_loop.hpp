// SPDX-License-Identifier: Apache-2.0
// OffLoop: what happens outside the event loop and comes back to it. Blocking work on another
// executor, and answers of user code from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include <asio/any_io_executor.hpp>
#include <asio/execution_context.hpp>
#include <asio/thread_pool.hpp>

#include "io/executor.hpp"

namespace kafka::io {

/// A service of an execution context. Whatever is under way when that is destroyed is forgotten:
/// user threads may hold on to a Return for longer than the context lives.
class OffLoop final : public asio::execution_context::service {
    struct Shared;

public:
    using key_type = OffLoop;
    static asio::execution_context::id id;

    /// The way back. Copyable; its functions may be called from any thread, at any time. Empty
    /// when default-constructed.
    class Return {
    public:
        Return() = default;
        /// Has the continuation run on its strand, soon. Does nothing the second time, or after
        /// forget(), or when the context is gone.
        void operator()() const;
        /// Destroys the continuation, and no longer keeps the event loop running for it.
        void forget();

    private:
        friend class OffLoop;
        std::shared_ptr<Shared> shared_;
        std::uint64_t number_ = 0;
    };

    explicit OffLoop(asio::execution_context& context);
    ~OffLoop() override;

    /// Promises that `then` will run on the strand; the event loop has work until it has run.
    [[nodiscard]] Return expect(const Strand& strand, std::function<void()> then);
    /// Runs `work`, which must not throw and must not own I/O objects, on `where` (empty: on a
    /// thread of this service), then returns. False: there is no thread to be had.
    [[nodiscard]] bool run(const asio::any_io_executor& where, std::function<void()> work,
                           const Return& then);

private:
    void shutdown() override;

    std::shared_ptr<Shared> shared_;
    std::mutex mutex_;
    std::unique_ptr<asio::thread_pool> thread_;
};

}  // namespace kafka::io
