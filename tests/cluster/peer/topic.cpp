// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <thread>

#include <kafka/protocol/create_topics.hpp>
#include <kafka/protocol/delete_topics.hpp>

#include "commands.hpp"
#include "json_line.hpp"
#include "runtime.hpp"

namespace kafka::peer {
namespace {

using protocol::CreateTopicsRequest;
using protocol::DeleteTopicsRequest;

std::int16_t create(Client& client, const std::string& name, std::int32_t partitions) {
    CreateTopicsRequest request;
    request.timeout_ms = 20'000;
    auto& row = request.topics.emplace_back();
    row.name = name;
    row.num_partitions = partitions;
    row.replication_factor = 3;
    auto& setting = row.configs.emplace_back();
    setting.name = "min.insync.replicas";
    setting.value = "2";
    const auto answer = call(client, std::move(request));
    if (answer.error || answer.response.topics.empty()) return -1;
    return answer.response.topics[0].error_code;
}

std::int16_t remove(Client& client, const std::string& name) {
    DeleteTopicsRequest request;
    request.timeout_ms = 20'000;
    request.topic_names = {name};
    request.topics.push_back({.name = name});
    const auto answer = call(client, std::move(request));
    if (answer.error || answer.response.responses.empty()) return -1;
    return answer.response.responses[0].error_code;
}

bool is_there(Client& client, const std::string& name, std::int32_t partitions, std::string& id) {
    const auto known = ask(client, {name});
    const auto* topic = known.response ? known.response->topic(name) : nullptr;
    if (!topic || topic->error != 0) return false;
    id = to_string(topic->id);
    return std::ssize(topic->partitions) == partitions &&
           std::all_of(topic->partitions.begin(), topic->partitions.end(),
                       [](const auto& row) { return row.leader >= 0 && row.in_sync.size() == 3; });
}

}  // namespace

int topic(const Settings& settings) {
    const auto name = settings.text("topic");
    const auto partitions = static_cast<std::int32_t>(settings.number("partitions", 1));
    Runtime runtime;
    Client client(runtime.io, settings.client());
    JsonLine line;
    std::string id;
    const bool creating = settings.text("do") == "create";
    const auto code = creating ? create(client, name, partitions) : remove(client, name);
    bool done = code == 0;
    for (int i = 0; creating && done && !is_there(client, name, partitions, id); ++i) {
        done = i < 200;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    close(client);
    line.add("ok", done).add("code", code).add("id", id).print();
    return done ? 0 : 1;
}

}  // namespace kafka::peer
