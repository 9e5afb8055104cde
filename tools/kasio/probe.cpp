// SPDX-License-Identifier: Apache-2.0
#include "probe.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <kafka/error.hpp>
#include <kafka/protocol/metadata.hpp>

#include "probe_listener.hpp"
#include "probe_release.hpp"
#include "probe_wait.hpp"

namespace kasio {
namespace {

using kafka::Conn;
using kafka::errc;
using kafka::Failure;
using std::chrono::milliseconds;

// How long a guess at the other protocol may take.
constexpr milliseconds guess_timeout{3'000};

// An attempt to connect: how far it came.
struct Attempt {
    std::unique_ptr<Conn> conn;
    Failure failure;
    bool spoke = false;  // the failure is one of the exchange of requests, behind TLS
    std::chrono::microseconds took{};
};

// Walks to one target. Lives in its coroutine's frame; `target` is filled.
class Walk {
public:
    Walk(const ProbeOptions& options, ProbedTarget& target) : options_(options), target_(target) {}

    asio::awaitable<void> go();

private:
    asio::awaitable<void> go_to(ProbedPath& path, std::string number);
    asio::awaitable<Attempt> attempt(kafka::ConnConfig config, std::string number);
    asio::awaitable<bool> speaks(bool tls, std::string number);
    asio::awaitable<void> secure(Attempt& attempt, const ChainRecorder& chain, ProbedPath& path,
                                 std::string number);
    asio::awaitable<void> negotiate(Attempt& attempt, ProbedPath& path, std::string number);
    asio::awaitable<void> ask(Conn& conn, ProbedPath& path, std::string number);
    void skip_rest(ProbedPath& path) const;

    [[nodiscard]] kafka::ConnConfig plain_config(milliseconds timeout) const;

    const ProbeOptions& options_;
    ProbedTarget& target_;
};

asio::awaitable<void> Walk::go() {
    auto resolved = co_await resolve_name(options_, target_.address);
    target_.name = std::move(resolved.step);
    target_.paths.resize(resolved.numbers.size());
    std::vector<std::function<asio::awaitable<void>()>> jobs;
    for (std::size_t i = 0; i < target_.paths.size(); ++i) {
        jobs.emplace_back(
            [this, i, number = resolved.numbers[i]] { return go_to(target_.paths[i], number); });
    }
    co_await in_parallel(std::move(jobs));
    // A client goes on to the next address.
    const auto connected = [](const ProbedPath& path) {
        return path.steps.front().verdict == Verdict::ok;
    };
    if (!std::any_of(target_.paths.begin(), target_.paths.end(), connected)) co_return;
    for (auto& path : target_.paths) {
        if (connected(path)) continue;
        auto& step = path.steps.front();
        step.verdict = Verdict::warning;
        step.problem += "; clients go on to the name's other address, and lose time";
    }
}

void Walk::skip_rest(ProbedPath& path) const {
    const auto last = path.steps.back().stage;
    for (const auto stage : {Stage::tls, Stage::versions, Stage::login, Stage::metadata}) {
        if (stage <= last || (stage == Stage::tls && !options_.conn.tls) ||
            (stage == Stage::login && !options_.conn.sasl))
            continue;
        ProbeStep step;
        step.stage = stage;
        step.found = "skipped: it needs the step '" + std::string(name_of(last)) + "'";
        path.steps.push_back(std::move(step));
    }
}

kafka::ConnConfig Walk::plain_config(milliseconds timeout) const {
    auto config = options_.conn;
    config.tls.reset();
    config.sasl = nullptr;
    config.connect_timeout = timeout;
    config.request_timeout = timeout;
    return config;
}

// To one address, but under the target's name: that is what TLS checks.
asio::awaitable<Attempt> Walk::attempt(kafka::ConnConfig config, std::string number) {
    auto executor = co_await asio::this_coro::executor;
    config.resolver = [number](const std::string&, std::uint16_t, kafka::ResolveHandler done) {
        done({}, {number});
    };
    Attempt result;
    result.conn = std::make_unique<Conn>(executor, std::move(config));
    kafka::Diagnostics diagnostics;
    kafka::ConnectOptions connect;
    connect.diagnostics = &diagnostics;
    asio::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    const StopWatch watch;
    co_await result.conn->async_connect(target_.address.host, target_.address.port, connect, token);
    result.took = watch.time();
    if (error) result.failure = Failure(error, std::move(diagnostics.detail));
    result.spoke = !error || !diagnostics.api.empty();
    co_return result;
}

asio::awaitable<bool> Walk::speaks(bool tls, std::string number) {
    auto config = plain_config(std::min(options_.timeout, guess_timeout));
    const ChainRecorder chain;
    if (tls) {
        kafka::TlsConfig lenient;
        lenient.verify_peer = false;
        lenient.verify = chain.callback({});
        config.tls = kafka::Tls(std::move(lenient));
    }
    const auto tried = co_await attempt(std::move(config), std::move(number));
    co_return !tried.failure || !chain.chain({}).empty();
}

asio::awaitable<void> Walk::go_to(ProbedPath& path, std::string number) {
    const Address where{number, target_.address.port};
    path.address = to_string(where);
    auto connected = co_await connect_tcp(where, options_.timeout);
    const auto tcp_time = connected.took.value_or(std::chrono::microseconds(0));
    path.steps.push_back(std::move(connected));
    if (path.steps.back().verdict == Verdict::failed) {
        skip_rest(path);
        co_return;
    }

    auto config = plain_config(options_.timeout);
    const ChainRecorder chain;
    if (options_.conn.tls) {
        auto tls = options_.conn.tls->config();
        tls.verify = chain.callback(tls.verify);
        tls.resume_sessions = false;
        config.tls = kafka::Tls(std::move(tls));
    }
    auto tried = co_await attempt(std::move(config), number);
    // The connection is made anew; what is left of the time is TLS and the first request.
    tried.took = std::max(tried.took - tcp_time, std::chrono::microseconds(0));
    if (options_.conn.tls) {
        co_await secure(tried, chain, path, number);
        if (path.steps.back().verdict == Verdict::failed) {
            skip_rest(path);
            co_return;
        }
    }
    co_await negotiate(tried, path, number);
    if (path.steps.back().verdict != Verdict::failed) co_await ask(*tried.conn, path, number);
    skip_rest(path);
}

asio::awaitable<void> Walk::secure(Attempt& tried, const ChainRecorder& recorder, ProbedPath& path,
                                   std::string number) {
    const auto& config = options_.conn.tls->config();
    path.chain = recorder.chain(std::chrono::system_clock::now());
    ProbeStep step;
    step.stage = Stage::tls;
    step.verdict = Verdict::ok;
    step.took = tried.took;
    if (const auto* info = tried.conn->tls()) {
        path.tls_version = info->version;
        path.tls_cipher = info->cipher;
        step.took = info->handshake;
        step.found = info->version + ", " + info->cipher;
        tried.took = std::max(tried.took - info->handshake, std::chrono::microseconds(0));
    }
    judge_chain(path.chain, target_.address.host, config, step);
    if (recorder.refused()) {
        step.complain(Verdict::failed, "TlsConfig::verify refuses the broker's certificate", "",
                      make_error_code(errc::certificate_rejected));
    }
    const bool broke =
        tried.failure && (!tried.spoke || tried.failure.code == errc::client_certificate_rejected);
    if (broke && path.chain.empty() && tried.failure.code != errc::invalid_argument &&
        co_await speaks(false, number)) {
        step.complain(
            Verdict::failed, "this is a plaintext listener, and this client is set to TLS",
            options_.conn.sasl
                ? "use the port of a SASL_SSL listener, or set security.protocol to "
                  "SASL_PLAINTEXT"
                : "use the port of an SSL listener, or set security.protocol to PLAINTEXT",
            tried.failure.code);
    } else if (broke) {
        judge_tls_failure(tried.failure, config, step);
    }
    path.steps.push_back(std::move(step));
}

asio::awaitable<void> Walk::negotiate(Attempt& tried, ProbedPath& path, std::string number) {
    ProbeStep step;
    step.stage = Stage::versions;
    step.took = tried.took;
    if (!tried.failure) {
        const auto& versions = tried.conn->api_versions();
        step.verdict = Verdict::ok;
        step.found = guess_release(versions) + "; " + count_apis(versions);
        const auto metadata = tried.conn->version_for(kafka::protocol::MetadataRequest::info);
        if (!metadata && metadata.failure().code == errc::unsupported_api) {
            step.complain(Verdict::failed,
                          "this is no listener for clients: it has no Metadata (a controller's?)",
                          "use the port of a broker's listener", metadata.failure().code);
        } else if (!metadata) {
            step.complain(Verdict::failed, metadata.failure().message(),
                          "use a broker from Kafka 2.1 on", metadata.failure().code);
        }
    } else if (!options_.conn.tls && co_await speaks(true, number)) {
        step.complain(
            Verdict::failed, "this is a TLS listener, and this client is set to plaintext",
            options_.conn.sasl ? "set security.protocol to SASL_SSL, or use the port of a "
                                 "SASL_PLAINTEXT listener"
                               : "set security.protocol to SSL (SASL_SSL where a login is "
                                 "wanted), or use the port of a plaintext listener",
            tried.failure.code);
    } else if (tried.failure.code == errc::connect_timed_out) {
        step.complain(Verdict::failed,
                      "the port is open, but nobody answers (" + tried.failure.detail + ")",
                      "see that the broker is not stopped or overloaded, and that this is its port",
                      tried.failure.code);
    } else {
        step.complain(Verdict::failed, tried.failure.message(),
                      "see that this is the port of a Kafka broker, and what the broker's log says",
                      tried.failure.code);
    }
    path.steps.push_back(std::move(step));
}

asio::awaitable<void> Walk::ask(Conn& conn, ProbedPath& path, std::string number) {
    if (options_.conn.sasl) {
        const bool safe = options_.conn.tls.has_value() || is_loopback(number);
        auto login = co_await log_in(options_, conn, target_.address, safe, path.mechanisms);
        path.steps.push_back(std::move(login));
        if (path.steps.back().verdict == Verdict::failed) co_return;
    }
    auto metadata = co_await ask_metadata(conn, path.cluster);
    // A listener that wants a login hangs up at the first other request.
    if (!options_.conn.sasl && metadata.error == errc::connection_lost) {
        auto config = plain_config(options_.timeout);
        config.tls = options_.conn.tls;
        auto again = co_await attempt(std::move(config), number);
        Offer offer;
        if (!again.failure) offer = co_await ask_mechanisms(*again.conn, "PLAIN");
        if (offer.takes_sasl) {
            ProbeStep login;
            login.stage = Stage::login;
            path.mechanisms = std::move(offer.mechanisms);
            login.complain(Verdict::failed,
                           "this listener wants a login and none is configured; it offers " +
                               listed(path.mechanisms),
                           std::string("set security.protocol to ") +
                               (options_.conn.tls ? "SASL_SSL" : "SASL_PLAINTEXT") +
                               ", sasl.mechanism, sasl.username and sasl.password",
                           make_error_code(errc::sasl_authentication_failed));
            path.steps.push_back(std::move(login));
            co_return;
        }
    }
    path.steps.push_back(std::move(metadata));
}

asio::awaitable<void> walk_to(const ProbeOptions& options, ProbedTarget& target) {
    Walk walk(options, target);
    co_await walk.go();
}

asio::awaitable<void> walk_to_all(const ProbeOptions& options, std::vector<ProbedTarget>& targets) {
    std::vector<std::function<asio::awaitable<void>()>> jobs;
    for (auto& target : targets) {
        if (target.same_as) continue;
        jobs.emplace_back([&options, &target] { return walk_to(options, target); });
    }
    co_await in_parallel(std::move(jobs));
}

}  // namespace

asio::awaitable<ProbeReport> probe(ProbeOptions options) {
    ProbeReport report;
    report.settings = settings_of(options.conn);
    for (const auto& address : options.bootstrap)
        report.bootstrap.push_back(ProbedTarget{.address = address, .broker = {}});
    co_await walk_to_all(options, report.bootstrap);
    judge_cluster(report);
    add_listeners(report);
    co_await walk_to_all(options, report.listeners);
    judge_listeners(report);
    co_return report;
}

}  // namespace kasio
