// SPDX-License-Identifier: Apache-2.0
// Who may ask for what before it has said who it is, and for how long it is believed (KIP-43,
// KIP-152, KIP-368).
#include <array>

#include "testing/broker_core.hpp"
#include "testing/exchange.hpp"
#include "testing/handlers.hpp"
#include "testing/message_tree.hpp"
#include "testing/sasl_server.hpp"

namespace kafka::testing {
namespace {

using protocol::SaslAuthenticateRequest;
using protocol::SaslAuthenticateResponse;
using protocol::SaslHandshakeRequest;
using protocol::SaslHandshakeResponse;

// Kafka: a client that authenticates again and again is not taken seriously.
constexpr auto shortest_session = std::chrono::seconds(1);

sasl::Time wall_time(Now now) {
    return sasl::Time(std::chrono::milliseconds(now.wall_ms));
}

struct Verdict {
    Failure failure;
    Secret response;
    std::chrono::milliseconds lifetime{};
};

// One message of the client's.
Verdict step(Connection& connection, SaslServer& server, std::span<const std::uint8_t> message,
             Now now) {
    auto& state = *connection.sasl;
    if (state.again && state.wanted != state.mechanism) {
        return {Failure(broker_errc::sasl_authentication_failed,
                        "SASL mechanism '" + state.wanted +
                            "' requested by client is not supported for re-authentication of "
                            "mechanism '" +
                            state.mechanism + "'"),
                {},
                {}};
    }
    auto taken = state.exchange->step(message, wall_time(now));
    if (!taken) return {taken.take_failure(), {}, {}};
    Verdict verdict{{}, std::move(taken->response), {}};
    if (!taken->done) return verdict;
    const auto& user = state.exchange->user();
    if (state.again && user != state.user) {
        return {Failure(broker_errc::sasl_authentication_failed,
                        "Cannot change principals during re-authentication from User:" +
                            state.user + ": User:" + user),
                {},
                {}};
    }
    state.user = user;
    state.phase = SaslState::Phase::done;
    state.since = now.time;
    state.expires = never;
    connection.principal = "User:" + user;
    // The credentials' own end, or what the broker allows: whatever comes first.
    auto lifetime = server.options().max_session;
    if (const auto expires = state.exchange->expires()) {
        const auto left = std::max(
            std::chrono::milliseconds(0),
            std::chrono::duration_cast<std::chrono::milliseconds>(*expires - wall_time(now)));
        if (lifetime.count() == 0 || left < lifetime) lifetime = left;
    }
    if (lifetime.count() > 0) {
        state.expires = now.time + lifetime;
        verdict.lifetime = lifetime;
    }
    state.exchange.reset();
    return verdict;
}

}  // namespace

// A request comes to a broker that wants to know whom it serves; false if it ends the connection.
bool BrokerCore::admit(Connection& connection, std::int16_t key, std::int32_t correlation_id,
                       int version, Now now) {
    constexpr auto versions = 18, handshake = 17, authenticate = 36;
    auto& state = *connection.sasl;
    switch (state.phase) {
        case SaslState::Phase::handshake:
            if (key == versions || key == handshake) return true;
            close(connection, "request before authentication", "API " + std::to_string(key));
            return false;
        case SaslState::Phase::exchange: {
            if (key == authenticate) return true;
            // Kafka's requests of others are answered once more while a client re-authenticates;
            // it handles them one after the other, so that none comes in between.
            for (const auto& api : apis_) {
                if (api.request->api_key != key || !api.versions.contains(version)) continue;
                auto response = api.make_response();
                static_cast<void>(set_error(
                    {*api.response, response.get(), version, cluster_}, ErrorLevel::top,
                    [](const Item&) { return true; }, broker_errc::illegal_sasl_state));
                answer(connection, correlation_id, *api.response, response.get(), version, now);
            }
            close(connection, "request during authentication", "API " + std::to_string(key));
            return false;
        }
        case SaslState::Phase::done:
            if (now.time < state.expires || key == handshake) return true;
            close(connection, "session expired", connection.principal);
            return false;
    }
    return false;
}

bool BrokerCore::takes_token(Connection& connection, const Slice& frame, Now now) {
    auto& state = *connection.sasl;
    if (!state.raw || state.phase != SaslState::Phase::exchange) return false;
    auto verdict = step(connection, *sasl_, frame.bytes(), now);
    if (verdict.failure) {
        close(connection, "authentication failed", verdict.failure.detail);
        return true;
    }
    const auto token = verdict.response.reveal();
    ByteBuffer bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes.push_back(static_cast<std::uint8_t>(token.size() >> shift));
    bytes.append(token);
    WireStep whole;
    whole.bytes = std::move(bytes).release();
    enqueue(connection, {std::move(whole)}, now);
    return true;
}

void BrokerCore::set_password(const std::string& user, const std::string& password) {
    if (sasl_) sasl_->set_password(user, password);
}

Done sasl_handshake(Call& call, const SaslHandshakeRequest& request,
                    SaslHandshakeResponse& response) {
    auto* server = call.core.sasl();
    auto* state = call.connection.sasl.get();
    const auto refuse = [&](broker_errc error) {
        response.error_code = code(error);
        return Done::answered;
    };
    if (!server || !state) return refuse(broker_errc::illegal_sasl_state);
    const bool again = state->phase == SaslState::Phase::done;
    if (again && (call.version < 1 || state->expires == never ||
                  call.now.time - state->since < shortest_session)) {
        return refuse(broker_errc::illegal_sasl_state);
    }
    response.mechanisms = server->options().mechanisms;
    if (!server->has(request.mechanism)) {
        call.closes = true;
        return refuse(broker_errc::unsupported_sasl_mechanism);
    }
    state->again = again;
    state->wanted = request.mechanism;
    if (!again) state->mechanism = request.mechanism;
    state->raw = call.version == 0;
    state->exchange = server->begin(request.mechanism);
    if (!state->exchange) {
        call.closes = true;
        return refuse(broker_errc::unsupported_sasl_mechanism);
    }
    state->phase = SaslState::Phase::exchange;
    return Done::answered;
}

Done sasl_authenticate(Call& call, const SaslAuthenticateRequest& request,
                       SaslAuthenticateResponse& response) {
    auto* server = call.core.sasl();
    auto* state = call.connection.sasl.get();
    if (!server || !state || state->phase != SaslState::Phase::exchange) {
        response.error_code = code(broker_errc::illegal_sasl_state);
        response.error_message =
            "SaslAuthenticate request received after successful authentication";
        return Done::answered;
    }
    auto verdict = step(call.connection, *server, request.auth_bytes.reveal(), call.now);
    if (verdict.failure) {
        response.error_code = code(broker_errc::sasl_authentication_failed);
        response.error_message = verdict.failure.detail;
        call.closes = true;
        return Done::answered;
    }
    response.auth_bytes = std::move(verdict.response);
    if (call.version >= 1) response.session_lifetime_ms = verdict.lifetime.count();
    return Done::answered;
}

}  // namespace kafka::testing
