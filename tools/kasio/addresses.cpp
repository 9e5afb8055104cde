// SPDX-License-Identifier: Apache-2.0
#include "addresses.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <unordered_set>

#include <kafka/error.hpp>

namespace kasio {

namespace {

std::string_view trimmed(std::string_view text) noexcept {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && blank(text.back()))
        text.remove_suffix(1);
    return text;
}

kafka::Failure bad_entry(std::string_view entry, std::string_view why) {
    constexpr std::size_t shown = 80;
    std::string detail = "broker '" + std::string(entry.substr(0, shown));
    detail += entry.size() > shown ? "...': " : "': ";
    detail += why;
    return {kafka::errc::invalid_argument, std::move(detail)};
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
    std::uint16_t port = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, port);
    if (text.empty() || read.ec != std::errc{} || read.ptr != end || port == 0) return {};
    return port;
}

// A host must not smuggle anything into messages or name resolution.
bool plausible_host(std::string_view host) noexcept {
    return !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_' ||
               c == ':' || c == '%';
    });
}

kafka::Result<Address> parse_entry(std::string_view entry) {
    auto rest = entry;
    if (const auto scheme = rest.find("://"); scheme != std::string_view::npos) {
        if (rest.substr(0, scheme) != "PLAINTEXT") {
            return bad_entry(entry, "the only protocol that can stand here is PLAINTEXT");
        }
        rest.remove_prefix(scheme + 3);
    }
    Address address;
    std::string_view host = rest;
    std::optional<std::string_view> port;
    if (rest.starts_with('[')) {
        const auto close = rest.find(']');
        if (close == std::string_view::npos) return bad_entry(entry, "']' is missing");
        host = rest.substr(1, close - 1);
        const auto after = rest.substr(close + 1);
        if (!after.empty()) {
            if (after.front() != ':') return bad_entry(entry, "':PORT' must follow ']'");
            port = after.substr(1);
        }
    } else if (const auto colon = rest.rfind(':'); colon != std::string_view::npos) {
        // More than one colon: an IPv6 address without brackets, and so without a port.
        if (rest.find(':') == colon) {
            host = rest.substr(0, colon);
            port = rest.substr(colon + 1);
        }
    }
    if (!plausible_host(host)) return bad_entry(entry, "this is not a host");
    address.host = host;
    if (port) {
        const auto number = parse_port(*port);
        if (!number) return bad_entry(entry, "the port is not a number from 1 to 65535");
        address.port = *number;
    }
    return address;
}

}  // namespace

std::string to_string(const Address& address) {
    const bool ipv6 = address.host.find(':') != std::string::npos;
    return (ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

kafka::Result<std::vector<Address>> parse_addresses(std::string_view list) {
    std::vector<Address> addresses;
    std::unordered_set<std::string> seen;
    while (true) {
        const auto comma = list.find(',');
        const auto entry = trimmed(list.substr(0, comma));
        if (!entry.empty()) {
            auto address = parse_entry(entry);
            if (!address) return address.take_failure();
            if (seen.insert(to_string(*address)).second) addresses.push_back(*std::move(address));
        }
        if (comma == std::string_view::npos) break;
        list.remove_prefix(comma + 1);
    }
    if (addresses.empty()) {
        return kafka::Failure(kafka::errc::invalid_argument, "the list of brokers is empty");
    }
    return addresses;
}

}  // namespace kasio
