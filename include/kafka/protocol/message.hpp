// SPDX-License-Identifier: Apache-2.0
// What every protocol message can do: encode, decode, print, compare. Messages are plain structs;
// the work is done once, over a constant table that stands beside each.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>

#include <kafka/error.hpp>
#include <kafka/export.hpp>
#include <kafka/protocol/gather.hpp>
#include <kafka/protocol/types.hpp>
#include <kafka/result.hpp>

namespace kafka::protocol {

/// Versions of a message, both ends included. Empty when max < min.
struct VersionRange {
    std::int16_t min = 0;
    std::int16_t max = -1;

    [[nodiscard]] constexpr bool empty() const noexcept { return max < min; }
    [[nodiscard]] constexpr bool contains(int version) const noexcept {
        return min <= version && version <= max;
    }
    /// The versions in both; empty if there are none.
    [[nodiscard]] constexpr VersionRange intersect(VersionRange other) const noexcept {
        return {min > other.min ? min : other.min, max < other.max ? max : other.max};
    }
    friend constexpr bool operator==(VersionRange, VersionRange) = default;
};

enum class MessageKind : std::uint8_t {
    request,
    response,
    header,  ///< of a request or response
    data,    ///< inside other messages: the consumer protocol, control records
};

/// Which listeners serve an API (bits).
enum class Listener : std::uint8_t { none = 0, broker = 1, controller = 2, both = 3 };

struct StructTable;  // the rows; see protocol/table.hpp

/// What is known of a message type. One constant a message, as `T::info`.
struct MessageInfo {
    const char* name;      ///< "MetadataRequest", as Apache spells it
    const char* api;       ///< "Metadata"; the same as name for headers and data
    std::int16_t api_key;  ///< -1 for headers and data
    MessageKind kind;
    VersionRange versions;        ///< every valid version, an unstable newest one included
    std::int16_t first_flexible;  ///< compact lengths and tagged fields from here (KIP-482)
    bool latest_unstable;         ///< the newest version is not final: not negotiated unasked
    Listener listeners;
    const StructTable* table;

    [[nodiscard]] constexpr bool flexible(int version) const noexcept {
        return version >= first_flexible;
    }
    /// The versions that are final.
    [[nodiscard]] constexpr VersionRange stable() const noexcept {
        return {versions.min, static_cast<std::int16_t>(versions.max - (latest_unstable ? 1 : 0))};
    }
};

template <class T>
concept Message = requires {
    { T::info } -> std::convertible_to<const MessageInfo&>;
};
/// A message that a client sends and that is answered by a `T::response_type`.
template <class T>
concept Request = Message<T> && Message<typename T::response_type>;

/// Bounds on what a decoder takes from a peer.
struct DecodeLimits {
    /// Elements of one array; more is limit_exceeded. Default 1,000,000, as Apache Kafka 4.4 has.
    std::size_t max_elements = 1'000'000;
    /// Tagged fields of one struct. Default 10,000, as Apache Kafka 4.4 has.
    std::size_t max_tags = 10'000;
    /// Bytes of memory for the decoded message; 0 means 16 x the input + 1 MiB, at most 256 MiB.
    std::size_t max_memory = 0;
};

// The same for all messages, by table. `message` points to an object of info's type.

/// Appends the message to `out`. Errors: unsupported_version, not_in_version (a field holds
/// something that this version cannot carry and must not lose), invalid_argument (null where
/// null is not allowed, a length beyond the format's range); the detail names the field. On
/// failure `out` holds a part of the message.
[[nodiscard]] KAFKA_API Failure encode(const MessageInfo& info, const void* message, int version,
                                       Gather& out);
/// Decodes the start of `in` into `message`, which must be fresh. Record data stays where it is:
/// the message's slices share the owner of `in`. `used` receives the number of bytes read.
/// Errors: unsupported_version, malformed_message, limit_exceeded; the detail is
/// "CAUSE at PATH @ OFFSET/SIZE, API vN".
[[nodiscard]] KAFKA_API Failure decode(const MessageInfo& info, void* message, int version,
                                       const Slice& in, const DecodeLimits& limits,
                                       std::size_t& used);
/// One line for logs: field names and values of that version, secrets as "****", record data and
/// bytes as their size, long texts and arrays cut.
[[nodiscard]] KAFKA_API std::string print(const MessageInfo& info, const void* message,
                                          int version);
/// Deep equality, unknown tags included.
[[nodiscard]] KAFKA_API bool equal(const MessageInfo& info, const void* a, const void* b);
/// Every field holds its default and there are no unknown tags.
[[nodiscard]] KAFKA_API bool is_default(const MessageInfo& info, const void* message);
/// The message's schema, a line a field: what tools/check_schema.py compares with Apache's.
[[nodiscard]] KAFKA_API std::string describe(const MessageInfo& info);

template <Message M>
[[nodiscard]] Failure encode(const M& message, int version, Gather& out) {
    return encode(M::info, &message, version, out);
}
/// The message as one buffer.
template <Message M>
[[nodiscard]] Result<ByteBuffer> encode(const M& message, int version) {
    Gather out;
    if (auto failure = encode(M::info, &message, version, out)) return failure;
    return out.flat();
}
/// Decodes the whole of `in`; bytes left over are the error malformed_message.
template <Message M>
[[nodiscard]] Failure decode(M& message, int version, const Slice& in,
                             const DecodeLimits& limits = {}) {
    return decode_all(M::info, &message, version, in, limits);
}
[[nodiscard]] KAFKA_API Failure decode_all(const MessageInfo& info, void* message, int version,
                                           const Slice& in, const DecodeLimits& limits);
template <Message M>
[[nodiscard]] std::string print(const M& message, int version = M::info.versions.max) {
    return print(M::info, &message, version);
}
template <Message M>
[[nodiscard]] bool equal(const M& a, const M& b) {
    return equal(M::info, &a, &b);
}

}  // namespace kafka::protocol
