// SPDX-License-Identifier: Apache-2.0
#include "core/opening.hpp"

#include <algorithm>

#include "base/escape.hpp"
#include "core/request_frame.hpp"
#include "core/versions.hpp"

namespace kafka::core {
namespace {

using protocol::SaslAuthenticateRequest;
using protocol::SaslAuthenticateResponse;
using protocol::SaslHandshakeRequest;
using protocol::SaslHandshakeResponse;

// Version 0 is followed by raw tokens instead of SaslAuthenticate: brokers before 1.0.
constexpr std::int16_t handshake_version = 1;

std::string listed(const std::vector<std::string>& names) {
    constexpr std::size_t most = 16;
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i)
        text += (i == 0 ? "" : ", ") + escaped(names[i], 32);
    if (names.size() > most) text += " and " + std::to_string(names.size() - most) + " more";
    return text;
}

}  // namespace

Opening::Opening(OpeningPlan plan)
    : plan_(std::move(plan)), handshake_(plan_.software_name, plan_.software_version) {}

Opening::Step Opening::start() {
    handshake_.start();
    return plan_.tls ? go(Phase::prepare, Step::prepare) : go(Phase::resolve, Step::resolve);
}

Opening::Step Opening::resumed() {
    switch (phase_) {
        case Phase::prepare:
            return go(Phase::resolve, Step::resolve);
        case Phase::resolve:
            return go(Phase::connect, Step::connect);
        case Phase::connect:
            if (plan_.tls) return go(Phase::secure, Step::secure);
            [[fallthrough]];
        case Phase::secure:
            return go(Phase::versions, Step::send);
        default:
            return fail({errc::invalid_argument, "resumed out of turn"});
    }
}

Opening::Step Opening::answered(const Slice& body) {
    switch (phase_) {
        case Phase::versions:
            return on_versions(body);
        case Phase::mechanism:
            return on_mechanism(body);
        case Phase::authenticate:
            return on_authenticated(body);
        default:
            return fail({errc::invalid_argument, "answered out of turn"});
    }
}

Opening::Step Opening::fail(Failure failure) {
    failure_ = std::move(failure);
    return Step::failed;
}

Opening::Step Opening::failed(Failure failure, bool heard) {
    const bool lost = failure.code == errc::connection_lost && !heard;
    if (lost && phase_ == Phase::versions && handshake_.lost() == Handshake::Step::send) {
        asked_versions_ = true;
        return go(Phase::connect, Step::connect);
    }
    if (lost && phase_ == Phase::versions && !plan_.tls)
        failure.detail +=
            ": is this a TLS listener? Then set ConnConfig::tls (security.protocol SSL or "
            "SASL_SSL)";
    if (lost && phase_ == Phase::secure)
        failure.detail +=
            " in answer to TLS: is this a plaintext listener? Then leave ConnConfig::tls unset "
            "(security.protocol PLAINTEXT or SASL_PLAINTEXT)";
    if (failure.code == errc::connection_lost &&
        (phase_ == Phase::mechanism || phase_ == Phase::authenticate))
        failure.detail += " while SASL " + plan_.mechanism + " was under way";
    return fail(std::move(failure));
}

Opening::Step Opening::on_versions(const Slice& body) {
    switch (handshake_.resume(body)) {
        case Handshake::Step::send:
            return Step::send;
        case Handshake::Step::failed:
            return fail(handshake_.failure());
        case Handshake::Step::done:
            break;
    }
    versions_ = handshake_.take_response();
    if (plan_.mechanism.empty()) return go(Phase::open, Step::done);
    const VersionTable table(versions_);
    const auto handshake = choose_version(SaslHandshakeRequest::info, table, {handshake_version});
    if (!handshake) return fail(handshake.failure());
    const auto authenticate = choose_version(SaslAuthenticateRequest::info, table);
    if (!authenticate) return fail(authenticate.failure());
    authenticate_version_ = *authenticate;
    mechanism_.mechanism = plan_.mechanism;
    return go(Phase::mechanism, Step::send);
}

Opening::Step Opening::reauthenticate() {
    if (phase_ != Phase::open || plan_.mechanism.empty())
        return fail({errc::invalid_argument, "re-authenticated out of turn"});
    opened_ = true;
    return go(Phase::mechanism, Step::send);
}

Opening::Step Opening::on_mechanism(const Slice& body) {
    SaslHandshakeResponse response;
    std::size_t used = 0;
    if (auto failure = protocol::decode(SaslHandshakeResponse::info, &response, handshake_version,
                                        body, {}, used))
        return fail(std::move(failure));
    const auto code = broker_error(response.error_code);
    if (code == broker_errc::unsupported_sasl_mechanism)
        return fail({errc::sasl_mechanism_unsupported,
                     response.mechanisms.empty()
                         ? "the broker has no SASL mechanism on this listener"
                         : "the broker offers " + listed(response.mechanisms) + " and not " +
                               escaped(plan_.mechanism, 32)});
    if (code == broker_errc::illegal_sasl_state && !opened_)
        return fail({code,
                     "this listener takes no SASL: leave ConnConfig::sasl unset (security.protocol "
                     "PLAINTEXT or SSL)"});
    if (code)
        return fail(
            {code, "the broker's answer to SaslHandshake with " + escaped(plan_.mechanism, 32)});
    challenge_ = {};
    rounds_ = 0;
    return go(Phase::turn, Step::turn);
}

Opening::Step Opening::turned(std::optional<Secret> response) {
    if (phase_ != Phase::turn) return fail({errc::invalid_argument, "turned out of turn"});
    challenge_ = {};
    if (response) {
        if (++rounds_ > most_rounds)
            return fail(
                {errc::sasl_authentication_failed,
                 "the exchange has no end after " + std::to_string(most_rounds) + " rounds"});
        authenticate_.auth_bytes = std::move(*response);
        return go(Phase::authenticate, Step::send);
    }
    if (rounds_ == 0)
        return fail({errc::sasl_authentication_failed,
                     "the mechanism " + plan_.mechanism + " had nothing to send"});
    opened_ = true;
    return go(Phase::open, Step::done);
}

Opening::Step Opening::on_authenticated(const Slice& body) {
    authenticate_.auth_bytes = {};
    SaslAuthenticateResponse response;
    std::size_t used = 0;
    if (auto failure = protocol::decode(SaslAuthenticateResponse::info, &response,
                                        authenticate_version_, body, {}, used))
        return fail(std::move(failure));
    if (response.error_code != 0) {
        refusal_ = response.error_message.value_or("");
        return fail({broker_error(response.error_code), escaped(*refusal_)});
    }
    // The last answer counts; earlier ones have none.
    lifetime_ = std::max<std::int64_t>(response.session_lifetime_ms, 0);
    challenge_ = Slice::copy_of(response.auth_bytes.reveal());
    return go(Phase::turn, Step::turn);
}

Opening::Question Opening::question() const noexcept {
    switch (phase_) {
        case Phase::mechanism:
            return {&SaslHandshakeRequest::info, &mechanism_, handshake_version};
        case Phase::authenticate:
            return {&SaslAuthenticateRequest::info, &authenticate_, authenticate_version_};
        default:
            return {&protocol::ApiVersionsRequest::info, &handshake_.request(),
                    handshake_.version()};
    }
}

std::string Opening::api() const {
    switch (phase_) {
        case Phase::versions:
        case Phase::mechanism:
        case Phase::authenticate: {
            const auto asked = question();
            return api_name(*asked.info, asked.version);
        }
        default:
            return {};
    }
}

std::string Opening::doing() const {
    switch (phase_) {
        case Phase::idle:
        case Phase::open:
            return "idle";
        case Phase::prepare:
            return "loading certificates";
        case Phase::resolve:
            return "resolving the name";
        case Phase::connect:
            return asked_versions_ ? "connecting again, the peer having hung up at ApiVersions"
                                   : "connecting";
        case Phase::secure:
            return "in the TLS handshake";
        case Phase::turn:
            return "computing SASL " + plan_.mechanism;
        default:
            return "waiting for the answer to " + api();
    }
}

Time reauthentication_time(std::int64_t lifetime_ms, Time authenticated, double random) noexcept {
    if (lifetime_ms <= 0) return never;
    const auto part =
        static_cast<double>(lifetime_ms) * (0.85 + 0.1 * std::clamp(random, 0.0, 1.0));
    // Doubles reach beyond the clock's end.
    if (part >= 9e15) return never;
    // A broker whose sessions last a millisecond is not followed into a loop.
    return after(authenticated,
                 std::max(milliseconds(static_cast<std::int64_t>(part)), milliseconds(1000)));
}

}  // namespace kafka::core
