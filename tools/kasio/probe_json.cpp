// SPDX-License-Identifier: Apache-2.0
// The report of `kasio probe` for programs.
#include <nlohmann/json.hpp>

#include "probe_report.hpp"

namespace kasio {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const SeenCertificate& seen) {
    Json object{{"subject", seen.certificate.subject},
                {"issuer", seen.certificate.issuer},
                {"serial", seen.certificate.serial},
                {"names", seen.certificate.names},
                {"not_before", seen.certificate.not_before},
                {"not_after", seen.certificate.not_after},
                {"days_left", seen.days_left ? Json(*seen.days_left) : Json()},
                {"self_signed", seen.self_signed()},
                {"errors", Json::array()}};
    for (std::size_t i = 0; i < seen.errors.size(); ++i)
        object["errors"].push_back({{"code", seen.errors[i]}, {"text", seen.said[i]}});
    return object;
}

Json json_of(const ProbeStep& step) {
    Json object{{"step", name_of(step.stage)}, {"status", name_of(step.verdict)}};
    if (step.took) object["milliseconds"] = static_cast<double>(step.took->count()) / 1000;
    object["found"] = step.found;
    if (!step.problem.empty()) object["problem"] = step.problem;
    if (!step.advice.empty()) object["advice"] = step.advice;
    return object;
}

Json json_of(const ProbedPath& path) {
    Json object{{"address", path.address}, {"steps", Json::array()}};
    for (const auto& step : path.steps) {
        auto each = json_of(step);
        if (step.stage == Stage::tls) {
            each["version"] = path.tls_version.empty() ? Json() : Json(path.tls_version);
            each["cipher"] = path.tls_cipher.empty() ? Json() : Json(path.tls_cipher);
            each["certificates"] = Json::array();
            for (const auto& seen : path.chain)
                each["certificates"].push_back(json_of(seen));
        }
        if (step.stage == Stage::login) each["mechanisms"] = path.mechanisms;
        object["steps"].push_back(std::move(each));
    }
    return object;
}

Json json_of(const std::vector<ProbedTarget>& targets) {
    auto list = Json::array();
    for (const auto& target : targets) {
        Json object;
        if (target.broker) object["broker"] = *target.broker;
        object["address"] = to_string(target.address);
        if (target.same_as) {
            object["same_as_bootstrap"] = *target.same_as;
        } else {
            object["name"] = json_of(target.name);
            object["addresses"] = Json::array();
            for (const auto& path : target.paths)
                object["addresses"].push_back(json_of(path));
        }
        list.push_back(std::move(object));
    }
    return list;
}

}  // namespace

std::string json_of(const ProbeReport& report) {
    Json root{{"ok", faults_of(report, Verdict::failed).empty()},
              {"conclusion", conclusion_of(report)},
              {"settings", report.settings},
              {"bootstrap", json_of(report.bootstrap)},
              {"cluster", json_of(report.cluster)}};
    if (report.view) {
        auto& cluster = root["cluster"];
        cluster["id"] = report.view->id;
        cluster["controller"] = report.view->controller;
        cluster["brokers"] = Json::array();
        for (const auto& broker : report.view->brokers) {
            cluster["brokers"].push_back(
                {{"id", broker.id}, {"host", broker.host}, {"port", broker.port}});
        }
    }
    root["listeners"] = json_of(report.listeners);
    return root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace kasio
