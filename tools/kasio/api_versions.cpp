// SPDX-License-Identifier: Apache-2.0
// kasio api-versions: which APIs brokers have, and which versions this library would speak.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <kafka/protocol/api_versions.hpp>
#include <kafka/protocol/registry.hpp>

#include "common.hpp"
#include "output.hpp"

namespace kasio {

namespace {

using Json = nlohmann::ordered_json;
using kafka::protocol::ApiVersionsResponse;
using kafka::protocol::VersionRange;

struct Options {
    CommonOptions common;
    bool all = false;
    bool json = false;
};

// One API as one broker and this library have it.
struct Row {
    std::int16_t key = 0;
    std::string name;
    VersionRange broker;
    VersionRange ours;

    [[nodiscard]] VersionRange common() const { return broker.intersect(ours); }
};

struct Answer {
    std::string peer;
    std::vector<Row> rows;
    ApiVersionsResponse response;
};

Answer answer_of(kafka::Conn& conn) {
    Answer answer{conn.peer(), {}, conn.api_versions()};
    for (const auto& api : answer.response.api_keys) {
        Row row;
        row.key = api.api_key;
        row.broker = {api.min_version, api.max_version};
        const auto* entry = kafka::protocol::find_api(api.api_key);
        row.name = entry ? entry->request->api : "(unknown)";
        if (entry) row.ours = entry->request->stable();
        answer.rows.push_back(std::move(row));
    }
    std::sort(answer.rows.begin(), answer.rows.end(),
              [](const Row& a, const Row& b) { return a.key < b.key; });
    return answer;
}

asio::awaitable<kafka::Failure> ask(Cluster& cluster, bool all, std::vector<Answer>& answers) {
    auto conn = co_await cluster.any();
    if (!conn) co_return conn.take_failure();
    if (!all) {
        answers.push_back(answer_of(**conn));
        co_return kafka::Failure();
    }
    auto failure = co_await cluster.refresh();
    if (failure) co_return failure;
    std::set<std::int32_t> ids;
    for (const auto& broker : cluster.metadata().brokers)
        ids.insert(broker.node_id);
    for (const auto id : ids) {
        auto each = co_await cluster.broker(id);
        if (!each) co_return each.take_failure();
        answers.push_back(answer_of(**each));
    }
    co_return kafka::Failure();
}

std::string text_of(VersionRange range) {
    if (range.empty()) return "-";
    return std::to_string(range.min) + ".." + std::to_string(range.max);
}

std::string chosen_text(const Row& row) {
    return row.common().empty() ? "-" : std::to_string(row.common().max);
}

void print_text(const Answer& answer, std::string& out) {
    out += "Broker " + answer.peer + ":\n";
    char line[160];
    std::snprintf(line, sizeof line, "  %4s  %-34s %8s %8s %7s\n", "key", "API", "broker", "kasio",
                  "chosen");
    out += line;
    for (const auto& row : answer.rows) {
        std::snprintf(line, sizeof line, "  %4d  %-34s %8s %8s %7s\n", row.key, row.name.c_str(),
                      text_of(row.broker).c_str(), text_of(row.ours).c_str(),
                      chosen_text(row).c_str());
        out += line;
    }
    for (const auto& feature : answer.response.finalized_features) {
        out +=
            "  feature " + feature.name + ": " + std::to_string(feature.max_version_level) + "\n";
    }
}

Json json_of(VersionRange range) {
    if (range.empty()) return {};
    return {{"min", range.min}, {"max", range.max}};
}

Json json_of(const Answer& answer) {
    Json root;
    root["broker"] = answer.peer;
    root["apis"] = Json::array();
    for (const auto& row : answer.rows) {
        Json each{{"key", row.key}, {"name", row.name}};
        each["broker"] = json_of(row.broker);
        each["kasio"] = json_of(row.ours);
        each["chosen"] = row.common().empty() ? Json() : Json(row.common().max);
        root["apis"].push_back(std::move(each));
    }
    root["features"] = Json::array();
    for (const auto& feature : answer.response.finalized_features) {
        root["features"].push_back({{"name", feature.name}, {"level", feature.max_version_level}});
    }
    return root;
}

int run(const Options& options) {
    ClusterOptions settings;
    if (const auto problem = cluster_options(options.common, settings)) {
        return finish("api-versions", problem);
    }
    Runtime runtime;
    Cluster cluster(runtime.context(), std::move(settings));
    std::vector<Answer> answers;
    const auto failure = runtime.run(ask(cluster, options.all, answers));
    if (failure) return finish("api-versions", problem_of(failure, ""));
    Output out;
    if (options.json) {
        Json root = Json::array();
        for (const auto& answer : answers)
            root.push_back(json_of(answer));
        out.text() = root.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    } else {
        for (const auto& answer : answers)
            print_text(answer, out.text());
    }
    static_cast<void>(out.flush());
    return finish("api-versions", out.problem());
}

}  // namespace

Run add_api_versions(CLI::App& program) {
    auto options = std::make_shared<Options>();
    auto& command =
        *program.add_subcommand("api-versions", "The APIs of brokers and their versions");
    command.footer(
        "broker: the versions that the broker has; kasio: those of this program;\n"
        "chosen: the one that would be spoken (-: none).\n\n" +
        std::string(exit_status_help()));
    add_common_options(command, options->common);
    command.add_flag("-a,--all", options->all, "Ask each broker, not one only");
    command.add_flag("-J,--json", options->json, "As JSON: a list with an object per broker");
    return [options] { return run(*options); };
}

}  // namespace kasio
