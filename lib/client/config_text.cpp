// SPDX-License-Identifier: Apache-2.0
// Configurations as text, for logs.
#include <type_traits>

#include <kafka/properties.hpp>

#include "base/escape.hpp"

namespace kafka {
namespace {

class Text {
public:
    explicit Text(const char* head) : text_(std::string(head) + '(') {}

    Text& add(const char* name, std::string_view value) {
        if (!first_) text_ += ", ";
        first_ = false;
        text_.append(name).append(1, '=').append(value);
        return *this;
    }
    Text& add(const char* name, const char* value) { return add(name, std::string_view(value)); }
    Text& add(const char* name, std::chrono::milliseconds time) {
        if (time == std::chrono::milliseconds::max()) return add(name, "unlimited");
        return add(name, std::to_string(time.count()) + "ms");
    }
    Text& add(const char* name, std::chrono::microseconds time) {
        return add(name, std::to_string(time.count()) + "us");
    }
    template <class T>
    requires std::is_arithmetic_v<T> Text& add(const char* name, T value) {
        if constexpr (std::is_same_v<T, bool>)
            return add(name, value ? "true" : "false");
        else
            return add(name, std::to_string(value));
    }
    [[nodiscard]] std::string take() { return std::move(text_) + ')'; }

private:
    std::string text_;
    bool first_ = true;
};

const char* name_of(OnFull on_full) noexcept {
    switch (on_full) {
        case OnFull::wait:
            return "wait";
        case OnFull::fail:
            return "fail";
        case OnFull::drop_oldest:
            return "drop_oldest";
    }
    return "unknown";
}

const char* name_of(RequiredAcks acks) noexcept {
    switch (acks) {
        case RequiredAcks::none:
            return "none";
        case RequiredAcks::leader:
            return "leader";
        case RequiredAcks::all:
            return "all";
    }
    return "unknown";
}

const char* set_or_not(bool set) noexcept {
    return set ? "set" : "none";
}

}  // namespace

std::string to_string(const ConnConfig& config) {
    Text text("ConnConfig");
    text.add("client_id", config.client_id ? escaped(*config.client_id) : "none")
        .add("client_software_name", escaped(config.client_software_name))
        .add("client_software_version", escaped(config.client_software_version))
        .add("tls", config.tls ? to_string(config.tls->config()) : "none")
        .add("sasl", config.sasl ? config.sasl->to_string() : "none")
        .add("allow_plaintext_credentials", config.allow_plaintext_credentials)
        .add("connect_timeout", config.connect_timeout)
        .add("fallback_delay", config.fallback_delay)
        .add("local_address", escaped(config.local_address))
        .add("resolver", set_or_not(static_cast<bool>(config.resolver)))
        .add("socket_hook", set_or_not(static_cast<bool>(config.socket_hook)))
        .add("blocking_executor", set_or_not(static_cast<bool>(config.blocking_executor)))
        .add("request_timeout", config.request_timeout)
        .add("max_frame_size", config.max_frame_size)
        .add("max_in_flight", config.max_in_flight)
        .add("max_waiting_bytes", config.max_waiting_bytes)
        .add("honour_throttle", config.honour_throttle)
        .add("decode_limits.max_elements", config.decode_limits.max_elements)
        .add("decode_limits.max_tags", config.decode_limits.max_tags)
        .add("decode_limits.max_memory", config.decode_limits.max_memory)
        .add("no_delay", config.socket.no_delay)
        .add("keep_alive", config.socket.keep_alive)
        .add("send_buffer", config.socket.send_buffer)
        .add("receive_buffer", config.socket.receive_buffer)
        .add("congestion_control", escaped(config.socket.congestion_control))
        .add("log", set_or_not(static_cast<bool>(config.log)));
    return text.take();
}

std::string to_string(const ClientConfig& config) {
    Text text("ClientConfig");
    text.add("bootstrap", escaped(config.bootstrap, 4096))
        .add("dns_lookup", config.dns_lookup == DnsLookup::use_all_dns_ips
                               ? "use_all_dns_ips"
                               : "resolve_canonical_bootstrap_servers_only")
        .add("conn", to_string(config.conn))
        .add("connect_timeout_max", config.connect_timeout_max)
        .add("reconnect_backoff", config.reconnect_backoff)
        .add("reconnect_backoff_max", config.reconnect_backoff_max)
        .add("retry_backoff", config.retry_backoff)
        .add("retry_backoff_max", config.retry_backoff_max)
        .add("max_idle", config.max_idle)
        .add("keep_warm", config.keep_warm)
        .add("metadata_max_age", config.metadata_max_age)
        .add("metadata_max_idle", config.metadata_max_idle)
        .add("unknown_topic_tries", config.unknown_topic_tries)
        .add("auto_create_topics", config.auto_create_topics)
        .add("metadata_recovery",
             config.metadata_recovery == MetadataRecovery::none ? "none" : "rebootstrap")
        .add("rebootstrap_trigger", config.rebootstrap_trigger)
        .add("cluster_check", config.cluster_check)
        .add("max_calls", config.max_calls);
    return text.take();
}

std::string to_string(const WriterConfig& config) {
    Text text("WriterConfig");
    text.add("topic", escaped(config.topic))
        .add("balancer", balancer_name(config.balancer))
        .add("acks", name_of(config.acks))
        .add("enable_idempotence", config.enable_idempotence)
        .add("max_in_flight_requests_per_connection", config.max_in_flight_requests_per_connection)
        .add("batch_size", config.batch_size)
        .add("batch_records", config.batch_records)
        .add("linger", config.linger)
        .add("buffer_memory", config.buffer_memory)
        .add("buffer_records", config.buffer_records)
        .add("on_full", name_of(config.on_full))
        .add("max_block", config.max_block)
        .add("delivery_timeout", config.delivery_timeout)
        .add("request_timeout", config.request_timeout)
        .add("retries", config.retries)
        .add("retry_backoff", config.retry_backoff)
        .add("retry_backoff_max", config.retry_backoff_max)
        .add("compression", to_string(config.compression))
        .add("compression_level",
             config.compression_level ? std::to_string(*config.compression_level) : "preset")
        .add("topic_compression", config.topic_compression)
        .add("compression_executor", set_or_not(static_cast<bool>(config.compression_executor)))
        .add("max_request_size", config.max_request_size)
        .add("transactional_id", escaped(config.transactional_id))
        .add("transaction_timeout", config.transaction_timeout)
        .add("allow_auto_topic_creation", config.allow_auto_topic_creation)
        .add("on_records", set_or_not(static_cast<bool>(config.on_records)));
    return text.take();
}

}  // namespace kafka
