// SPDX-License-Identifier: Apache-2.0
#include "auth/text.hpp"

#include "base/escape.hpp"

namespace kafka::auth {
namespace {

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. 0 when broken.
std::size_t utf8_size(std::string_view text) noexcept {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto first = at(0);
    if (first < 0x80) return 1;
    std::size_t size = 0;
    unsigned low = 0x80;
    unsigned high = 0xbf;
    if (first >= 0xc2 && first <= 0xdf) {
        size = 2;
    } else if (first >= 0xe0 && first <= 0xef) {
        size = 3;
        if (first == 0xe0) low = 0xa0;
        if (first == 0xed) high = 0x9f;
    } else if (first >= 0xf0 && first <= 0xf4) {
        size = 4;
        if (first == 0xf0) low = 0x90;
        if (first == 0xf4) high = 0x8f;
    }
    if (size == 0 || size > text.size()) return 0;
    for (std::size_t i = 1; i < size; ++i) {
        if (at(i) < low || at(i) > high) return 0;
        low = 0x80;
        high = 0xbf;
    }
    return size;
}

}  // namespace

bool is_sasl_text(std::string_view text) noexcept {
    while (!text.empty()) {
        const auto size = utf8_size(text);
        if (size == 0 || text[0] == '\0') return false;
        text.remove_prefix(size);
    }
    return true;
}

std::string quotable(std::string_view text, const Secret& secret) {
    // Enough for what is left after cutting, whatever masking makes of it.
    text = text.substr(0, 64 * 1024);
    if (secret.empty()) return escaped(text);
    std::string masked;
    const auto needle = secret.reveal_text();
    for (;;) {
        const auto found = text.find(needle);
        masked += text.substr(0, found);
        if (found == std::string_view::npos) break;
        masked += "****";
        text.remove_prefix(found + needle.size());
    }
    return escaped(masked);
}

Failure authentication_failed(std::string detail) {
    return {errc::sasl_authentication_failed, std::move(detail)};
}

Failure bad_challenge(std::string_view mechanism, std::string_view what) {
    return authentication_failed(std::string(mechanism).append(": ").append(what));
}

Failure refused(std::error_code code, std::string_view message, const Secret& secret) {
    std::string detail = "the broker refused";
    if (!message.empty()) detail.append(": ").append(quotable(message, secret));
    if (code == broker_errc::sasl_authentication_failed || !code)
        return authentication_failed(std::move(detail));
    return {code, std::move(detail)};
}

Failure bad_config(std::string_view mechanism, std::string_view what) {
    return {errc::invalid_argument, std::string(mechanism).append(": ").append(what)};
}

Failure not_compiled_in(std::string_view mechanism, std::string_view library) {
    return {errc::sasl_mechanism_unsupported,
            std::string(mechanism).append(" needs ").append(library).append(
                ", and this library was built without it")};
}

Description& Description::add(std::string_view name, std::string_view value) {
    if (!value.empty()) text_.append(" ").append(name).append("=").append(escaped(value));
    return *this;
}
Description& Description::add(std::string_view name, const Secret& value) {
    if (!value.empty()) text_.append(" ").append(name).append("=").append(kafka::to_string(value));
    return *this;
}
Description& Description::add(std::string_view name, bool value) {
    return value ? add(name, std::string_view("true")) : *this;
}
Description& Description::add(std::string_view name, std::int64_t value) {
    return add(name, std::string_view(std::to_string(value)));
}

}  // namespace kafka::auth
