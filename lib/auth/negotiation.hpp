// SPDX-License-Identifier: Apache-2.0
// What the conversation around a mechanism decides: is it offered, and when is it due again.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <kafka/sasl.hpp>

namespace kafka::auth {

/// After an answer of UNSUPPORTED_SASL_MECHANISM: the failure with what the broker offers, of which
/// it may claim anything.
[[nodiscard]] Failure mechanism_not_offered(std::string_view name,
                                            std::span<const std::string> offered);

/// When to authenticate again (KIP-368), from the start of the session: at 85 % to 95 % of the
/// shorter of the broker's session and the credentials' own life, spread by `random` (0 to 1) so
/// that connections do not meet. Nothing when there is no limit; a session is not believed to be
/// below a second, since no client could follow.
[[nodiscard]] std::optional<std::chrono::milliseconds> reauthenticate_after(
    std::int64_t session_lifetime_ms, std::optional<sasl::Time> credentials_expire, sasl::Time now,
    double random) noexcept;

}  // namespace kafka::auth
