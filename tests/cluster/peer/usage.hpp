// SPDX-License-Identifier: Apache-2.0
// What this process holds: descriptors, threads, memory, and the time it took.
#pragma once

#include <cstddef>
#include <cstdint>

#include "json_line.hpp"

namespace kafka::peer {

struct Usage {
    std::size_t descriptors = 0;
    std::size_t threads = 0;
    std::size_t heap = 0;      ///< bytes that are allocated
    std::size_t resident = 0;  ///< bytes of memory in use (VmRSS)
    std::int64_t cpu = 0;      ///< milliseconds of processors' time since the start

    [[nodiscard]] static Usage now();
    [[nodiscard]] JsonLine line() const;
};

}  // namespace kafka::peer
