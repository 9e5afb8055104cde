// SPDX-License-Identifier: Apache-2.0
#include "auth/token_cache.hpp"

#include "auth/token.hpp"

namespace kafka::auth {

bool TokenCache::usable(sasl::Time now) const {
    return token_ && now < *token_->expires - config_.expiry_margin;
}

std::optional<sasl::Token> TokenCache::fresh(sasl::Time now) {
    const std::lock_guard lock(state_);
    if (usable(now) && now < refresh_at_) return token_;
    return std::nullopt;
}

Result<sasl::Token> TokenCache::get(sasl::Time now) {
    std::unique_lock fetch(fetching_, std::defer_lock);
    std::uint64_t attempts = 0;
    {
        const std::lock_guard lock(state_);
        attempts = attempts_;
        if (usable(now)) {
            // Old but good: whoever finds nobody fetching fetches, the rest go on with it.
            if (now < refresh_at_ || !fetch.try_lock()) return *token_;
        }
    }
    if (!fetch.owns_lock()) {
        fetch.lock();
        // Another thread has fetched meanwhile, or failed for all that were waiting.
        if (auto token = fresh(now)) return *std::move(token);
        const std::lock_guard lock(state_);
        if (attempts != attempts_ && last_failure_) return last_failure_;
    }
    auto fetched = call_provider(config_.provider, now);
    const std::lock_guard lock(state_);
    ++attempts_;
    last_failure_ = fetched ? Failure() : fetched.failure();
    if (fetched) {
        keep(*fetched, now);
        return fetched;
    }
    if (!usable(now)) return fetched;
    refresh_at_ = now + config_.retry_after;
    return *token_;
}

void TokenCache::forget(const sasl::Token& token) {
    const std::lock_guard lock(state_);
    if (token_ && token_->value == token.value) token_.reset();
}

void TokenCache::keep(const sasl::Token& token, sasl::Time now) {
    token_.reset();
    if (!token.expires) return;
    const auto life = std::chrono::duration<double>(*token.expires - now) * config_.refresh_at;
    refresh_at_ = now + std::chrono::duration_cast<sasl::Time::duration>(life);
    token_ = token;
}

}  // namespace kafka::auth
