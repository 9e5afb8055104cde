// SPDX-License-Identifier: Apache-2.0
// The one token of all connections of a mechanism.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include <kafka/sasl_oauth.hpp>

namespace kafka::auth {

/// Thread-safe. One thread fetches; others wait for it only when there is no token to use.
class TokenCache {
public:
    explicit TokenCache(sasl::OAuthBearer config) : config_(std::move(config)) {}

    [[nodiscard]] const sasl::OAuthBearer& config() const noexcept { return config_; }

    /// The token, if it is fresh enough that nobody needs to fetch. Never blocks for long.
    [[nodiscard]] std::optional<sasl::Token> fresh(sasl::Time now);
    /// A token that is good now; fetches if need be.
    [[nodiscard]] Result<sasl::Token> get(sasl::Time now);
    /// A broker refused this one: the next get() fetches.
    void forget(const sasl::Token& token);

private:
    [[nodiscard]] bool usable(sasl::Time now) const;
    void keep(const sasl::Token& token, sasl::Time now);

    const sasl::OAuthBearer config_;
    std::mutex fetching_;  // taken before state_
    std::mutex state_;
    std::optional<sasl::Token> token_;
    sasl::Time refresh_at_;
    std::uint64_t attempts_ = 0;
    Failure last_failure_;
};

}  // namespace kafka::auth
