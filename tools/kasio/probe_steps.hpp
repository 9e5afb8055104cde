// SPDX-License-Identifier: Apache-2.0
// The single steps of `kasio probe`.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <kafka/conn.hpp>
#include <kafka/conn_config.hpp>
#include <kafka/result.hpp>

#include "addresses.hpp"
#include "probe_report.hpp"

namespace kasio {

struct ProbeOptions {
    std::vector<Address> bootstrap;
    /// TLS and SASL are taken from it; its time-outs are replaced.
    kafka::ConnConfig conn;
    /// For each step.
    std::chrono::milliseconds timeout{10'000};
};

/// The time that a step has taken until now.
class StopWatch {
public:
    [[nodiscard]] std::chrono::microseconds time() const {
        return std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::steady_clock::now() - start_);
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// ---- probe_reach.cpp: as far as TCP.

/// What a name stands for: numbers, IPv6 without brackets.
struct Resolved {
    ProbeStep step;
    std::vector<std::string> numbers;
};
asio::awaitable<Resolved> resolve_name(const ProbeOptions& options, Address target);
asio::awaitable<ProbeStep> connect_tcp(Address number, std::chrono::milliseconds timeout);
/// 127.0.0.0/8, ::1; "localhost" is not a number.
[[nodiscard]] bool is_loopback(std::string_view number);
/// An address that only its own network can reach: RFC 1918, RFC 6598, link-local, fc00::/7.
[[nodiscard]] bool is_private(std::string_view number);

// ---- probe_tls.cpp: TLS.

/// Keeps what a handshake shows of the peer's certificates. In handshakes with its callback all
/// certificates pass, so that the whole chain and all that is wrong with it are seen.
class ChainRecorder {
public:
    /// `own`, where it is set, decides as before about what OpenSSL has no complaint about.
    [[nodiscard]] kafka::TlsVerifyCallback callback(kafka::TlsVerifyCallback own) const;
    /// Sorted, the peer's own first; empty if no certificate was shown.
    [[nodiscard]] std::vector<SeenCertificate> chain(
        std::chrono::system_clock::time_point now) const;
    /// TlsConfig::verify says no.
    [[nodiscard]] bool refused() const noexcept { return state_->refused; }

private:
    struct State {
        std::vector<SeenCertificate> seen;
        bool refused = false;
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// Says what is wrong with the chain of `host`, and that it soon ends: into a step that is ok so
/// far.
void judge_chain(const std::vector<SeenCertificate>& chain, const std::string& host,
                 const kafka::TlsConfig& config, ProbeStep& step);
/// A handshake that came to nothing for another reason than the broker's certificate.
void judge_tls_failure(const kafka::Failure& failure, const kafka::TlsConfig& config,
                       ProbeStep& step);

// ---- probe_login.cpp: what follows on a connection.

/// Which mechanisms the listener offers. Ends the connection where it does not offer `wanted`.
struct Offer {
    kafka::Failure failure;
    bool takes_sasl = false;
    std::vector<std::string> mechanisms;
};
asio::awaitable<Offer> ask_mechanisms(kafka::Conn& conn, std::string wanted);
/// Logs in by hand, over a connection that was opened without SASL.
asio::awaitable<ProbeStep> log_in(const ProbeOptions& options, kafka::Conn& conn, Address host,
                                  bool safe, std::vector<std::string>& mechanisms);
asio::awaitable<ProbeStep> ask_metadata(kafka::Conn& conn, std::optional<ClusterView>& view);

/// "PLAINTEXT", "SASL_SSL with SCRAM-SHA-512", ...
[[nodiscard]] std::string settings_of(const kafka::ConnConfig& config);

/// Calls an API and gives its answer.
template <class Request>
asio::awaitable<kafka::Result<typename Request::response_type>> call_api(kafka::Conn& conn,
                                                                         Request request) {
    kafka::Diagnostics diagnostics;
    kafka::CallOptions options;
    options.diagnostics = &diagnostics;
    asio::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    auto response = co_await conn.async_call(request, options, token);
    if (error) co_return kafka::Failure(error, std::move(diagnostics.detail));
    co_return std::move(response);
}

}  // namespace kasio
