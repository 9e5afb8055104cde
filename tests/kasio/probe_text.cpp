// SPDX-License-Identifier: Apache-2.0
#include <kafka/error.hpp>

#include "probe_run.hpp"

using namespace kasio;

namespace {

ProbeReport small_report() {
    ProbeReport report;
    report.settings = "SSL";
    ProbedTarget target;
    target.address = {"kafka.example.com", 9093};
    target.name = {.stage = Stage::name,
                   .verdict = Verdict::ok,
                   .took = std::chrono::microseconds(1234),
                   .found = "192.0.2.7 (A)"};
    ProbedPath path;
    path.address = "192.0.2.7:9093";
    ProbeStep tls{.stage = Stage::tls, .found = "TLSv1.3"};
    tls.complain(Verdict::failed, "it is expired", "renew it",
                 make_error_code(kafka::errc::certificate_rejected));
    tls.complain(Verdict::failed, "it is for another host", "use its name",
                 make_error_code(kafka::errc::tls_failed));
    path.steps.push_back(std::move(tls));
    SeenCertificate seen;
    seen.certificate.subject = "CN = broker\x1b[2J";
    seen.certificate.issuer = "CN = Example CA";
    seen.certificate.not_before = "2026-01-01 00:00:00 UTC";
    seen.certificate.not_after = "2026-02-01 00:00:00 UTC";
    seen.certificate.names = {"broker.example.com"};
    seen.days_left = -3;
    seen.errors = {10};
    seen.said = {"certificate has expired"};
    path.chain.push_back(std::move(seen));
    target.paths.push_back(std::move(path));
    report.bootstrap.push_back(std::move(target));
    return report;
}

}  // namespace

TEST_CASE("the report has the same columns throughout, and nothing that moves the cursor") {
    CHECK(
        text_of(small_report()) ==
        "Probing with SSL\n"
        "\n"
        "Bootstrap kafka.example.com:9093\n"
        "  ok    name         1.2 ms  192.0.2.7 (A)\n"
        "  FAIL  tls                  TLSv1.3\n"
        "                             0  CN = broker?[2J, for broker.example.com\n"
        "                                issued by CN = Example CA, valid from 2026-01-01 to "
        "2026-02-01,\n"
        "                                expired\n"
        "                                not accepted: certificate has expired\n"
        "        wrong: it is expired; it is for another host\n"
        "        to do: renew it; use its name\n"
        "\n"
        "Cluster\n"
        "  -     cluster\n"
        "\n"
        "It breaks at the step 'tls' of kafka.example.com:9093 (192.0.2.7:9093): it is expired; it "
        "is for\n"
        "another host.\n");
}

TEST_CASE("the exit status is that of the first failure") {
    auto report = small_report();
    CHECK(exit_of(report) == Exit::refused);
    report.bootstrap[0].name.complain(Verdict::failed, "unknown", "",
                                      make_error_code(kafka::errc::resolve_failed));
    CHECK(exit_of(report) == Exit::unreachable);
    CHECK(faults_of(report, Verdict::failed).size() == 2);
    CHECK_HAS(conclusion_of(report), "There is 1 more above");
}

TEST_CASE("a list reads as a sentence does") {
    CHECK(listed({}) == "");
    CHECK(listed({"a"}) == "a");
    CHECK(listed({"a", "b"}) == "a and b");
    CHECK(listed({"a", "b", "c"}) == "a, b and c");
}
