// SPDX-License-Identifier: Apache-2.0
// Secret: bytes that must not be seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/slice.hpp>

namespace kafka {

/// Overwrites memory with zeros, in a way that the compiler does not leave out.
KAFKA_API void wipe(void* memory, std::size_t size) noexcept;

namespace detail {

/// Overwrites what it frees, so that growing leaves no copy behind.
template <class T>
struct WipingAllocator {
    using value_type = T;
    WipingAllocator() = default;
    template <class U>
    WipingAllocator(const WipingAllocator<U>&) noexcept {}
    T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
    void deallocate(T* memory, std::size_t count) noexcept {
        wipe(memory, count * sizeof(T));
        std::allocator<T>().deallocate(memory, count);
    }
    friend bool operator==(const WipingAllocator&, const WipingAllocator&) noexcept { return true; }
};

}  // namespace detail

/// Bytes that must not be seen: a password, a token, a key. Prints as "****" wherever this library
/// prints it, has no stream operator, and is overwritten when it goes. Copies are secrets too. Not
/// thread-safe; a plain value.
class KAFKA_API Secret {
public:
    Secret() = default;
    explicit Secret(std::span<const std::uint8_t> bytes);
    explicit Secret(std::string_view text) : Secret(as_bytes(text)) {}

    /// The secret itself. Do not log it.
    [[nodiscard]] std::span<const std::uint8_t> reveal() const noexcept { return bytes_; }
    /// The same as text.
    [[nodiscard]] std::string_view reveal_text() const noexcept { return as_text(bytes_); }
    [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

    Secret& append(std::span<const std::uint8_t> bytes);
    Secret& append(std::string_view text) { return append(as_bytes(text)); }
    Secret& append(char c) {
        bytes_.push_back(static_cast<std::uint8_t>(c));
        return *this;
    }

    /// Compares in time that depends on the lengths only.
    KAFKA_API friend bool operator==(const Secret& a, const Secret& b) noexcept;

private:
    std::vector<std::uint8_t, detail::WipingAllocator<std::uint8_t>> bytes_;
};

/// "****" for every secret, also for an empty one.
[[nodiscard]] KAFKA_API std::string to_string(const Secret& secret);

}  // namespace kafka
