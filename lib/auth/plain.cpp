// SPDX-License-Identifier: Apache-2.0
// PLAIN (RFC 4616): authorization id, NUL, user, NUL, password.
#include <kafka/sasl.hpp>

#include "auth/text.hpp"

namespace kafka::sasl {
namespace {

constexpr std::string_view plain_name = "PLAIN";

class PlainExchange final : public Exchange {
public:
    explicit PlainExchange(const Plain& config) : config_(config) {}

    Result<Step> step(std::span<const std::uint8_t> challenge, Time) override {
        // The server's part of this mechanism is its verdict, which comes as an error code.
        if (!challenge.empty())
            return auth::bad_challenge(plain_name, "the broker sent a challenge");
        if (sent_) return Step::finished();
        sent_ = true;
        Secret message(config_.authorization_id);
        message.append('\0').append(config_.user).append('\0').append(config_.password.reveal());
        return Step::send(std::move(message));
    }

    Failure refused(std::error_code code, std::string_view message) override {
        return auth::refused(code, message, config_.password);
    }

private:
    Plain config_;
    bool sent_ = false;
};

class PlainMechanism final : public Mechanism {
public:
    explicit PlainMechanism(Plain config) : config_(std::move(config)) {}

    std::string_view name() const noexcept override { return plain_name; }
    std::string to_string() const override { return sasl::to_string(config_); }
    bool reveals_secret() const noexcept override { return true; }

    Result<std::unique_ptr<Exchange>> start(const Peer&) const override {
        if (config_.user.empty()) return auth::bad_config(plain_name, "the user is empty");
        if (config_.password.empty()) return auth::bad_config(plain_name, "the password is empty");
        for (const auto text : {std::string_view(config_.user), config_.password.reveal_text(),
                                std::string_view(config_.authorization_id)}) {
            if (!auth::is_sasl_text(text))
                return auth::bad_config(plain_name, "a field is not UTF-8, or holds a NUL");
        }
        return std::unique_ptr<Exchange>(std::make_unique<PlainExchange>(config_));
    }

private:
    Plain config_;
};

}  // namespace

MechanismPtr make_mechanism(Plain config) {
    return std::make_shared<PlainMechanism>(std::move(config));
}

std::string to_string(const Plain& config) {
    return auth::Description(plain_name)
        .add("user", config.user)
        .add("password", config.password)
        .add("authorization_id", config.authorization_id)
        .take();
}

}  // namespace kafka::sasl
