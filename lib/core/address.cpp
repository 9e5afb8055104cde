// SPDX-License-Identifier: Apache-2.0
#include "core/address.hpp"

#include <algorithm>
#include <charconv>

#include "base/escape.hpp"

namespace kafka::core {
namespace {

constexpr std::string_view spaces = " \t\r\n";
// RFC 1035: 253 characters and a final dot.
constexpr std::size_t longest_host = 254;

Failure wrong(std::string_view text, const char* what) {
    return {errc::invalid_argument, "'" + escaped(text, 80) + "' is no address: " + what};
}

bool parse_port(std::string_view text, std::uint16_t& port) {
    const auto* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, port);
    return error == std::errc() && at == end && port != 0;
}

}  // namespace

Result<Address> parse_address(std::string_view text, std::uint16_t port) {
    const auto whole = text;
    const auto first = text.find_first_not_of(spaces);
    if (first == text.npos) return wrong(whole, "it is empty");
    text = text.substr(first, text.find_last_not_of(spaces) - first + 1);
    if (text.find("://") != text.npos)
        return wrong(whole, "leave out the protocol and write host:port");

    std::string_view host = text, port_text;
    bool has_port = false;
    if (text.front() == '[') {
        const auto end = text.find(']');
        if (end == text.npos) return wrong(whole, "the bracket is not closed");
        host = text.substr(1, end - 1);
        const auto rest = text.substr(end + 1);
        if (!rest.empty() && rest.front() != ':')
            return wrong(whole, "after the bracket comes a colon and the port");
        has_port = !rest.empty();
        if (has_port) port_text = rest.substr(1);
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        const auto colon = text.find(':');
        host = text.substr(0, colon);
        port_text = text.substr(colon + 1);
        has_port = true;
    }  // more colons: an IPv6 number without brackets and without a port
    if (has_port && !parse_port(port_text, port))
        return wrong(whole, "the port is a number from 1 to 65535");
    if (port == 0) return wrong(whole, "the port is a number from 1 to 65535");
    if (host.empty()) return wrong(whole, "the host is empty");
    if (host.size() > longest_host) return wrong(whole, "the host is too long");
    const auto fits = [](char c) { return c > ' ' && c != 0x7f && c != '/' && c != '['; };
    if (!std::all_of(host.begin(), host.end(), fits))
        return wrong(whole, "the host has a character that no name has");
    return Address{std::string(host), port};
}

std::string to_string(const Address& address) {
    const bool brackets = address.host.find(':') != std::string::npos;
    return (brackets ? '[' + address.host + ']' : address.host) + ':' +
           std::to_string(address.port);
}

}  // namespace kafka::core
