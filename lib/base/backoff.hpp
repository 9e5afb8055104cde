// SPDX-License-Identifier: Apache-2.0
// Backoff: how long to wait before the next try (KIP-580). No clock, no random source: both are
// the caller's, so that a core which waits stays deterministic.
#pragma once

#include <chrono>

namespace kafka {

/// Exponential waits with jitter. A plain value; the count of failures is kept by the caller.
struct Backoff {
    using Duration = std::chrono::nanoseconds;

    Duration base = std::chrono::milliseconds(100);  ///< before the first retry, default 100 ms
    Duration max = std::chrono::seconds(1);          ///< never more than this, default 1 s
    double factor = 2;    ///< from one wait to the next, at least 1, default 2
    double jitter = 0.2;  ///< how far a wait strays to both sides, 0 to 1, default 0.2 (20 %)

    /// The wait after `failures` failures in a row (1 for the first; 0 gives no wait). `random`
    /// lies in [0, 1) and spreads the wait evenly over [w - jitter*w, min(w + jitter*w, max)] with
    /// w = min(max, base * factor^(failures - 1)): clients at the cap do not end up in step, as
    /// they would if what exceeds the cap were cut to it. Values outside their ranges are clamped.
    [[nodiscard]] Duration delay(unsigned failures, double random) const noexcept;
};

}  // namespace kafka
