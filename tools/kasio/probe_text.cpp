// SPDX-License-Identifier: Apache-2.0
// The report of `kasio probe` for people.
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include "probe_report.hpp"

namespace kasio {
namespace {

constexpr std::size_t width = 100;
constexpr std::size_t column = 29;  // where what was found begins

// Brokers and certificates choose the text: nothing of it must move the cursor.
std::string clean(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        safe += byte < 0x20 || byte == 0x7f ? '?' : c;
    }
    return safe;
}

// Words behind `first`, in as many lines as it takes; those after the first begin at `indent`.
void add_wrapped(std::string& out, std::string first, std::size_t indent, std::string_view text) {
    auto line = std::move(first);
    bool fresh = true;  // no word on the line yet
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        if (!fresh && line.size() + 1 + word.size() > width) {
            out += line + '\n';
            line.assign(indent, ' ');
            fresh = true;
        }
        if (!fresh) line += ' ';
        line += word;
        fresh = false;
    }
    while (line.ends_with(' '))
        line.pop_back();
    out += line + '\n';
}

std::string_view mark_of(Verdict verdict) noexcept {
    switch (verdict) {
        case Verdict::ok:
            return "ok";
        case Verdict::warning:
            return "warn";
        case Verdict::failed:
            return "FAIL";
        case Verdict::skipped:
            return "-";
    }
    return "";
}

std::string day_of(const std::string& time) {
    return time.substr(0, time.find(' '));
}

void add_certificate(std::string& out, const SeenCertificate& seen) {
    const auto& certificate = seen.certificate;
    const std::string indent(column, ' ');
    auto words = clean(certificate.subject);
    if (!certificate.names.empty()) words += ", for " + clean(listed(certificate.names));
    add_wrapped(out, indent + std::to_string(seen.depth) + "  ", column + 3, words);
    words = seen.self_signed() ? "signed by itself" : "issued by " + clean(certificate.issuer);
    words +=
        ", valid from " + day_of(certificate.not_before) + " to " + day_of(certificate.not_after);
    if (seen.days_left) {
        const auto days = *seen.days_left;
        words += days < 0 ? ", expired" : ", " + std::to_string(days) + " days left";
    }
    add_wrapped(out, indent + "   ", column + 3, words);
    for (const auto& said : seen.said)
        add_wrapped(out, indent + "   not accepted: ", column + 3, clean(said));
}

std::string first_columns(const ProbeStep& step) {
    char time[32] = "";
    if (step.took) {
        std::snprintf(time, sizeof time, "%.1f ms", static_cast<double>(step.took->count()) / 1000);
    }
    char line[80];
    std::snprintf(line, sizeof line, "  %-4s  %-8s %10s  ",
                  std::string(mark_of(step.verdict)).c_str(),
                  std::string(name_of(step.stage)).c_str(), time);
    return line;
}

void add_step(std::string& out, const ProbeStep& step, const ProbedPath* path = nullptr) {
    auto first = first_columns(step);
    const auto indent = first.size();
    add_wrapped(out, std::move(first), indent, clean(step.found));
    if (path && step.stage == Stage::tls) {
        for (const auto& seen : path->chain)
            add_certificate(out, seen);
    }
    if (!step.problem.empty()) add_wrapped(out, "        wrong: ", 15, clean(step.problem));
    if (!step.advice.empty()) add_wrapped(out, "        to do: ", 15, clean(step.advice));
}

void add_target(std::string& out, const ProbedTarget& target) {
    out += '\n';
    const auto name = clean(to_string(target.address));
    if (target.broker) {
        out += "Broker " + std::to_string(*target.broker) + " is advertised at " + name;
    } else {
        out += "Bootstrap " + name;
    }
    if (target.same_as) {
        out += ": probed above\n";
        return;
    }
    out += '\n';
    add_step(out, target.name);
    for (const auto& path : target.paths) {
        for (const auto& step : path.steps)
            add_step(out, step, &path);
    }
}

}  // namespace

std::string text_of(const ProbeReport& report) {
    std::string out = "Probing with " + clean(report.settings) + "\n";
    for (const auto& target : report.bootstrap)
        add_target(out, target);
    out += "\nCluster\n";
    add_step(out, report.cluster);
    for (const auto& target : report.listeners)
        add_target(out, target);
    out += '\n';
    add_wrapped(out, "", 0, clean(conclusion_of(report)) + ".");
    return out;
}

}  // namespace kasio
