// SPDX-License-Identifier: Apache-2.0
// Logging in, and what may be asked afterwards.
#include <memory>
#include <optional>
#include <utility>

#include <kafka/error.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/sasl_authenticate.hpp>
#include <kafka/protocol/sasl_handshake.hpp>
#include <kafka/sasl.hpp>

#include "probe_steps.hpp"
#include "probe_wait.hpp"

namespace kasio {
namespace {

using kafka::broker_errc;
using kafka::errc;
using kafka::Failure;
using kafka::Result;
using kafka::protocol::MetadataRequest;
using kafka::protocol::SaslAuthenticateRequest;
using kafka::protocol::SaslHandshakeRequest;

constexpr int most_rounds = 32;

struct Login {
    Failure failure;
    int rounds = 0;
    std::int64_t lifetime_ms = 0;  // as the broker limits it; 0: not at all
};

// One step of a mechanism; what may take long goes to a thread of its own.
asio::awaitable<Result<kafka::sasl::Step>> turn(std::shared_ptr<kafka::sasl::Exchange> exchange,
                                                std::vector<std::uint8_t> challenge,
                                                std::chrono::milliseconds timeout) {
    const auto now = std::chrono::system_clock::now();
    std::function<Result<kafka::sasl::Step>()> work = [exchange, challenge = std::move(challenge),
                                                       now]() -> Result<kafka::sasl::Step> {
        try {
            return exchange->step(challenge, now);
        } catch (const std::exception&) {  // its text may hold anything
            return Failure(errc::sasl_authentication_failed, "the mechanism threw");
        }
    };
    if (!exchange->blocks(now)) co_return work();
    auto result = co_await off_thread(std::move(work), timeout);
    if (!result) {
        co_return Failure(errc::request_timed_out, "the mechanism on this side did not end in " +
                                                       std::to_string(timeout.count()) + " ms");
    }
    co_return *std::move(result);
}

asio::awaitable<Login> exchange_with(const ProbeOptions& options, kafka::Conn& conn, Address host) {
    Login login;
    auto started = options.conn.sasl->start({host.host, host.port});
    if (!started) {
        login.failure = started.take_failure();
        co_return login;
    }
    std::shared_ptr<kafka::sasl::Exchange> exchange = *std::move(started);
    std::vector<std::uint8_t> challenge;
    while (login.rounds < most_rounds) {
        auto step = co_await turn(exchange, challenge, options.timeout);
        if (!step) {
            login.failure = step.take_failure();
            co_return login;
        }
        if (step->done) co_return login;
        ++login.rounds;
        SaslAuthenticateRequest request;
        request.auth_bytes = std::move(step->response);
        auto answer = co_await call_api(conn, std::move(request));
        if (!answer) {
            login.failure = answer.take_failure();
            co_return login;
        }
        if (answer->error_code != 0) {
            login.failure = exchange->refused(kafka::broker_error(answer->error_code),
                                              answer->error_message.value_or(""));
            co_return login;
        }
        login.lifetime_ms = answer->session_lifetime_ms;
        const auto bytes = answer->auth_bytes.reveal();
        challenge.assign(bytes.begin(), bytes.end());
    }
    login.failure = Failure(errc::sasl_authentication_failed, "the exchange has no end");
    co_return login;
}

// "1 h", "4 s"
std::string readable(std::int64_t milliseconds) {
    if (milliseconds % 3'600'000 == 0) return std::to_string(milliseconds / 3'600'000) + " h";
    if (milliseconds % 60'000 == 0) return std::to_string(milliseconds / 60'000) + " min";
    if (milliseconds % 1'000 == 0) return std::to_string(milliseconds / 1'000) + " s";
    return std::to_string(milliseconds) + " ms";
}

std::string advice_for(const Failure& failure, const std::string& mechanism) {
    if (failure.code == errc::invalid_argument) return "correct the SASL settings";
    if (failure.code == errc::request_timed_out)
        return "see what " + mechanism +
               " asks (a KDC, a token endpoint), or whether the broker can reach what it asks";
    if (mechanism == "GSSAPI")
        return "see that there is a valid ticket or keytab, and that sasl.kerberos.service.name "
               "and the broker's host name are those of its principal";
    if (mechanism == "OAUTHBEARER")
        return "see that the token is fresh and has the issuer, audience and scope that the broker "
               "expects";
    if (mechanism.starts_with("SCRAM"))
        return "see that sasl.username and sasl.password are right, and that the user has "
               "credentials of " +
               mechanism + " (kafka-configs.sh --describe --entity-type users)";
    return "see that sasl.username and sasl.password are right";
}

}  // namespace

asio::awaitable<Offer> ask_mechanisms(kafka::Conn& conn, std::string wanted) {
    Offer offer;
    SaslHandshakeRequest request;
    request.mechanism = std::move(wanted);
    auto answer = co_await call_api(conn, std::move(request));
    if (!answer) {
        offer.failure = answer.take_failure();
        co_return offer;
    }
    offer.failure = Failure(kafka::broker_error(answer->error_code));
    offer.takes_sasl = offer.failure.code != broker_errc::illegal_sasl_state;
    offer.mechanisms = std::move(answer->mechanisms);
    co_return offer;
}

asio::awaitable<ProbeStep> log_in(const ProbeOptions& options, kafka::Conn& conn, Address host,
                                  bool safe, std::vector<std::string>& mechanisms) {
    ProbeStep step;
    step.stage = Stage::login;
    const StopWatch watch;
    const std::string mechanism(options.conn.sasl->name());
    auto offer = co_await ask_mechanisms(conn, mechanism);
    mechanisms = offer.mechanisms;
    step.took = watch.time();
    if (!offer.takes_sasl && offer.failure.code == broker_errc::illegal_sasl_state) {
        step.complain(Verdict::failed, "this listener takes no login, and one is configured",
                      options.conn.tls
                          ? "set security.protocol to SSL, or use the port of a SASL_SSL listener"
                          : "set security.protocol to PLAINTEXT, or use the port of a "
                            "SASL_PLAINTEXT listener",
                      offer.failure.code);
        co_return step;
    }
    if (offer.failure.code == broker_errc::unsupported_sasl_mechanism) {
        step.complain(Verdict::failed,
                      "this listener does not offer " + mechanism + ", but " +
                          (mechanisms.empty() ? "nothing" : listed(mechanisms)),
                      "set sasl.mechanism to one that is offered, or have " + mechanism +
                          " added to the listener's sasl.enabled.mechanisms",
                      make_error_code(errc::sasl_mechanism_unsupported));
        co_return step;
    }
    if (offer.failure) {
        step.complain(Verdict::failed, "the login broke off: " + offer.failure.message(),
                      "see the broker's log", offer.failure.code);
        co_return step;
    }
    if (options.conn.sasl->reveals_secret() && !safe && !options.conn.allow_plaintext_credentials) {
        step.complain(Verdict::failed,
                      mechanism +
                          " would show the secret to everybody on the way, and is not used "
                          "without TLS",
                      "use a SASL_SSL listener, or a mechanism such as SCRAM-SHA-512",
                      make_error_code(errc::invalid_argument));
        co_return step;
    }
    const auto login = co_await exchange_with(options, conn, host);
    step.took = watch.time();
    step.found = mechanism + "; offered: " + listed(mechanisms);
    if (login.failure) {
        auto what = "the login with " + mechanism + " failed: ";
        what += login.failure.detail.empty() ? login.failure.code.message() : login.failure.detail;
        step.complain(Verdict::failed, std::move(what), advice_for(login.failure, mechanism),
                      login.failure.code);
        co_return step;
    }
    step.verdict = Verdict::ok;
    step.found += "; " + std::to_string(login.rounds) +
                  (login.rounds == 1 ? " round; " : " rounds; ") +
                  (login.lifetime_ms > 0 ? "good for " + readable(login.lifetime_ms)
                                         : "good for the life of the connection");
    co_return step;
}

asio::awaitable<ProbeStep> ask_metadata(kafka::Conn& conn, std::optional<ClusterView>& view) {
    ProbeStep step;
    step.stage = Stage::metadata;
    const StopWatch watch;
    MetadataRequest request;  // of no topic
    request.allow_auto_topic_creation = false;
    auto answer = co_await call_api(conn, std::move(request));
    step.took = watch.time();
    if (answer && answer->error_code != 0)
        answer = Failure(kafka::broker_error(answer->error_code));
    if (!answer) {
        const auto& failure = answer.failure();
        step.complain(Verdict::failed, "the broker gives no metadata: " + failure.message(),
                      failure.code == errc::request_timed_out
                          ? "see that the broker is not overloaded, stopped or cut off from its "
                            "controller"
                          : "see the broker's log",
                      failure.code);
        co_return step;
    }
    ClusterView& seen = view.emplace();
    seen.id = answer->cluster_id.value_or("");
    seen.controller = answer->controller_id;
    for (auto& broker : answer->brokers)
        seen.brokers.push_back(
            {broker.node_id, std::move(broker.host), broker.port, broker.rack.value_or("")});
    step.verdict = Verdict::ok;
    step.found = "cluster " + seen.id + ", " + std::to_string(seen.brokers.size()) +
                 (seen.brokers.size() == 1 ? " broker" : " brokers");
    co_return step;
}

std::string settings_of(const kafka::ConnConfig& config) {
    if (!config.sasl) return config.tls ? "SSL" : "PLAINTEXT";
    return (config.tls ? "SASL_SSL" : "SASL_PLAINTEXT") + std::string(", ") +
           std::string(config.sasl->name());
}

}  // namespace kasio
