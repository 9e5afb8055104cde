// SPDX-License-Identifier: Apache-2.0
// bench-topic create|delete BOOTSTRAP NAME [PARTITIONS REPLICAS]: for runs against a real cluster.
// A topic was created when every broker of the list knows the leader of each partition, and each
// leader answers for it: it is told so a moment later than the others. In milliseconds, where
// Kafka's own tool starts a JVM.
#include <algorithm>
#include <charconv>
#include <deque>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <asio/io_context.hpp>

#include <kafka/broker_errc.hpp>
#include <kafka/conn.hpp>
#include <kafka/error.hpp>
#include <kafka/protocol/create_topics.hpp>
#include <kafka/protocol/delete_topics.hpp>
#include <kafka/protocol/list_offsets.hpp>
#include <kafka/protocol/metadata.hpp>

#include "driver.hpp"

namespace kafka_bench {
namespace {

using namespace kafka::protocol;

constexpr std::int64_t patience_ns = 60'000'000'000;
constexpr std::chrono::milliseconds pause{20};

/// One connection, whose calls wait.
class Broker {
public:
    explicit Broker(const std::string& address) : conn_(context_, kafka::ConnConfig()) {
        bool done = false;
        conn_.async_connect(address, kafka::ConnectOptions(), [&](std::error_code error) {
            if (error) fail(address + ": " + error.message());
            done = true;
        });
        wait(done);
    }

    template <class Request>
    typename Request::response_type call(const Request& request) {
        typename Request::response_type answer;
        bool done = false;
        conn_.async_call(request, [&](std::error_code error, auto response) {
            if (error) fail(std::string(Request::info.name) + ": " + error.message());
            answer = std::move(response);
            done = true;
        });
        wait(done);
        return answer;
    }

private:
    void wait(const bool& done) {
        while (!done) {
            context_.restart();
            context_.run_one();
        }
    }

    asio::io_context context_{1};
    kafka::Conn conn_;
};

std::vector<std::string> addresses(std::string_view list) {
    std::vector<std::string> result;
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        result.emplace_back(list.substr(0, comma));
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return result;
}

std::int32_t number(std::string_view text) {
    std::int32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 1) {
        refuse(std::string(text) + ": a number above 0 is needed");
    }
    return value;
}

/// Whether this broker knows all leaders of the topic.
bool is_ready(Broker& broker, const std::string& name, std::int32_t partitions) {
    MetadataRequest request;
    request.topics.emplace(1).front().name = name;
    request.allow_auto_topic_creation = false;
    const auto answer = broker.call(request);
    if (answer.topics.size() != 1 || answer.topics[0].error_code != 0) return false;
    const auto& found = answer.topics[0].partitions;
    return std::ssize(found) == partitions &&
           std::none_of(found.begin(), found.end(),
                        [](const auto& each) { return each.error_code || each.leader_id < 0; });
}

/// Takes those of `partitions` that this broker leads, and answers for, out of them.
void take_led(Broker& broker, const std::string& name, std::vector<std::int32_t>& partitions) {
    constexpr std::int64_t latest = -1;
    ListOffsetsRequest request;
    request.replica_id = -1;  // a consumer
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    for (const auto index : partitions) {
        auto& wanted = topic.partitions.emplace_back();
        wanted.partition_index = index;
        wanted.timestamp = latest;
    }
    const auto answer = broker.call(request);
    for (const auto& each : answer.topics) {
        for (const auto& partition : each.partitions) {
            if (partition.error_code == 0) std::erase(partitions, partition.partition_index);
        }
    }
}

void create(const std::string& bootstrap, const std::string& name, std::int32_t partitions,
            std::int32_t replicas) {
    std::deque<Broker> brokers;
    for (const auto& address : addresses(bootstrap))
        brokers.emplace_back(address);
    CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = partitions;
    topic.replication_factor = static_cast<std::int16_t>(replicas);
    // As who cares for acks=all would have it.
    topic.configs.push_back({"min.insync.replicas", std::to_string(std::max(1, replicas - 1))});
    const auto answer = brokers.front().call(request);
    for (const auto& each : answer.topics) {
        if (each.error_code == 0) continue;
        fail(name + ": " + kafka::broker_error(each.error_code).message() + ", " +
             each.error_message.value_or(""));
    }
    const auto until = now_ns() + patience_ns;
    const auto pause_within_patience = [&] {
        if (now_ns() > until) fail(name + ": its partitions have no leaders");
        std::this_thread::sleep_for(pause);
    };
    for (auto& broker : brokers) {
        while (!is_ready(broker, name, partitions))
            pause_within_patience();
    }
    std::vector<std::int32_t> without_leader(static_cast<std::size_t>(partitions));
    std::iota(without_leader.begin(), without_leader.end(), 0);
    for (;;) {
        for (auto& broker : brokers)
            take_led(broker, name, without_leader);
        if (without_leader.empty()) break;
        pause_within_patience();
    }
}

void remove(const std::string& bootstrap, const std::string& name) {
    Broker broker(addresses(bootstrap).front());
    DeleteTopicsRequest request;
    request.topics.emplace_back().name = name;
    request.topic_names.push_back(name);  // until version 5
    request.timeout_ms = 30'000;
    const auto answer = broker.call(request);
    for (const auto& each : answer.responses) {
        if (each.error_code) {
            fail(name + ": " + kafka::broker_error(each.error_code).message());
        }
    }
}

}  // namespace
}  // namespace kafka_bench

int main(int argc, char** argv) {
    using namespace kafka_bench;
    const std::string_view what = argc > 1 ? argv[1] : "";
    if (argc == 6 && what == "create") {
        create(argv[2], argv[3], number(argv[4]), number(argv[5]));
    } else if (argc == 4 && what == "delete") {
        remove(argv[2], argv[3]);
    } else {
        refuse("usage: bench-topic create|delete BOOTSTRAP NAME [PARTITIONS REPLICAS]");
    }
    return 0;
}
