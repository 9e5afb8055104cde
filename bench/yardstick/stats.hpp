// SPDX-License-Identifier: Apache-2.0
// What came in and went out, counted by all connections at once.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace yardstick {

class Verifier;

class Stats {
public:
    /// A Produce or Fetch request: the measured time goes from the first to the last.
    void hot_request();
    void request(std::int16_t api, std::int16_t version);
    void error(std::string sentence);

    std::atomic<std::uint64_t> connections{0}, batches{0}, records{0}, bytes{0};
    std::atomic<std::uint64_t> records_fetched{0}, bytes_fetched{0};

    /// The line that the program ends with.
    [[nodiscard]] std::string json(const Verifier* verifier) const;

private:
    static constexpr std::size_t most_apis = 128, most_versions = 32, most_errors = 10;

    std::array<std::array<std::atomic<std::uint64_t>, most_versions>, most_apis> requests_{};
    std::atomic<std::int64_t> first_ns_{0}, last_ns_{0};
    std::atomic<std::int64_t> cpu_at_first_ns_{0};
    mutable std::mutex mutex_;
    std::vector<std::string> errors_;
};

}  // namespace yardstick
