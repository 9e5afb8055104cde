// SPDX-License-Identifier: Apache-2.0
// Text in messages and errors of authentication.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <kafka/sasl.hpp>

namespace kafka::auth {

/// No mechanism takes more from a broker in one challenge: the limit of a frame before
/// authentication.
constexpr std::size_t max_challenge = 512 * 1024;

/// UTF-8 without a NUL: what user names and passwords are made of (RFC 4616, RFC 5802).
[[nodiscard]] bool is_sasl_text(std::string_view text) noexcept;

/// What a peer sent, fit for an error: escaped, cut, and with every occurrence of the secret as
/// "****". A broker that repeats a password must not get it into a log.
[[nodiscard]] std::string quotable(std::string_view text, const Secret& secret = {});

[[nodiscard]] Failure authentication_failed(std::string detail);
/// A message that is not as the mechanism defines it.
[[nodiscard]] Failure bad_challenge(std::string_view mechanism, std::string_view what);
[[nodiscard]] Failure bad_config(std::string_view mechanism, std::string_view what);
[[nodiscard]] Failure not_compiled_in(std::string_view mechanism, std::string_view library);

/// The default of sasl::Exchange::refused, with `secret` masked in what the broker says.
[[nodiscard]] Failure refused(std::error_code code, std::string_view message,
                              const Secret& secret = {});

/// Builds "SCRAM-SHA-512 user=alice password=****".
class Description {
public:
    explicit Description(std::string_view head) : text_(head) {}
    /// Left out when empty.
    Description& add(std::string_view name, std::string_view value);
    Description& add(std::string_view name, const Secret& value);
    Description& add(std::string_view name, bool value);
    Description& add(std::string_view name, std::int64_t value);
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::string text_;
};

}  // namespace kafka::auth
