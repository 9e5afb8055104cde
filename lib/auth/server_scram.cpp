// SPDX-License-Identifier: Apache-2.0
#include "auth/base64.hpp"
#include "auth/scram_message.hpp"
#include "auth/server.hpp"
#include "auth/text.hpp"

namespace kafka::auth {
namespace {

constexpr std::int32_t max_kafka_iterations = 16384;  // ScramMechanism of Kafka

Failure refusal(Hash hash) {
    return authentication_failed(
        std::string(
            "Authentication failed during authentication due to invalid credentials with SASL "
            "mechanism ")
            .append(scram_name(hash)));
}

class ScramServer final : public ServerExchange {
public:
    ScramServer(Hash hash, ScramLookup credentials, std::string nonce)
        : hash_(hash), credentials_(std::move(credentials)), nonce_(std::move(nonce)) {}

    Result<ServerStep> step(std::span<const std::uint8_t> message, sasl::Time) override {
        switch (std::exchange(state_, State::over)) {
            case State::wait_for_first:
                return answer(as_text(message));
            case State::wait_for_final:
                return verify(as_text(message));
            case State::over:
                break;
        }
        return authentication_failed("a message out of order");
    }

private:
    enum class State : std::uint8_t { wait_for_first, wait_for_final, over };

    Result<ServerStep> answer(std::string_view text) {
        auto first = read_client_first(text);
        if (!first) return first.take_failure();
        auto credential = credentials_(first->user, first->delegation_token);
        if (!credential) return refusal(hash_);
        if (!first->authorization_id.empty() && first->authorization_id != first->user)
            return authentication_failed(
                "Authentication failed: Client requested an authorization id that is different "
                "from username");
        if (nonce_.empty()) {
            const auto bytes = random_bytes(24);
            if (!bytes) return Failure(bytes.failure());
            nonce_ = base64(bytes->reveal());
        }
        credential_ = *std::move(credential);
        client_ = *std::move(first);
        const ScramServerFirst server{client_.nonce + nonce_, credential_.salt,
                                      credential_.iterations};
        nonce_ = server.nonce;
        server_first_ = server.text();
        state_ = State::wait_for_final;
        return ServerStep{Secret(server_first_), false};
    }

    Result<ServerStep> verify(std::string_view text) {
        const auto final_message = read_client_final(text);
        if (!final_message) return Failure(final_message.failure());
        // CVE-2024-56128: the nonce must be the combined one.
        if (final_message->nonce != nonce_)
            return authentication_failed("Invalid client nonce in the final client message");
        if (final_message->channel_binding != client_.header)
            return authentication_failed("Invalid channel binding in the final client message");
        const auto auth_message =
            client_.bare() + "," + server_first_ + "," + final_message->without_proof;
        const auto client_key =
            xor_with_signature(hash_, credential_.stored_key, auth_message, final_message->proof);
        if (!client_key) return Failure(client_key.failure());
        const auto stored_key = digest(hash_, client_key->reveal());
        if (!stored_key) return Failure(stored_key.failure());
        if (!equal_in_constant_time(stored_key->reveal(), credential_.stored_key.reveal()))
            return refusal(hash_);
        const auto signature = hmac(hash_, credential_.server_key.reveal(), as_bytes(auth_message));
        if (!signature) return Failure(signature.failure());
        user_ = client_.user;
        Secret response(std::string_view("v="));
        append_base64(response, signature->reveal());
        return ServerStep{std::move(response), true};
    }

    Hash hash_;
    ScramLookup credentials_;
    std::string nonce_;  // the server's part; the combined one after the first message
    State state_ = State::wait_for_first;
    ScramClientFirst client_;
    ScramCredential credential_;
    std::string server_first_;
};

Failure check_parameters(const Secret& salt, std::int32_t iterations) {
    if (iterations < min_scram_iterations || iterations > max_kafka_iterations)
        return bad_config("SCRAM", "iterations are not between 4096 and 16384");
    if (salt.empty() || salt.size() > max_scram_salt)
        return bad_config("SCRAM", "the salt is empty or above 1024 bytes");
    return {};
}

}  // namespace

Result<ScramCredential> make_scram_credential(Hash hash, const Secret& password,
                                              std::int32_t iterations, Secret salt) {
    if (salt.empty()) {
        auto bytes = random_bytes(24);
        if (!bytes) return bytes.take_failure();
        salt = *std::move(bytes);
    }
    if (auto failure = check_parameters(salt, iterations)) return failure;
    auto keys = derive_scram_keys(hash, password, salt, iterations);
    if (!keys) return keys.take_failure();
    return ScramCredential{std::move(salt), iterations, std::move(keys->stored_key),
                           std::move(keys->server_key)};
}

Result<ScramCredential> scram_credential_from_salted(Hash hash, Secret salt,
                                                     const Secret& salted_password,
                                                     std::int32_t iterations) {
    if (auto failure = check_parameters(salt, iterations)) return failure;
    auto keys = scram_keys_from_salted(hash, salted_password);
    if (!keys) return keys.take_failure();
    return ScramCredential{std::move(salt), iterations, std::move(keys->stored_key),
                           std::move(keys->server_key)};
}

std::unique_ptr<ServerExchange> make_scram_server(Hash hash, ScramLookup credentials,
                                                  std::string nonce) {
    return std::make_unique<ScramServer>(hash, std::move(credentials), std::move(nonce));
}

}  // namespace kafka::auth
