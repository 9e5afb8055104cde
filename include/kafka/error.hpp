// SPDX-License-Identifier: Apache-2.0
// Errors: what brokers answer (broker_errc), what the client finds itself (errc), and which of
// them are worth another try.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include <kafka/export.hpp>

namespace kafka {

/// Errors that this library finds itself. Category name "kafka".
enum class errc {
    // the connection
    connection_closed = 1,  ///< close() was called, or the object was destroyed
    connection_lost,        ///< the peer closed or reset the connection; retriable
    connect_timed_out,      ///< no connection within the set-up timeout; retriable
    request_timed_out,      ///< no answer in time; the request may have taken effect; retriable
    resolve_failed,         ///< the host name has no address; retriable
    not_connected,          ///< a call on a connection that was never opened
    already_connected,      ///< a second connect on an open connection
    too_many_in_flight,     ///< the bound on requests in flight or on their bytes is reached
    // what the peer sent
    frame_too_large,         ///< a frame above the limit; the connection is closed
    malformed_frame,         ///< a frame that cannot be one (negative or short length)
    not_kafka,               ///< the peer answers with TLS, HTTP or SSH instead of Kafka
    unexpected_correlation,  ///< an answer to a question that was not asked
    malformed_message,       ///< the bytes do not decode by the message's schema
    malformed_records,       ///< a record batch whose structure is wrong
    corrupt_records,         ///< a record batch whose checksum does not match
    decompression_failed,    ///< compressed records that do not decompress
    limit_exceeded,          ///< a count, size or budget above its limit
    unsupported_codec,       ///< a codec that is unknown or was not compiled in
    // what was asked for
    unsupported_api,      ///< the broker does not have this API
    unsupported_version,  ///< no version that both sides speak
    not_in_version,       ///< a field is set that the negotiated version cannot carry
    invalid_argument,     ///< a value outside its range; the detail names it
    compression_failed,   ///< the codec's library refused to compress
    blocking_misuse,      ///< a blocking call on the thread that would have to complete it
    // authentication
    sasl_authentication_failed,  ///< one side did not believe the other; the detail says why
    sasl_mechanism_unsupported,  ///< the broker does not offer it, or it was not compiled in
    // TLS
    tls_failed,                   ///< no encrypted connection came about; the detail says why
    certificate_rejected,         ///< this side does not accept the broker's certificate
    client_certificate_rejected,  ///< the broker does not accept ours, or wants one
    tls_unsupported,              ///< TLS was not compiled in
    // writing
    delivery_timed_out,  ///< not written in time, and certainly not stored
    outcome_unknown,     ///< it was sent, and whether it took effect was never learnt
    buffer_full,         ///< the writer's buffers hold as much as they may
    topic_not_ready,     ///< the partitions of the topic are not known yet
    // transactions
    no_transaction,      ///< none is open: begin one first
    transaction_failed,  ///< it cannot be committed, only aborted; the detail says why
    wrong_state,         ///< not possible now, such as a second begin; the detail says why
};

/// Every error code of Kafka 4.4's protocol (org.apache.kafka.common.protocol.Errors), by number.
/// Category name "kafka.broker".
enum class broker_errc : std::int16_t;

KAFKA_API const std::error_category& client_category() noexcept;
KAFKA_API const std::error_category& broker_category() noexcept;

inline std::error_code make_error_code(errc e) noexcept {
    return {static_cast<int>(e), client_category()};
}
inline std::error_code make_error_code(broker_errc e) noexcept {
    return {static_cast<int>(e), broker_category()};
}
/// The error of a response's `errorCode` field; 0 gives "no error". Codes that are not known
/// (a newer broker's) keep their number.
[[nodiscard]] inline std::error_code broker_error(std::int16_t code) noexcept {
    return {code, broker_category()};
}

/// Kafka's own name of a broker error, such as "NOT_LEADER_OR_FOLLOWER"; "UNKNOWN(n)" is never
/// returned: numbers that have no name give an empty view.
[[nodiscard]] KAFKA_API std::string_view broker_error_name(std::int16_t code) noexcept;
/// One sentence on what a broker error means; empty for unknown numbers.
[[nodiscard]] KAFKA_API std::string_view broker_error_meaning(std::int16_t code) noexcept;

/// True if another try may succeed without a change by the caller: Kafka's RetriableException for
/// broker errors; lost connections and time-outs for the client's own and the system's.
[[nodiscard]] KAFKA_API bool is_retriable(const std::error_code& ec) noexcept;
/// True if the error says that metadata is out of date (Kafka's InvalidMetadataException): refresh
/// before the next try.
[[nodiscard]] KAFKA_API bool is_stale_metadata(const std::error_code& ec) noexcept;

/// True if the error is about who client and broker are, on either side's word: wrong credentials,
/// a mechanism that the broker does not offer, an expired session, a certificate that is not
/// accepted. Trying again with the same credentials does not help.
[[nodiscard]] KAFKA_API bool is_authentication_error(const std::error_code& ec) noexcept;

/// True if nothing that uses the same identity, credentials or address can go on: refused
/// authentication, a producer or member that another one has replaced, a missing permission on the
/// cluster or the transactional id, a peer that is another cluster or no broker. Somebody has to
/// repair the cause; then make the object anew. What merely fails one request is not fatal.
[[nodiscard]] KAFKA_API bool is_fatal(const std::error_code& ec) noexcept;

/// What to do about an error, for people: a sentence without capital and period. Never empty.
[[nodiscard]] KAFKA_API std::string_view error_advice(const std::error_code& ec) noexcept;

/// The same questions as conditions, to compare any error code with:
/// `if (ec == kafka::error_kind::retriable)`. Category name "kafka.kind".
enum class error_kind {
    retriable = 1,   ///< is_retriable()
    fatal,           ///< is_fatal()
    authentication,  ///< is_authentication_error()
};
KAFKA_API const std::error_category& kind_category() noexcept;
inline std::error_condition make_error_condition(error_kind kind) noexcept {
    return {static_cast<int>(kind), kind_category()};
}

/// More about a failed call than an error code can carry. A call fills it only when it fails.
struct Diagnostics {
    std::string peer;    ///< "host:port (address)" of the broker
    std::string api;     ///< "Fetch v12"
    std::string detail;  ///< what was wrong and where; the broker's own message, escaped and cut

    /// All of it as one sentence.
    [[nodiscard]] KAFKA_API std::string to_string(const std::error_code& ec) const;
    void clear() { *this = {}; }
};

}  // namespace kafka

#include <kafka/broker_errc.hpp>

template <>
struct std::is_error_code_enum<kafka::errc> : std::true_type {};
template <>
struct std::is_error_code_enum<kafka::broker_errc> : std::true_type {};
template <>
struct std::is_error_condition_enum<kafka::error_kind> : std::true_type {};
