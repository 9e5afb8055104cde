// SPDX-License-Identifier: Apache-2.0
// What `kasio probe` found, and how it is shown.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <kafka/tls.hpp>

#include "addresses.hpp"
#include "exit_status.hpp"

namespace kasio {

/// The steps to a cluster, in their order.
enum class Stage : std::uint8_t { name, connect, tls, versions, login, metadata, cluster };
[[nodiscard]] std::string_view name_of(Stage stage) noexcept;

enum class Verdict : std::uint8_t {
    ok,
    warning,  ///< works, and deserves a look
    failed,
    skipped,  ///< a step before it failed
};
[[nodiscard]] std::string_view name_of(Verdict verdict) noexcept;

/// One step: what was found, and where it broke what to do. Sentences have no trailing period.
struct ProbeStep {
    Stage stage = Stage::name;
    Verdict verdict = Verdict::skipped;
    std::optional<std::chrono::microseconds> took = std::nullopt;
    std::string found = {};
    std::string problem = {};    ///< what is wrong
    std::string advice = {};     ///< what to do about it
    std::error_code error = {};  ///< where it failed

    /// Notes a failure or a warning, behind what is noted already.
    void complain(Verdict worse, std::string what, std::string todo, std::error_code code);
};

/// A certificate of a broker's chain.
struct SeenCertificate {
    kafka::TlsCertificate certificate;
    int depth = 0;                       ///< 0: the broker's own
    std::vector<int> errors = {};        ///< OpenSSL's X509_V_ERR_...
    std::vector<std::string> said = {};  ///< and those in OpenSSL's words
    /// From now to the end of its validity, rounded down; negative: expired. Nothing: unreadable.
    std::optional<std::int64_t> days_left = std::nullopt;

    [[nodiscard]] bool self_signed() const { return certificate.subject == certificate.issuer; }
};

struct AdvertisedBroker {
    std::int32_t id = 0;
    std::string host;
    std::int32_t port = 0;
    std::string rack;
};

/// The cluster as one broker describes it.
struct ClusterView {
    std::string id;
    std::int32_t controller = -1;
    std::vector<AdvertisedBroker> brokers;
};

/// The way to one address of a name.
struct ProbedPath {
    std::string address;  ///< "192.0.2.7:9092"
    std::vector<ProbeStep> steps;
    std::string tls_version, tls_cipher;
    std::vector<SeenCertificate> chain;   ///< the broker's own first
    std::vector<std::string> mechanisms;  ///< of SASL, as the broker offers them
    std::optional<ClusterView> cluster;

    [[nodiscard]] bool ok() const noexcept;
};

/// A host and port, as configured or as advertised by a broker.
struct ProbedTarget {
    Address address;
    std::optional<std::int32_t> broker;  ///< who advertises it; nothing: a bootstrap address
    /// It is this one of the bootstrap addresses, and not probed again.
    std::optional<std::size_t> same_as = std::nullopt;
    ProbeStep name = {};
    std::vector<ProbedPath> paths = {};
};

struct ProbeReport {
    std::string settings;  ///< "SASL_SSL with SCRAM-SHA-512"
    std::vector<ProbedTarget> bootstrap;
    ProbeStep cluster{.stage = Stage::cluster};
    std::optional<ClusterView> view;
    std::vector<ProbedTarget> listeners;
};

/// A broken step, and where it is: "127.0.0.1:9092".
struct Fault {
    std::string where;
    const ProbeStep* step;
};
/// In the order of the report; `report` must outlive them.
[[nodiscard]] std::vector<Fault> faults_of(const ProbeReport& report, Verdict verdict);
/// ok where nothing failed, otherwise as fits the first fault.
[[nodiscard]] Exit exit_of(const ProbeReport& report);
/// What came of it, in a sentence or two without a trailing period.
[[nodiscard]] std::string conclusion_of(const ProbeReport& report);

/// For people: no colours, the same columns throughout, at most about 100 wide.
[[nodiscard]] std::string text_of(const ProbeReport& report);
/// The same for programs (probe_json.cpp).
[[nodiscard]] std::string json_of(const ProbeReport& report);

/// "a, b and c"; "" for none.
[[nodiscard]] std::string listed(const std::vector<std::string>& names);

}  // namespace kasio
