// SPDX-License-Identifier: Apache-2.0
// The client's side of SCRAM (RFC 5802, RFC 7677).
#include <algorithm>
#include <memory>
#include <mutex>
#include <vector>

#include <kafka/sasl.hpp>

#include "auth/base64.hpp"
#include "auth/crypto.hpp"
#include "auth/scram_message.hpp"
#include "auth/text.hpp"

namespace kafka::auth {
namespace {

using sasl::Scram;
using sasl::Step;
using sasl::Time;

Hash hash_of(const Scram& config) {
    return config.hash == Scram::Hash::sha256 ? Hash::sha256 : Hash::sha512;
}

/// The configuration and the keys that were derived from it. Keys are kept once a broker has proved
/// that it knows the password: others could only push the good ones out. Thread-safe.
class ScramSecrets {
public:
    explicit ScramSecrets(Scram from) : config(std::move(from)) {}

    const Scram config;

    std::optional<ScramKeys> find(const ScramServerFirst& server) {
        const std::lock_guard lock(mutex_);
        for (const auto& entry : known_) {
            if (entry.iterations == server.iterations && entry.salt == server.salt)
                return entry.keys;
        }
        return std::nullopt;
    }
    void keep(const ScramServerFirst& server, const ScramKeys& keys) {
        const std::lock_guard lock(mutex_);
        for (const auto& entry : known_) {
            if (entry.iterations == server.iterations && entry.salt == server.salt) return;
        }
        // All brokers of a cluster show the same salt; two more are room for a changed password.
        if (known_.size() == 3) known_.erase(known_.begin());
        known_.push_back({server.salt, server.iterations, keys});
    }

private:
    struct Entry {
        Secret salt;
        std::int32_t iterations;
        ScramKeys keys;
    };
    std::mutex mutex_;
    std::vector<Entry> known_;
};

class ScramExchange final : public sasl::Exchange {
public:
    ScramExchange(std::shared_ptr<ScramSecrets> secrets, std::string nonce)
        : secrets_(std::move(secrets)), hash_(hash_of(secrets_->config)) {
        const auto& config = secrets_->config;
        first_.header = config.authorization_id.empty()
                            ? "n,,"
                            : "n,a=" + escape_scram_name(config.authorization_id) + ",";
        first_.user = config.user;
        first_.nonce = std::move(nonce);
        first_.delegation_token = config.delegation_token;
    }

    bool blocks(Time) noexcept override { return state_ == State::wait_for_first; }

    Result<Step> step(std::span<const std::uint8_t> challenge, Time) override {
        const auto text = as_text(challenge);
        switch (std::exchange(state_, State::over)) {
            case State::begin:
                if (!text.empty()) return unexpected();
                state_ = State::wait_for_first;
                return Step::send(Secret(first_.text()));
            case State::wait_for_first:
                return answer(text);
            case State::wait_for_final:
                return verify(text);
            case State::over:
                break;
        }
        return unexpected();
    }

    Failure refused(std::error_code code, std::string_view message) override {
        return auth::refused(code, message, secrets_->config.password);
    }

private:
    enum class State : std::uint8_t { begin, wait_for_first, wait_for_final, over };

    Failure unexpected() const {
        return bad_challenge(scram_name(hash_), "the broker sent a message out of order");
    }

    Result<Step> answer(std::string_view text) {
        auto server = read_server_first(text, first_.nonce, secrets_->config.max_iterations);
        if (!server) return server.take_failure();
        server_first_ = *std::move(server);
        auto known = secrets_->find(server_first_);
        if (!known) {
            auto derived = derive_scram_keys(hash_, secrets_->config.password, server_first_.salt,
                                             server_first_.iterations);
            if (!derived) return derived.take_failure();
            known = *std::move(derived);
        }
        keys_ = std::move(*known);

        // Since CVE-2024-56128 brokers compare the nonce: it is the combined one.
        const auto without_proof =
            "c=" + base64(as_bytes(first_.header)) + ",r=" + server_first_.nonce;
        // As the broker sent it: extensions are signed too.
        auth_message_ = first_.bare().append(",").append(text).append(",").append(without_proof);
        const auto proof =
            xor_with_signature(hash_, keys_.stored_key, auth_message_, keys_.client_key);
        if (!proof) return Failure(proof.failure());
        Secret response(without_proof + ",p=");
        append_base64(response, proof->reveal());
        state_ = State::wait_for_final;
        return Step::send(std::move(response));
    }

    Result<Step> verify(std::string_view text) {
        const auto signature = read_server_final(text);
        if (!signature) return Failure(signature.failure());
        const auto expected = hmac(hash_, keys_.server_key.reveal(), as_bytes(auth_message_));
        if (!expected) return Failure(expected.failure());
        if (!equal_in_constant_time(signature->reveal(), expected->reveal()))
            return bad_challenge(scram_name(hash_),
                                 "the broker's signature is wrong: it does not know the password");
        secrets_->keep(server_first_, keys_);
        return Step::finished();
    }

    std::shared_ptr<ScramSecrets> secrets_;
    Hash hash_;
    State state_ = State::begin;
    ScramClientFirst first_;
    ScramServerFirst server_first_;
    ScramKeys keys_;
    std::string auth_message_;
};

class ScramMechanism final : public sasl::Mechanism {
public:
    explicit ScramMechanism(Scram config, std::string nonce = {})
        : secrets_(std::make_shared<ScramSecrets>(std::move(config))), nonce_(std::move(nonce)) {}

    std::string_view name() const noexcept override { return scram_name(hash_of(config())); }
    std::string to_string() const override { return sasl::to_string(config()); }

    Result<std::unique_ptr<sasl::Exchange>> start(const sasl::Peer&) const override {
        if (!crypto_available()) return not_compiled_in(name(), "OpenSSL");
        if (config().user.empty()) return bad_config(name(), "the user is empty");
        if (config().password.empty()) return bad_config(name(), "the password is empty");
        if (config().max_iterations < min_scram_iterations)
            return bad_config(name(), "max_iterations is below 4096");
        for (const auto text : {std::string_view(config().user), config().password.reveal_text(),
                                std::string_view(config().authorization_id)}) {
            if (!is_sasl_text(text))
                return bad_config(name(), "a field is not UTF-8, or holds a NUL");
        }
        auto nonce = nonce_;
        if (nonce.empty()) {
            const auto bytes = random_bytes(24);
            if (!bytes) return Failure(bytes.failure());
            nonce = base64(bytes->reveal());
        }
        return std::unique_ptr<sasl::Exchange>(
            std::make_unique<ScramExchange>(secrets_, std::move(nonce)));
    }

private:
    [[nodiscard]] const Scram& config() const noexcept { return secrets_->config; }

    std::shared_ptr<ScramSecrets> secrets_;
    std::string nonce_;
};

}  // namespace

sasl::MechanismPtr make_scram_with_nonce(Scram config, std::string nonce) {
    return std::make_shared<ScramMechanism>(std::move(config), std::move(nonce));
}

}  // namespace kafka::auth

namespace kafka::sasl {

MechanismPtr make_mechanism(Scram config) {
    return std::make_shared<auth::ScramMechanism>(std::move(config));
}

std::string to_string(const Scram& config) {
    return auth::Description(auth::scram_name(auth::hash_of(config)))
        .add("user", config.user)
        .add("password", config.password)
        .add("delegation_token", config.delegation_token)
        .add("max_iterations", std::int64_t{config.max_iterations})
        .add("authorization_id", config.authorization_id)
        .take();
}

}  // namespace kafka::sasl
