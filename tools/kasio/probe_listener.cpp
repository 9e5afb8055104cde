// SPDX-License-Identifier: Apache-2.0
#include "probe_listener.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <kafka/error.hpp>

#include "probe_steps.hpp"

namespace kasio {
namespace {

const ProbedPath* good_path(const ProbedTarget& target) {
    const auto path = std::find_if(target.paths.begin(), target.paths.end(),
                                   [](const auto& each) { return each.cluster.has_value(); });
    return path == target.paths.end() ? nullptr : &*path;
}

// "192.0.2.7", without the port.
std::string_view number_of(const ProbedPath& path) {
    auto number = std::string_view(path.address);
    number = number.substr(0, number.rfind(':'));
    if (number.starts_with('[')) number = number.substr(1, number.size() - 2);
    return number;
}

template <class Predicate>
bool reached_by(const ProbeReport& report, Predicate is) {
    for (const auto& target : report.bootstrap) {
        for (const auto& path : target.paths) {
            if (path.cluster && is(number_of(path))) return true;
        }
    }
    return false;
}

std::string setting_of(const ProbedTarget& target) {
    return "set advertised.listeners of broker " + std::to_string(*target.broker);
}

std::string says(const ProbedTarget& target) {
    return "broker " + std::to_string(*target.broker) + " sends clients to " +
           to_string(target.address);
}

// Why the connection to an advertised address fails, from what kind of address it is.
void explain_connect(const ProbedTarget& target, const ProbedPath& path, const ProbeReport& report,
                     ProbeStep& step) {
    const auto number = number_of(path);
    auto what = says(target);
    if (is_loopback(number) && !reached_by(report, is_loopback)) {
        what += ", which is this machine itself and not the broker's";
    } else if (is_private(number) && !reached_by(report, is_private) &&
               !reached_by(report, is_loopback)) {
        what += ", an address of its own network that cannot be reached from here";
    }
    step.problem = what + ": " + step.problem;
    step.advice = setting_of(target) +
                  " to a name and port that clients reach from outside (here the way in was " +
                  to_string(report.bootstrap.front().address) + "); otherwise " + step.advice;
}

void explain(const ProbedTarget& target, const ProbedPath& path, const ProbeReport& report,
             ProbeStep& step) {
    if (step.stage == Stage::connect) return explain_connect(target, path, report, step);
    step.problem = says(target) + ": " + step.problem;
    if (step.error == kafka::errc::certificate_rejected) {
        step.advice =
            setting_of(target) + " to a name that its certificate has; otherwise " + step.advice;
    } else if (step.stage == Stage::tls || step.stage == Stage::versions) {
        step.advice = setting_of(target) + " to the port of a listener like the one that was " +
                      "reached; otherwise " + step.advice;
    }
}

void judge_listener(ProbedTarget& target, const ProbeReport& report) {
    if (target.name.verdict == Verdict::failed) {
        target.name.problem = says(target) + ": " + target.name.problem;
        target.name.advice =
            setting_of(target) +
            " to a name that clients can resolve (is this one of Docker's or Kubernetes' own?), or "
            "have it entered into the DNS or /etc/hosts here";
    }
    for (auto& path : target.paths) {
        for (auto& step : path.steps) {
            if (step.verdict == Verdict::failed) explain(target, path, report, step);
        }
        if (!path.cluster) continue;
        auto& last = path.steps.back();
        if (path.cluster->id != report.view->id) {
            last.complain(Verdict::failed,
                          says(target) + ", where another cluster answers: " + path.cluster->id +
                              " and not " + report.view->id,
                          setting_of(target) + " to an address of its own",
                          make_error_code(kafka::broker_errc::inconsistent_cluster_id));
        } else if (is_loopback(number_of(path)) && !reached_by(report, is_loopback)) {
            last.complain(Verdict::warning, says(target) + ", which works on this machine only",
                          setting_of(target) + " to a name that other machines reach", {});
        }
    }
}

}  // namespace

void judge_cluster(ProbeReport& report) {
    auto& step = report.cluster;
    std::map<std::string, std::vector<std::string>> where;  // by cluster id
    for (const auto& target : report.bootstrap) {
        for (const auto& path : target.paths) {
            if (!path.cluster) continue;
            if (!report.view) report.view = path.cluster;
            where[path.cluster->id].push_back(to_string(target.address));
        }
    }
    if (!report.view) {
        step.found = "skipped: no bootstrap address gave metadata";
        return;
    }
    auto& view = *report.view;
    std::sort(view.brokers.begin(), view.brokers.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    step.verdict = Verdict::ok;
    std::vector<std::string> ids;
    for (const auto& broker : view.brokers)
        ids.push_back(std::to_string(broker.id));
    step.found = view.id + ", " + (ids.size() == 1 ? "broker " : "brokers ") + listed(ids);
    if (view.controller >= 0) step.found += ", controller " + std::to_string(view.controller);
    if (where.size() > 1) {
        std::vector<std::string> all;
        for (const auto& [id, addresses] : where)
            all.push_back(id + " (" + listed(addresses) + ")");
        step.complain(Verdict::failed,
                      "the bootstrap addresses lead to different clusters: " + listed(all),
                      "give the addresses of one cluster only",
                      make_error_code(kafka::broker_errc::inconsistent_cluster_id));
    }
    if (view.brokers.empty()) {
        step.complain(Verdict::failed, "the cluster names no broker that clients can use",
                      "see that the brokers have registered with the controller",
                      make_error_code(kafka::broker_errc::broker_not_available));
    }
    if (view.controller < 0) {
        step.complain(Verdict::warning, "the cluster has no controller at the moment",
                      "see the controllers' logs", {});
    }
}

void add_listeners(ProbeReport& report) {
    if (!report.view) return;
    for (const auto& broker : report.view->brokers) {
        ProbedTarget target;
        target.address = {broker.host, static_cast<std::uint16_t>(broker.port)};
        target.broker = broker.id;
        if (broker.port < 1 || broker.port > 65535 || broker.host.empty()) {
            target.address.port = 0;
            target.name.complain(
                Verdict::failed,
                "'" + broker.host + ":" + std::to_string(broker.port) + "' is no address", "",
                make_error_code(kafka::errc::invalid_argument));
            report.cluster.complain(Verdict::failed,
                                    "broker " + std::to_string(broker.id) + " advertises '" +
                                        broker.host + ":" + std::to_string(broker.port) +
                                        "', which is no address",
                                    setting_of(target), target.name.error);
            continue;
        }
        for (std::size_t i = 0; i < report.bootstrap.size(); ++i) {
            // Not where it failed: that it is advertised as well is worth a sentence of its own.
            if (report.bootstrap[i].address == target.address && good_path(report.bootstrap[i]))
                target.same_as = i;
        }
        report.listeners.push_back(std::move(target));
    }
}

void judge_listeners(ProbeReport& report) {
    for (auto& target : report.listeners) {
        if (!target.same_as) judge_listener(target, report);
    }
}

}  // namespace kasio
