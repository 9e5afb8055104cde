// SPDX-License-Identifier: Apache-2.0
// The plain types that protocol messages are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/export.hpp>
#include <kafka/secret.hpp>
#include <kafka/slice.hpp>
#include <kafka/uuid.hpp>

namespace kafka::protocol {

/// The protocol's `bytes`: small opaque values, copied. Record data is a Slice instead.
using Bytes = std::vector<std::uint8_t>;

using kafka::Secret;

/// A tagged field that this library does not know (KIP-482).
struct RawTag {
    std::uint32_t tag = 0;
    Bytes data;
    friend bool operator==(const RawTag&, const RawTag&) = default;
};

/// The unknown tagged fields of a struct, ascending by tag, kept so that encoding writes them
/// again. One pointer that is almost always null.
class KAFKA_API UnknownTags {
public:
    UnknownTags() = default;
    UnknownTags(const UnknownTags& other) : tags_(other.tags_ ? copy(other.tags_) : nullptr) {}
    UnknownTags(UnknownTags&& other) noexcept : tags_(std::exchange(other.tags_, nullptr)) {}
    UnknownTags& operator=(UnknownTags other) noexcept {
        std::swap(tags_, other.tags_);
        return *this;
    }
    ~UnknownTags() {
        if (tags_) destroy(tags_);
    }

    [[nodiscard]] bool empty() const noexcept { return tags_ == nullptr; }
    [[nodiscard]] std::span<const RawTag> all() const noexcept;
    /// Adds one. Tags must come in ascending order; one that does not is put in its place.
    void add(std::uint32_t tag, std::span<const std::uint8_t> data);
    friend bool operator==(const UnknownTags& a, const UnknownTags& b) noexcept {
        return a.same_as(b);
    }

private:
    static std::vector<RawTag>* copy(const std::vector<RawTag>* from);
    static void destroy(std::vector<RawTag>* tags) noexcept;
    [[nodiscard]] bool same_as(const UnknownTags& other) const noexcept;

    std::vector<RawTag>* tags_ = nullptr;
};

}  // namespace kafka::protocol
