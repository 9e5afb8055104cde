// SPDX-License-Identifier: Apache-2.0
// What TLS shows of a broker, and what is wrong with it.
#include <algorithm>
#include <ctime>
#include <optional>
#include <utility>

#include <time.h>

#include <kafka/error.hpp>

#include "probe_steps.hpp"

namespace kasio {
namespace {

// OpenSSL's X509_V_ERR_..., whose numbers do not change: TlsVerification hands them on, and this
// program needs no OpenSSL of its own.
enum : int {
    no_issuer = 2,
    not_yet_valid = 9,
    has_expired = 10,
    self_signed_leaf = 18,
    self_signed_root = 19,
    no_local_issuer = 20,
    no_leaf_signature = 21,
    wrong_purpose = 26,
    not_trusted = 27,
    wrong_host = 62,
    wrong_address = 64,
};

constexpr std::int64_t soon = 14;  // days

std::optional<std::int64_t> days_until(const std::string& date,
                                       std::chrono::system_clock::time_point now) {
    std::tm tm{};
    const char* end = ::strptime(date.c_str(), "%Y-%m-%d %H:%M:%S UTC", &tm);
    if (!end || *end != '\0') return {};
    const auto then = std::chrono::system_clock::from_time_t(::timegm(&tm));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(then - now);
    return std::chrono::floor<std::chrono::days>(seconds).count();
}

std::string trusted_by(const kafka::TlsConfig& config) {
    if (config.context) return "those of the SSL_CTX";
    std::vector<std::string> all;
    if (!config.ca_file.empty()) all.push_back(config.ca_file);
    if (!config.ca_directory.empty()) all.push_back(config.ca_directory);
    if (!config.ca_pem.empty()) all.emplace_back("the text that was given");
    if (all.empty() || config.system_authorities) all.emplace_back("the system's");
    return listed(all);
}

bool has(const SeenCertificate& seen, std::initializer_list<int> errors) {
    return std::any_of(seen.errors.begin(), seen.errors.end(), [&](int error) {
        return std::find(errors.begin(), errors.end(), error) != errors.end();
    });
}

std::string whose(const SeenCertificate& seen) {
    return seen.depth == 0 ? "the broker's certificate"
                           : "the certificate of '" + seen.certificate.subject + "' in the chain";
}

void judge_trust(const std::vector<SeenCertificate>& chain, const kafka::TlsConfig& config,
                 Verdict worse, ProbeStep& step) {
    const auto untrusted = std::any_of(chain.begin(), chain.end(), [](const SeenCertificate& seen) {
        return has(seen, {no_issuer, self_signed_leaf, self_signed_root, no_local_issuer,
                          no_leaf_signature, not_trusted});
    });
    if (!untrusted) return;
    const auto& top = chain.back();
    const auto rejected = make_error_code(kafka::errc::certificate_rejected);
    const auto trusted = trusted_by(config);
    if (chain.size() == 1 && top.self_signed()) {
        step.complain(worse,
                      "the broker's certificate is signed by itself and not among those that are "
                      "trusted here (" +
                          trusted + ")",
                      "set ssl.ca.location to a PEM file with this very certificate, got from "
                      "whoever runs the broker",
                      rejected);
        return;
    }
    const auto authority = top.self_signed() ? top.certificate.subject : top.certificate.issuer;
    auto todo = "set ssl.ca.location to a PEM file with the certificate of '" + authority + "'";
    if (!top.self_signed())
        todo +=
            " (if that is an authority between, the broker should send its certificate behind its "
            "own)";
    step.complain(worse,
                  "the chain ends at '" + authority +
                      "', which is not among the authorities trusted here (" + trusted + ")",
                  std::move(todo), rejected);
}

void judge_name(const SeenCertificate& own, const std::string& host, Verdict worse,
                ProbeStep& step) {
    if (!has(own, {wrong_host, wrong_address})) return;
    const auto& names = own.certificate.names;
    auto what = "the broker's certificate is not for '" + host + "', but for ";
    what += names.empty() ? "no name at all (no subject alternative names)" : listed(names);
    std::string todo =
        names.empty() ? "" : "use a name for the broker that its certificate has, or ";
    todo += "have a certificate issued that has '" + host + "' among its subject alternative names";
    step.complain(worse, std::move(what), std::move(todo),
                  make_error_code(kafka::errc::certificate_rejected));
}

void judge_dates(const SeenCertificate& seen, Verdict worse, ProbeStep& step) {
    const auto rejected = make_error_code(kafka::errc::certificate_rejected);
    if (has(seen, {has_expired})) {
        step.complain(worse, whose(seen) + " expired on " + seen.certificate.not_after,
                      "have it renewed, and see that this machine's clock is right", rejected);
    } else if (has(seen, {not_yet_valid})) {
        step.complain(worse, whose(seen) + " is not valid before " + seen.certificate.not_before,
                      "see that this machine's clock is right", rejected);
    } else if (seen.days_left && *seen.days_left < soon) {
        step.complain(Verdict::warning,
                      whose(seen) + " expires in " + std::to_string(*seen.days_left) + " days",
                      "have it renewed before " + seen.certificate.not_after, {});
    }
}

}  // namespace

kafka::TlsVerifyCallback ChainRecorder::callback(kafka::TlsVerifyCallback own) const {
    return [state = state_, own = std::move(own)](const kafka::TlsVerification& shown) {
        auto& seen = state->seen;
        auto at = std::find_if(seen.begin(), seen.end(),
                               [&](const auto& each) { return each.depth == shown.depth; });
        if (at == seen.end()) {
            at = seen.insert(
                at, SeenCertificate{.certificate = shown.certificate, .depth = shown.depth});
            at->certificate.der = {};
        }
        if (!shown.ok &&
            std::find(at->errors.begin(), at->errors.end(), shown.error) == at->errors.end()) {
            at->errors.push_back(shown.error);
            at->said.push_back(shown.reason);
        }
        if (own) {
            const bool accepted = own(shown);
            if (accepted && !shown.ok) {  // what the program's own check forgives is no fault
                at->errors.pop_back();
                at->said.pop_back();
            }
            if (!accepted && shown.ok) state->refused = true;
        }
        return true;
    };
}

std::vector<SeenCertificate> ChainRecorder::chain(std::chrono::system_clock::time_point now) const {
    auto chain = state_->seen;
    std::sort(chain.begin(), chain.end(),
              [](const auto& a, const auto& b) { return a.depth < b.depth; });
    for (auto& seen : chain)
        seen.days_left = days_until(seen.certificate.not_after, now);
    return chain;
}

void judge_chain(const std::vector<SeenCertificate>& chain, const std::string& host,
                 const kafka::TlsConfig& config, ProbeStep& step) {
    if (chain.empty()) return;
    // Without a check nothing is refused: that is what deserves a look.
    const bool checked = config.verify_peer || config.verify;
    const auto worse = checked ? Verdict::failed : Verdict::warning;
    if (!checked) {
        step.complain(Verdict::warning, "the broker's certificate is not checked, as configured",
                      "switch the check on, or anybody on the way can read and change everything",
                      {});
    }
    judge_trust(chain, config, worse, step);
    if (config.verify_host)
        judge_name(chain.front(), config.server_name.empty() ? host : config.server_name, worse,
                   step);
    for (const auto& seen : chain) {
        judge_dates(seen, worse, step);
        for (std::size_t i = 0; i < seen.errors.size(); ++i) {
            switch (seen.errors[i]) {
                case no_issuer:
                case not_yet_valid:
                case has_expired:
                case self_signed_leaf:
                case self_signed_root:
                case no_local_issuer:
                case no_leaf_signature:
                case not_trusted:
                case wrong_host:
                case wrong_address:
                    break;
                case wrong_purpose:
                    step.complain(worse, whose(seen) + " is not meant for this purpose",
                                  "have one issued whose extended key usage allows serverAuth",
                                  make_error_code(kafka::errc::certificate_rejected));
                    break;
                default:
                    step.complain(worse, whose(seen) + ": " + seen.said[i],
                                  "have a certificate issued without that fault",
                                  make_error_code(kafka::errc::certificate_rejected));
            }
        }
    }
}

void judge_tls_failure(const kafka::Failure& failure, const kafka::TlsConfig& config,
                       ProbeStep& step) {
    const bool own = !config.certificate_file.empty() || !config.certificate_pem.empty() ||
                     !config.pkcs12_file.empty() || config.context;
    std::string todo;
    auto what = failure.message();
    if (failure.code == kafka::errc::client_certificate_rejected && !own) {
        what = "the broker demands a certificate of this client, and none is configured";
        todo =
            "set ssl.certificate.location and ssl.key.location (PEM files) to a certificate of "
            "an authority that the broker trusts";
    } else if (failure.code == kafka::errc::client_certificate_rejected) {
        what = "the broker does not accept this client's certificate (" + failure.detail + ")";
        todo =
            "see that the certificate is valid and that its authority is among those of the "
            "broker's ssl.truststore";
    } else if (failure.code == kafka::errc::invalid_argument) {
        todo = "correct the setting that is named";
    } else if (failure.code == kafka::errc::connect_timed_out) {
        what = "the TLS handshake does not get on (" + failure.detail + ")";
        todo = "see that this is a broker's port, and that the broker is not overloaded or stopped";
    } else if (failure.code == kafka::errc::tls_unsupported) {
        todo = "use a build of kasio that has OpenSSL";
    } else {
        todo =
            "see which versions of TLS and ciphers the broker allows (ssl.enabled.protocols, "
            "ssl.cipher.suites), and whether it wants a certificate of this client";
    }
    step.complain(Verdict::failed, std::move(what), std::move(todo), failure.code);
}

}  // namespace kasio
