// SPDX-License-Identifier: Apache-2.0
#include "auth/negotiation.hpp"

#include <algorithm>

#include "base/escape.hpp"

namespace kafka::auth {

Failure mechanism_not_offered(std::string_view name, std::span<const std::string> offered) {
    constexpr std::size_t most = 16;
    std::string detail = "the broker does not offer " + escaped(name, 64) + ", but ";
    if (offered.empty()) detail += "none at all";
    for (std::size_t i = 0; i < std::min(offered.size(), most); ++i)
        detail.append(i == 0 ? "" : ", ").append(escaped(offered[i], 64));
    if (offered.size() > most)
        detail.append(" and ").append(std::to_string(offered.size() - most)).append(" more");
    return {errc::sasl_mechanism_unsupported, std::move(detail)};
}

std::optional<std::chrono::milliseconds> reauthenticate_after(
    std::int64_t session_lifetime_ms, std::optional<sasl::Time> credentials_expire, sasl::Time now,
    double random) noexcept {
    using std::chrono::milliseconds;
    // The credentials' own end matters only with a session that ends: without one (0; a negative
    // one means nothing) a broker lets the connection live on, as it does for Java's clients.
    if (session_lifetime_ms <= 0) return std::nullopt;
    // A year is as good as for ever, and safe to calculate with.
    constexpr milliseconds longest = std::chrono::hours(24 * 365);
    auto life = std::min(milliseconds(session_lifetime_ms), longest);
    if (credentials_expire) {
        const auto left = std::chrono::duration_cast<milliseconds>(*credentials_expire - now);
        life = std::min(life, left);
    }
    life = std::max(life, milliseconds(1000));
    const auto part = 0.85 + 0.10 * std::clamp(random, 0.0, 1.0);
    return milliseconds(static_cast<std::int64_t>(static_cast<double>(life.count()) * part));
}

}  // namespace kafka::auth
