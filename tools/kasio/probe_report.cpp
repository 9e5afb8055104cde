// SPDX-License-Identifier: Apache-2.0
#include "probe_report.hpp"

#include <algorithm>
#include <utility>

#include <kafka/error.hpp>

namespace kasio {

std::string_view name_of(Stage stage) noexcept {
    switch (stage) {
        case Stage::name:
            return "name";
        case Stage::connect:
            return "connect";
        case Stage::tls:
            return "tls";
        case Stage::versions:
            return "versions";
        case Stage::login:
            return "login";
        case Stage::metadata:
            return "metadata";
        case Stage::cluster:
            return "cluster";
    }
    return "";
}

std::string_view name_of(Verdict verdict) noexcept {
    switch (verdict) {
        case Verdict::ok:
            return "ok";
        case Verdict::warning:
            return "warning";
        case Verdict::failed:
            return "failed";
        case Verdict::skipped:
            return "skipped";
    }
    return "";
}

void ProbeStep::complain(Verdict worse, std::string what, std::string todo, std::error_code code) {
    const auto append = [](std::string& to, std::string more) {
        if (more.empty()) return;
        to += (to.empty() ? "" : "; ") + std::move(more);
    };
    append(problem, std::move(what));
    append(advice, std::move(todo));
    if (verdict != Verdict::failed) {
        verdict = worse;
        error = code;
    }
}

bool ProbedPath::ok() const noexcept {
    return !steps.empty() && std::all_of(steps.begin(), steps.end(), [](const ProbeStep& step) {
        return step.verdict == Verdict::ok || step.verdict == Verdict::warning;
    });
}

std::vector<Fault> faults_of(const ProbeReport& report, Verdict verdict) {
    std::vector<Fault> faults;
    const auto add = [&](const std::string& where, const ProbeStep& step) {
        if (step.verdict == verdict) faults.push_back({where, &step});
    };
    const auto add_all = [&](const std::vector<ProbedTarget>& targets) {
        for (const auto& target : targets) {
            const auto name = to_string(target.address);
            if (target.same_as) continue;
            add(name, target.name);
            for (const auto& path : target.paths) {
                const auto where = path.address == name ? name : name + " (" + path.address + ")";
                for (const auto& step : path.steps)
                    add(where, step);
            }
        }
    };
    add_all(report.bootstrap);
    add("the cluster", report.cluster);
    add_all(report.listeners);
    return faults;
}

Exit exit_of(const ProbeReport& report) {
    const auto faults = faults_of(report, Verdict::failed);
    if (faults.empty()) return Exit::ok;
    const auto& error = faults.front().step->error;
    if (kafka::is_authentication_error(error)) return Exit::refused;
    if (!error || error == kafka::errc::tls_failed) return Exit::unreachable;
    return exit_status_of(error);
}

std::string conclusion_of(const ProbeReport& report) {
    const auto faults = faults_of(report, Verdict::failed);
    if (faults.empty()) {
        const auto count = report.view ? report.view->brokers.size() : 0;
        const auto warnings = faults_of(report, Verdict::warning).size();
        std::string text = "All is well: " + std::to_string(count) +
                           (count == 1 ? " broker answers" : " brokers answer") +
                           " at the address that clients are told";
        if (warnings == 1) text += "; one thing deserves a look";
        if (warnings > 1) text += "; " + std::to_string(warnings) + " things deserve a look";
        return text;
    }
    const auto& first = faults.front();
    auto text = "It breaks at the step '" + std::string(name_of(first.step->stage)) + "'";
    if (first.step->stage != Stage::cluster) text += " of " + first.where;
    text += ": " + first.step->problem;
    if (faults.size() > 1) {
        text += ". There " + std::string(faults.size() == 2 ? "is " : "are ") +
                std::to_string(faults.size() - 1) + " more above";
    }
    return text;
}

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
        text += names[i];
    }
    return text;
}

}  // namespace kasio
