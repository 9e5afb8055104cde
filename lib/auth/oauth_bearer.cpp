// SPDX-License-Identifier: Apache-2.0
// The client's side of OAUTHBEARER (RFC 7628, with Kafka's extensions of KIP-342).
#include <memory>

#include <kafka/sasl_oauth.hpp>

#include "auth/scram_message.hpp"
#include "auth/text.hpp"
#include "auth/token.hpp"
#include "auth/token_cache.hpp"

namespace kafka::sasl {
namespace {

constexpr std::string_view oauth_name = "OAUTHBEARER";

class OAuthExchange final : public Exchange {
public:
    explicit OAuthExchange(std::shared_ptr<auth::TokenCache> cache) : cache_(std::move(cache)) {}

    bool blocks(Time now) noexcept override {
        if (state_ != State::begin) return false;
        // Kept for the step that follows, so that what does not block now will not then.
        if (!token_) token_ = cache_->fresh(now);
        return !token_;
    }

    Result<Step> step(std::span<const std::uint8_t> challenge, Time now) override {
        switch (std::exchange(state_, State::over)) {
            case State::begin:
                if (!challenge.empty()) break;
                return introduce(now);
            case State::wait:
                if (challenge.empty()) {
                    accepted_ = true;
                    return Step::finished();
                }
                return told_why(challenge);
            case State::over:
                break;
        }
        return auth::bad_challenge(oauth_name, "the broker sent a message out of order");
    }

    Failure refused(std::error_code code, std::string_view message) override {
        if (!token_) return auth::refused(code, message);
        // The token may have been revoked: the next connection gets another.
        cache_->forget(*token_);
        auto failure = auth::refused(code, message, token_->value);
        if (!reason_.empty()) failure.detail.append("; ").append(reason_);
        return failure;
    }

    std::optional<Time> expires() const noexcept override {
        return accepted_ && token_ ? token_->expires : std::nullopt;
    }

private:
    enum class State : std::uint8_t { begin, wait, over };

    Result<Step> introduce(Time now) {
        if (!token_) {
            auto token = cache_->get(now);
            if (!token) return token.take_failure();
            token_ = *std::move(token);
        }
        const auto& id = cache_->config().authorization_id;
        Secret message(std::string_view("n,"));
        if (!id.empty()) message.append("a=").append(auth::escape_scram_name(id));
        message.append(",\1auth=Bearer ").append(token_->value.reveal()).append('\1');
        for (const auto& [key, value] : token_->extensions)
            message.append(key).append('=').append(value).append('\1');
        message.append('\1');
        state_ = State::wait;
        return Step::send(std::move(message));
    }

    // RFC 7628, section 3.2.3: the server says what is wrong, the client answers with one byte, and
    // only then the server fails the exchange.
    Result<Step> told_why(std::span<const std::uint8_t> challenge) {
        if (challenge.size() > auth::max_challenge)
            return auth::bad_challenge(oauth_name, "the broker's message is too large");
        const auto object = auth::read_json_object(as_text(challenge));
        if (!object) {
            reason_ = "its reason is no JSON: " + object.failure().detail;
        } else {
            for (const std::string_view field : {"status", "scope", "openid-configuration"}) {
                if (const auto* text = object->text(field)) {
                    reason_.append(reason_.empty() ? "" : ", ")
                        .append(field)
                        .append(": ")
                        .append(auth::quotable(text->reveal_text(), token_->value));
                }
            }
        }
        return Step::send(Secret(std::string_view("\1")));
    }

    std::shared_ptr<auth::TokenCache> cache_;
    std::optional<Token> token_;
    std::string reason_;
    State state_ = State::begin;
    bool accepted_ = false;
};

class OAuthMechanism final : public Mechanism {
public:
    explicit OAuthMechanism(OAuthBearer config)
        : cache_(std::make_shared<auth::TokenCache>(std::move(config))) {}

    std::string_view name() const noexcept override { return oauth_name; }
    std::string to_string() const override { return sasl::to_string(cache_->config()); }
    bool reveals_secret() const noexcept override { return true; }

    Result<std::unique_ptr<Exchange>> start(const Peer&) const override {
        const auto& config = cache_->config();
        if (!config.provider) return auth::bad_config(oauth_name, "there is no token provider");
        if (!(config.refresh_at >= 0.1 && config.refresh_at <= 1))
            return auth::bad_config(oauth_name, "refresh_at is not between 0.1 and 1");
        constexpr std::chrono::seconds longest = std::chrono::hours(24);
        for (const auto duration : {config.retry_after, config.expiry_margin}) {
            if (duration.count() < 0 || duration > longest)
                return auth::bad_config(oauth_name, "a duration is negative or above a day");
        }
        if (!auth::is_sasl_text(config.authorization_id))
            return auth::bad_config(oauth_name, "authorization_id is not UTF-8, or holds a NUL");
        return std::unique_ptr<Exchange>(std::make_unique<OAuthExchange>(cache_));
    }

private:
    std::shared_ptr<auth::TokenCache> cache_;
};

}  // namespace

MechanismPtr make_mechanism(OAuthBearer config) {
    return std::make_shared<OAuthMechanism>(std::move(config));
}

std::string to_string(const OAuthBearer& config) {
    return auth::Description(oauth_name).add("authorization_id", config.authorization_id).take();
}

}  // namespace kafka::sasl
