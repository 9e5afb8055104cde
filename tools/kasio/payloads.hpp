// SPDX-License-Identifier: Apache-2.0
// Values and keys for a measurement.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exit_status.hpp"

namespace kasio {

/// Chance that is quick and the same in each run.
class QuickChance {
public:
    /// Below `bound`, which is not 0.
    std::uint64_t below(std::uint64_t bound) noexcept {
        state_ ^= state_ << 13U;
        state_ ^= state_ >> 7U;
        state_ ^= state_ << 17U;
        return state_ % bound;
    }

private:
    std::uint64_t state_ = 0x9e3779b97f4a7c15;
};

/// Values to send. Not thread-safe.
class Payloads {
public:
    /// Capital letters by chance, `size` of them: pieces of one text, which start anywhere, so that
    /// values differ and making them costs nothing.
    static Payloads of_size(std::size_t size);
    /// What stands between the delimiters of a file, in any order, again and again. Failures:
    /// files; bad_data where there is nothing in it, or something longer than `most_bytes`.
    static Problem of_file(const std::string& path, const std::string& delimiter,
                           std::size_t most_bytes, Payloads& payloads);

    /// Valid as long as this lives.
    [[nodiscard]] std::string_view next() noexcept;

private:
    static constexpr std::size_t spread = 64 * 1024;

    std::string text_;
    std::size_t size_ = 0;
    std::vector<std::string> lines_;
    QuickChance chance_;
};

/// Keys "0" to "N-1", each as likely as the others; none with N = 0. Not thread-safe.
class Keys {
public:
    explicit Keys(std::uint64_t count) : count_(count) {}
    [[nodiscard]] bool any() const noexcept { return count_ > 0; }
    /// Valid until the next call.
    [[nodiscard]] std::string_view next() noexcept;

private:
    std::uint64_t count_;
    QuickChance chance_;
    char text_[24] = {};
};

}  // namespace kasio
