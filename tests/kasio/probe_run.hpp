// SPDX-License-Identifier: Apache-2.0
// A probe from a test: options for a broker, the run, and a look into the report.
#pragma once

#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <kafka/testing/broker.hpp>
#include <kafka/testing/certificates.hpp>

#include "addresses.hpp"
#include "probe.hpp"

namespace kasio {

using namespace std::chrono_literals;

inline ProbeOptions options_for(const std::string& bootstrap) {
    ProbeOptions options;
    options.bootstrap = *parse_addresses(bootstrap);
    options.timeout = 5s;
    return options;
}

/// Where the cluster's first broker listens; to be asked before it advertises anything else.
inline std::string first_of(const kafka::testing::Broker& broker) {
    return "127.0.0.1:" + std::to_string(broker.ports().front());
}

inline kafka::testing::BrokerTls tls_of(const kafka::testing::Certificate& certificate) {
    kafka::testing::BrokerTls tls;
    tls.certificate_pem = certificate.pem;
    tls.key_pem = certificate.key_pem;
    return tls;
}

inline ProbeReport run_probe(ProbeOptions options) {
    asio::io_context io;
    ProbeReport report;
    bool done = false;
    asio::co_spawn(io, probe(std::move(options)), [&](std::exception_ptr error, ProbeReport r) {
        REQUIRE_FALSE(error);
        report = std::move(r);
        done = true;
    });
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!done && std::chrono::steady_clock::now() < end)
        io.run_one_for(50ms);
    REQUIRE(done);
    return report;
}

/// The step of that stage on the way to the target's first address; skipped if there is none.
inline ProbeStep step_of(const ProbedTarget& target, Stage stage) {
    if (stage == Stage::name) return target.name;
    if (target.paths.empty()) return {};
    for (const auto& step : target.paths.front().steps) {
        if (step.stage == stage) return step;
    }
    return {};
}

/// The first failure, as "STAGE WHERE: PROBLEM -> ADVICE"; "" if there is none.
inline std::string first_fault(const ProbeReport& report) {
    const auto faults = faults_of(report, Verdict::failed);
    if (faults.empty()) return {};
    const auto& step = *faults.front().step;
    return std::string(name_of(step.stage)) + " " + faults.front().where + ": " + step.problem +
           " -> " + step.advice;
}

}  // namespace kasio

/// That `text` has `part` in it; shows both if it has not.
#define CHECK_HAS(text, part)                         \
    do {                                              \
        const std::string whole = (text);             \
        INFO(whole);                                  \
        CHECK(whole.find(part) != std::string::npos); \
    } while (false)
