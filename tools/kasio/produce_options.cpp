// SPDX-License-Identifier: Apache-2.0
#include "produce_options.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include <kafka/codec.hpp>
#include <kafka/compression.hpp>
#include <kafka/writer_config.hpp>

#include "times.hpp"

namespace kasio {

namespace {

constexpr std::size_t least_batch = 128;  // of a Writer

Problem usage(std::string sentence) {
    return {Exit::usage, std::move(sentence)};
}

Problem plan_codec(const std::string& text, kafka::Properties& settings) {
    const auto colon = text.find(':');
    const auto name = text.substr(0, colon);
    const auto codec = kafka::compression_from_name(name);
    if (!codec) return usage("-z: unknown codec '" + name + "' (none, gzip, snappy, lz4, zstd)");
    if (!kafka::codec::available(*codec)) return usage("-z: " + name + " was not compiled in");
    settings.push_back({"compression.type", name, "-z"});
    if (colon == std::string::npos) return {};
    const auto level = parse_integer(text.substr(colon + 1));
    const auto range = kafka::codec::level_range(*codec);
    if (!level || *level < range.lowest || *level > range.highest) {
        return usage("-z: the level of " + name + " is a number from " +
                     std::to_string(range.lowest) + " to " + std::to_string(range.highest));
    }
    if (range.lowest < range.highest)
        settings.push_back({"compression." + name + ".level", std::to_string(*level), "-z"});
    return {};
}

Problem plan_acks(const std::string& text, kafka::Properties& settings) {
    const char* value = nullptr;
    if (text == "all" || text == "-1") value = "all";
    if (text == "1" || text == "leader") value = "1";
    if (text == "0" || text == "none") value = "0";
    if (!value) return usage("-a: '" + text + "' is none of all, 1, 0");
    settings.push_back({"acks", value, "-a"});
    return {};
}

asio::awaitable<kafka::Failure> find_or_create(const ProduceOptions& options, Cluster& cluster) {
    if (options.create == 0) {
        cluster.watch(options.topic);
        auto failure = co_await cluster.wait_for_topic();
        co_return failure;
    }
    NewTopic topic{options.topic, options.create, options.replication};
    bool there = false;
    auto failure = co_await cluster.create_topic(std::move(topic), there);
    co_return failure;
}

asio::awaitable<bool> end(Cluster& cluster) {
    cluster.close();
    co_return true;
}

Problem take_options(ProduceOptions& options) {
    auto& settings = options.common.settings.options;
    settings.clear();
    if (!options.codec.empty())
        if (auto problem = plan_codec(options.codec, settings)) return problem;
    if (!options.acks.empty())
        if (auto problem = plan_acks(options.acks, settings)) return problem;
    // A record that does not fit makes a batch of its own.
    if (options.batch_size > 0)
        settings.push_back({"batch.size", std::to_string(std::max(options.batch_size, least_batch)),
                            "--batch-size"});
    return {};
}

}  // namespace

void add_produce_options(CLI::App& command, ProduceOptions& options) {
    options.common.more_settings = [&options] { return take_options(options); };
    add_common_options(command, options.common);
    command.add_option("-t,--topic", options.topic, "The topic")->required();
    command
        .add_option("-z,--compression,--codec", options.codec, "none, gzip, snappy, lz4 or zstd")
        ->option_text("CODEC[:LEVEL] [none]");
    command.add_option("-a,--acks", options.acks, "Who must have a record: all, 1 (leader), 0")
        ->option_text("ACKS [all]");
    command.add_option("--create", options.create, "Create the topic, if it is not there")
        ->check(CLI::Range(1, 100'000))
        ->option_text("PARTITIONS");
    command
        .add_option("--replication", options.replication,
                    "Replicas of a topic that is created; default: the cluster's")
        ->check(CLI::Range(1, 1'000))
        ->option_text("N");
    command.add_option("--batch-size", options.batch_size, "Bytes of a batch, uncompressed")
        ->check(CLI::Range(std::size_t{1}, std::size_t{100} << 20))
        ->option_text("BYTES [" + std::to_string(kafka::WriterConfig().batch_size) + "]");
}

Problem make_produce_plan(ProduceOptions& options, ProducePlan& plan) {
    if (auto problem = take_options(options)) return problem;
    auto problem = writer_options(options.common, plan.cluster, plan.client, plan.writer);
    plan.writer.topic = options.topic;
    return problem;
}

Problem ensure_topic(const ProduceOptions& options, Runtime& runtime,
                     const ClusterOptions& cluster_options, std::int32_t& partitions) {
    Cluster cluster(runtime.context(), cluster_options);
    const auto failure = runtime.run(find_or_create(options, cluster));
    partitions = cluster.partition_count();
    runtime.run(end(cluster));
    if (!failure) return {};
    if (options.create > 0) return problem_of(failure, "creating the topic");
    if (failure.code == kafka::broker_errc::unknown_topic_or_partition) {
        return {Exit::refused,
                "topic " + options.topic + " does not exist (--create PARTITIONS makes it)"};
    }
    return problem_of(failure, "");
}

}  // namespace kasio
