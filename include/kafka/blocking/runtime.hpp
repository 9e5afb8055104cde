// SPDX-License-Identifier: Apache-2.0
// Runtime: the one thread behind blocking objects.
#pragma once

#include <memory>

#include <kafka/export.hpp>

namespace kafka::blocking {

/// A handle to an event loop with a thread of its own. Copies share it; objects made with it keep
/// it. The thread starts with the first handle and ends with the last. Thread-safe.
class KAFKA_API Runtime {
public:
    Runtime();
    Runtime(const Runtime&) noexcept;
    Runtime& operator=(const Runtime&) noexcept;
    ~Runtime();

    /// True on the runtime's thread, where log sinks run: blocking calls are refused there with
    /// errc::blocking_misuse.
    [[nodiscard]] bool on_own_thread() const noexcept;

    struct KAFKA_LOCAL Impl;
    /// For the library's own use.
    [[nodiscard]] Impl& impl() const noexcept { return *impl_; }

private:
    std::shared_ptr<Impl> impl_;
};

}  // namespace kafka::blocking
