// SPDX-License-Identifier: Apache-2.0
// kasio metadata: the brokers, topics and partitions of a cluster.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "common.hpp"
#include "encoding.hpp"
#include "output.hpp"

namespace kasio {

namespace {

using Json = nlohmann::ordered_json;
using kafka::protocol::MetadataRequest;
using kafka::protocol::MetadataResponse;

struct Options {
    CommonOptions common;
    std::vector<std::string> topics;
    bool json = false;
};

asio::awaitable<kafka::Failure> ask(Cluster& cluster, std::vector<std::string> topics,
                                    MetadataResponse& response, std::string& peer) {
    auto conn = co_await cluster.any();
    if (!conn) co_return conn.take_failure();
    peer = (*conn)->peer();
    MetadataRequest request;
    request.allow_auto_topic_creation = false;
    if (topics.empty()) request.topics.reset();  // null: all of them
    for (auto& name : topics) {
        MetadataRequest::Topic topic;
        topic.name = std::move(name);
        request.topics->push_back(std::move(topic));
    }
    auto answer = co_await cluster.call(*conn, std::move(request));
    if (!answer) co_return answer.take_failure();
    if (answer->error_code != 0) co_return kafka::Failure(kafka::broker_error(answer->error_code));
    response = *std::move(answer);
    co_return kafka::Failure();
}

std::string name_of_error(std::int16_t code) {
    const auto name = kafka::broker_error_name(code);
    return name.empty() ? "error " + std::to_string(code) : std::string(name);
}

// "1,2,3"
std::string list(const std::vector<std::int32_t>& numbers) {
    std::string text;
    for (const auto number : numbers) {
        if (!text.empty()) text += ',';
        text += std::to_string(number);
    }
    return text;
}

// In the manner of kcat -L.
void print_text(const MetadataResponse& response, std::string_view peer, std::string& out) {
    out += "Metadata of cluster " + response.cluster_id.value_or("(without an id)") + ", from " +
           std::string(peer) + ":\n";
    out += " " + std::to_string(response.brokers.size()) + " brokers:\n";
    for (const auto& broker : response.brokers) {
        out += "  broker " + std::to_string(broker.node_id) + " at " +
               to_string(Address{broker.host, static_cast<std::uint16_t>(broker.port)});
        if (broker.rack) out += ", rack " + *broker.rack;
        if (broker.node_id == response.controller_id) out += " (controller)";
        out += '\n';
    }
    out += " " + std::to_string(response.topics.size()) + " topics:\n";
    for (const auto& topic : response.topics) {
        out += "  topic \"" + topic.name.value_or("") + "\" with " +
               std::to_string(topic.partitions.size()) + " partitions:";
        if (topic.error_code != 0) out += " " + name_of_error(topic.error_code);
        out += '\n';
        for (const auto& partition : topic.partitions) {
            out += "    partition " + std::to_string(partition.partition_index) + ", leader " +
                   std::to_string(partition.leader_id) +
                   ", replicas: " + list(partition.replica_nodes) +
                   ", isrs: " + list(partition.isr_nodes);
            if (!partition.offline_replicas.empty()) {
                out += ", offline: " + list(partition.offline_replicas);
            }
            if (partition.error_code != 0) out += ", " + name_of_error(partition.error_code);
            out += '\n';
        }
    }
}

void add_error(Json& object, std::int16_t code) {
    if (code != 0) object["error"] = name_of_error(code);
}

void print_json(const MetadataResponse& response, std::string& out) {
    Json root;
    root["cluster_id"] = response.cluster_id ? Json(*response.cluster_id) : Json();
    root["controller"] = response.controller_id;
    root["brokers"] = Json::array();
    for (const auto& broker : response.brokers) {
        root["brokers"].push_back({{"id", broker.node_id},
                                   {"host", broker.host},
                                   {"port", broker.port},
                                   {"rack", broker.rack ? Json(*broker.rack) : Json()}});
    }
    root["topics"] = Json::array();
    for (const auto& topic : response.topics) {
        Json each;
        each["topic"] = topic.name.value_or("");
        each["id"] = topic.topic_id.is_zero() ? Json() : Json(kafka::to_string(topic.topic_id));
        each["internal"] = topic.is_internal;
        add_error(each, topic.error_code);
        each["partitions"] = Json::array();
        for (const auto& partition : topic.partitions) {
            Json entry{{"partition", partition.partition_index},
                       {"leader", partition.leader_id},
                       {"leader_epoch", partition.leader_epoch},
                       {"replicas", partition.replica_nodes},
                       {"isr", partition.isr_nodes},
                       {"offline", partition.offline_replicas}};
            add_error(entry, partition.error_code);
            each["partitions"].push_back(std::move(entry));
        }
        root["topics"].push_back(std::move(each));
    }
    out += root.dump(2, ' ', false, Json::error_handler_t::replace);
    out += '\n';
}

// The answer is shown in any case; topics that were asked for and are not there are an error.
Problem judge(const Options& options, const MetadataResponse& response) {
    if (options.topics.empty()) return {};
    for (const auto& topic : response.topics) {
        if (topic.error_code == 0) continue;
        const auto error = kafka::broker_error(topic.error_code);
        const auto name = "topic " + topic.name.value_or("");
        if (error == kafka::broker_errc::unknown_topic_or_partition) {
            return {Exit::refused, name + " does not exist"};
        }
        return problem_of(error, name);
    }
    return {};
}

int run(const Options& options) {
    ClusterOptions settings;
    if (const auto problem = cluster_options(options.common, settings)) {
        return finish("metadata", problem);
    }
    Runtime runtime;
    Cluster cluster(runtime.context(), std::move(settings));
    MetadataResponse response;
    std::string peer;
    const auto failure = runtime.run(ask(cluster, options.topics, response, peer));
    if (failure) return finish("metadata", problem_of(failure, ""));
    Output out;
    if (options.json) {
        print_json(response, out.text());
    } else {
        print_text(response, peer, out.text());
    }
    static_cast<void>(out.flush());
    if (out.problem()) return finish("metadata", out.problem());
    return finish("metadata", judge(options, response));
}

}  // namespace

Run add_metadata(CLI::App& program) {
    auto options = std::make_shared<Options>();
    auto& command = *program.add_subcommand("metadata", "Brokers, topics and partitions");
    command.footer(std::string(exit_status_help()));
    add_common_options(command, options->common);
    command.add_option("-t,--topic", options->topics, "These topics only (repeatable)")
        ->allow_extra_args(false)
        ->option_text("TOPIC");
    command.add_flag("-J,--json", options->json, "As JSON");
    return [options] { return run(*options); };
}

}  // namespace kasio
