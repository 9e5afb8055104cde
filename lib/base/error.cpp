// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include <kafka/error.hpp>

#include "base/broker_errors.hpp"
#include "base/escape.hpp"

namespace kafka {
namespace {

const char* client_message(errc e) noexcept {
    switch (e) {
        case errc::connection_closed:
            return "the connection was closed by this side";
        case errc::connection_lost:
            return "the connection was lost";
        case errc::connect_timed_out:
            return "no connection came about in time";
        case errc::request_timed_out:
            return "no answer came in time, the request may have taken effect";
        case errc::resolve_failed:
            return "the host name has no address";
        case errc::not_connected:
            return "the connection was never opened";
        case errc::already_connected:
            return "the connection is open already";
        case errc::too_many_in_flight:
            return "too many requests or too many bytes are in flight";
        case errc::frame_too_large:
            return "the peer sent a frame above the size limit";
        case errc::malformed_frame:
            return "the peer sent a frame whose length is impossible";
        case errc::not_kafka:
            return "the peer does not speak Kafka's protocol";
        case errc::unexpected_correlation:
            return "the peer answered a request that was not sent";
        case errc::malformed_message:
            return "the message does not follow its schema";
        case errc::malformed_records:
            return "the record batch has a wrong structure";
        case errc::corrupt_records:
            return "the record batch does not match its checksum";
        case errc::decompression_failed:
            return "the compressed records do not decompress";
        case errc::limit_exceeded:
            return "a size or count is above its limit";
        case errc::unsupported_codec:
            return "the compression codec is not available";
        case errc::unsupported_api:
            return "the broker does not have this API";
        case errc::unsupported_version:
            return "client and broker share no version of this API";
        case errc::not_in_version:
            return "a field is set that the negotiated version cannot carry";
        case errc::invalid_argument:
            return "an argument is outside its range";
        case errc::compression_failed:
            return "the records could not be compressed";
        case errc::blocking_misuse:
            return "a blocking call was made on the thread that would have to complete it";
        case errc::sasl_authentication_failed:
            return "authentication failed";
        case errc::sasl_mechanism_unsupported:
            return "the SASL mechanism is not available";
        case errc::tls_failed:
            return "no TLS connection came about";
        case errc::certificate_rejected:
            return "the peer's certificate is not accepted";
        case errc::client_certificate_rejected:
            return "the peer does not accept this side's certificate";
        case errc::tls_unsupported:
            return "TLS is not available";
        case errc::delivery_timed_out:
            return "the record was not delivered in time, it is not stored";
        case errc::outcome_unknown:
            return "it was sent, and nobody knows whether it took effect";
        case errc::buffer_full:
            return "the writer's buffers are full";
        case errc::topic_not_ready:
            return "the partitions of the topic are not known yet";
        case errc::no_transaction:
            return "no transaction is open";
        case errc::transaction_failed:
            return "the transaction cannot be committed, only aborted";
        case errc::wrong_state:
            return "this is not possible now";
    }
    return nullptr;
}

bool is_retriable_client_error(errc e) noexcept {
    switch (e) {
        case errc::connection_lost:
        case errc::connect_timed_out:
        case errc::request_timed_out:
        case errc::resolve_failed:
            return true;
        default:
            return false;
    }
}

class ClientCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "kafka"; }
    std::string message(int value) const override {
        if (value == 0) return "no error";
        if (const char* text = client_message(static_cast<errc>(value))) return text;
        return "unknown error " + std::to_string(value);
    }
};

class BrokerCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "kafka.broker"; }
    std::string message(int value) const override {
        const auto* row = find_broker_error(value);
        if (!row) return "broker error " + std::to_string(value) + ", which this client predates";
        if (value == 0) return std::string(row->meaning);
        std::string text(row->name);
        return text.append(" (").append(row->meaning).append(")");
    }
};

constexpr std::errc passing_system_errors[] = {
    std::errc::broken_pipe,
    std::errc::connection_aborted,
    std::errc::connection_refused,
    std::errc::connection_reset,
    std::errc::host_unreachable,
    std::errc::network_down,
    std::errc::network_reset,
    std::errc::network_unreachable,
    std::errc::not_connected,
    std::errc::stream_timeout,
    std::errc::timed_out,
    std::errc::interrupted,
    std::errc::operation_would_block,
    std::errc::resource_unavailable_try_again,
};

/// Errors of Asio that stand for a lost connection or a name that did not resolve. This layer may
/// not include Asio, so categories are known by name, values by their documented numbers.
bool is_retriable_asio_error(const std::error_code& ec) noexcept {
    struct Row {
        std::string_view category;
        int value;
    };
    static constexpr Row rows[] = {
        {"asio.misc", 2},        // eof
        {"asio.ssl.stream", 1},  // stream_truncated: end of file without TLS's own good-bye
        {"asio.netdb", 1},       // host_not_found, as errc::resolve_failed
        {"asio.netdb", 2},       // host_not_found_try_again
    };
    return std::any_of(std::begin(rows), std::end(rows), [&ec](const Row& row) {
        return ec.value() == row.value && ec.category().name() == row.category;
    });
}

bool is_passing_system_error(std::error_code ec) noexcept {
    // Asio 1.22 wraps errno in a category of its own that maps to no std::errc.
    if (std::string_view(ec.category().name()) == "asio.system") {
        ec = {ec.value(), std::system_category()};
    }
    return std::any_of(std::begin(passing_system_errors), std::end(passing_system_errors),
                       [&ec](std::errc passing) { return ec == passing; });
}

class KindCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "kafka.kind"; }
    std::string message(int value) const override {
        switch (static_cast<error_kind>(value)) {
            case error_kind::retriable:
                return "another try may succeed";
            case error_kind::fatal:
                return "nothing can go on before the cause is repaired";
            case error_kind::authentication:
                return "client and broker do not believe each other";
        }
        return "unknown kind " + std::to_string(value);
    }
    bool equivalent(const std::error_code& ec, int value) const noexcept override {
        switch (static_cast<error_kind>(value)) {
            case error_kind::retriable:
                return is_retriable(ec);
            case error_kind::fatal:
                return is_fatal(ec);
            case error_kind::authentication:
                return is_authentication_error(ec);
        }
        return false;
    }
};

}  // namespace

const std::error_category& kind_category() noexcept {
    static const KindCategory category;
    return category;
}

const std::error_category& client_category() noexcept {
    static const ClientCategory category;
    return category;
}

const std::error_category& broker_category() noexcept {
    static const BrokerCategory category;
    return category;
}

std::string_view broker_error_name(std::int16_t code) noexcept {
    const auto* row = find_broker_error(code);
    return row ? row->name : std::string_view{};
}

std::string_view broker_error_meaning(std::int16_t code) noexcept {
    const auto* row = find_broker_error(code);
    return row ? row->meaning : std::string_view{};
}

bool is_retriable(const std::error_code& ec) noexcept {
    if (!ec) return false;
    if (ec.category() == broker_category()) {
        const auto* row = find_broker_error(ec.value());
        return row && row->remedy != Remedy::none;
    }
    if (ec.category() == client_category()) {
        return is_retriable_client_error(static_cast<errc>(ec.value()));
    }
    if (is_retriable_asio_error(ec)) return true;
    return is_passing_system_error(ec);
}

bool is_stale_metadata(const std::error_code& ec) noexcept {
    if (ec.category() != broker_category()) return false;
    const auto* row = find_broker_error(ec.value());
    return row && row->remedy == Remedy::refresh;
}

bool is_authentication_error(const std::error_code& ec) noexcept {
    return ec == errc::sasl_authentication_failed || ec == errc::sasl_mechanism_unsupported ||
           ec == errc::certificate_rejected || ec == errc::client_certificate_rejected ||
           ec == broker_errc::sasl_authentication_failed ||
           ec == broker_errc::unsupported_sasl_mechanism || ec == broker_errc::illegal_sasl_state;
}

bool is_fatal(const std::error_code& ec) noexcept {
    return is_authentication_error(ec) || ec == errc::not_kafka || ec == errc::tls_failed ||
           ec == errc::tls_unsupported || ec == broker_errc::invalid_producer_epoch ||
           ec == broker_errc::invalid_producer_id_mapping ||
           ec == broker_errc::fenced_instance_id || ec == broker_errc::producer_fenced ||
           ec == broker_errc::cluster_authorization_failed ||
           ec == broker_errc::transactional_id_authorization_failed ||
           ec == broker_errc::inconsistent_cluster_id;
}

std::string Diagnostics::to_string(const std::error_code& ec) const {
    std::string text = api;
    if (!peer.empty()) {
        if (!text.empty()) text += " to ";
        text += peer;
    }
    if (!text.empty()) text += ": ";
    text += ec.message();
    if (!detail.empty()) text.append(": ").append(detail);
    // The parts should be escaped already; a second time changes nothing.
    return escaped(text, text.max_size());
}

}  // namespace kafka
