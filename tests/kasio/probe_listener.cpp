// SPDX-License-Identifier: Apache-2.0
#include "probe_listener.hpp"

#include <kafka/error.hpp>

#include "probe_run.hpp"
#include "probe_steps.hpp"

using namespace kasio;

namespace {

ClusterView cluster_of(std::string host, std::int32_t port) {
    return {.id = "c", .controller = 1, .brokers = {{1, std::move(host), port, ""}}};
}

// A report whose bootstrap address was reached by `number`, and said that the cluster is `view`.
ProbeReport reached(const std::string& number, ClusterView view) {
    ProbeReport report;
    ProbedTarget target;
    target.address = {"kafka.example.com", 9092};
    target.name.verdict = Verdict::ok;
    ProbedPath path;
    path.address = to_string(Address{number, 9092});
    path.steps.push_back({.stage = Stage::metadata, .verdict = Verdict::ok});
    path.cluster = std::move(view);
    target.paths.push_back(std::move(path));
    report.bootstrap.push_back(std::move(target));
    judge_cluster(report);
    add_listeners(report);
    return report;
}

// The way to the only listener breaks when connecting to `number`.
void refuse(ProbeReport& report, const std::string& number) {
    auto& target = report.listeners.front();
    target.name.verdict = Verdict::ok;
    ProbedPath path;
    path.address = to_string(Address{number, target.address.port});
    ProbeStep step{.stage = Stage::connect};
    step.complain(Verdict::failed, "no answer", "look",
                  make_error_code(kafka::errc::connect_timed_out));
    path.steps.push_back(std::move(step));
    target.paths.push_back(std::move(path));
    judge_listeners(report);
}

}  // namespace

TEST_CASE("a broker that advertises localhost to another machine is told so") {
    auto report = reached("192.0.2.7", cluster_of("localhost", 9092));
    refuse(report, "127.0.0.1");
    CHECK_HAS(first_fault(report),
              "broker 1 sends clients to localhost:9092, which is this machine itself and not the "
              "broker's: no answer -> set advertised.listeners of broker 1");
    CHECK_HAS(first_fault(report), "kafka.example.com:9092");
}

TEST_CASE("localhost is nothing special where the way in was loopback as well") {
    auto report = reached("127.0.0.1", cluster_of("localhost", 9092));
    refuse(report, "127.0.0.1");
    CHECK(first_fault(report).find("this machine itself") == std::string::npos);
}

TEST_CASE("an advertised private address that cannot be reached from outside is told so") {
    auto report = reached("192.0.2.7", cluster_of("172.18.0.3", 9092));
    refuse(report, "172.18.0.3");
    CHECK_HAS(first_fault(report),
              "an address of its own network that cannot be reached from here");
    auto inside = reached("172.18.0.2", cluster_of("172.18.0.3", 9092));
    refuse(inside, "172.18.0.3");
    CHECK(first_fault(inside).find("its own network") == std::string::npos);
}

TEST_CASE("an advertised address is not probed twice, but that it failed is said of both") {
    auto report = reached("192.0.2.7", cluster_of("kafka.example.com", 9092));
    CHECK(report.listeners.front().same_as == 0u);
    CHECK(faults_of(report, Verdict::failed).empty());
}

TEST_CASE("a cluster without brokers is a failure, one without a controller a warning") {
    auto none = reached("192.0.2.7", {.id = "c", .controller = 1, .brokers = {}});
    CHECK(none.cluster.verdict == Verdict::failed);
    auto headless = cluster_of("kafka.example.com", 9092);
    headless.controller = -1;
    CHECK(reached("192.0.2.7", headless).cluster.verdict == Verdict::warning);
}

TEST_CASE("loopback and private addresses are known from others") {
    for (const auto* number : {"127.0.0.1", "127.9.9.9", "::1"})
        CHECK(is_loopback(number));
    for (const auto* number : {"10.0.0.1", "172.16.0.1", "172.31.255.1", "192.168.1.1",
                               "100.64.0.1", "169.254.0.1", "fe80::1", "fd00::1"}) {
        CHECK(is_private(number));
        CHECK_FALSE(is_loopback(number));
    }
    for (const auto* number : {"192.0.2.7", "172.32.0.1", "11.0.0.1", "2001:db8::1", "localhost"}) {
        CHECK_FALSE(is_private(number));
        CHECK_FALSE(is_loopback(number));
    }
}
