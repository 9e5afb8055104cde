// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "testing/handlers.hpp"

namespace kafka::testing {
namespace {

using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;

class Deletion {
public:
    Deletion(Cluster& cluster, DeleteTopicsResponse& response)
        : cluster_(cluster), response_(response) {}

    void refuse(std::optional<std::string> name, const Uuid& id, broker_errc error,
                std::string message) {
        auto& row = response_.responses.emplace_back();
        row.name = std::move(name);
        row.topic_id = id;
        row.error_code = code(error);
        row.error_message = std::move(message);
    }
    void remove(Topic* topic, const std::optional<std::string>& name, const Uuid& id) {
        if (!topic) {
            return refuse(
                name, id,
                name ? broker_errc::unknown_topic_or_partition : broker_errc::unknown_topic_id,
                name ? "This server does not host this topic-partition."
                     : "This server does not host this topic ID.");
        }
        auto& row = response_.responses.emplace_back();
        row.name = topic->name;
        row.topic_id = topic->id;
        cluster_.remove(*topic);
    }

private:
    Cluster& cluster_;
    DeleteTopicsResponse& response_;
};

}  // namespace

Done delete_topics(Call& call, const DeleteTopicsRequest& request, DeleteTopicsResponse& response) {
    auto topics = request.topics;
    for (const auto& name : request.topic_names)
        topics.emplace_back().name = name;

    // A topic that is named twice, by names and ids alike, is left alone.
    std::map<Uuid, int> ids;
    std::map<std::string, int> names;
    for (const auto& topic : topics) {
        const auto* found =
            topic.name ? call.cluster.find(*topic.name) : call.cluster.find(topic.topic_id);
        if (topic.name && !topic.topic_id.is_zero()) continue;
        if (found) {
            ++ids[found->id];
        } else {
            topic.name ? ++names[*topic.name] : ++ids[topic.topic_id];
        }
    }
    Deletion deletion(call.cluster, response);
    for (const auto& topic : topics) {
        if (topic.name && !topic.topic_id.is_zero()) {
            deletion.refuse(topic.name, topic.topic_id, broker_errc::invalid_request,
                            "You may not specify both topic name and topic id.");
            continue;
        }
        if (!topic.name && topic.topic_id.is_zero()) {
            deletion.refuse(std::nullopt, {}, broker_errc::invalid_request,
                            "Neither topic name nor id were specified.");
            continue;
        }
        auto* found =
            topic.name ? call.cluster.find(*topic.name) : call.cluster.find(topic.topic_id);
        auto& times = found        ? ids[found->id]
                      : topic.name ? names[*topic.name]
                                   : ids[topic.topic_id];
        if (times == 0) continue;  // refused already
        if (times > 1) {
            times = 0;
            deletion.refuse(topic.name, topic.topic_id, broker_errc::invalid_request,
                            topic.name ? "Duplicate topic name." : "Duplicate topic id.");
            continue;
        }
        deletion.remove(found, topic.name, topic.topic_id);
    }
    return Done::answered;
}

}  // namespace kafka::testing
