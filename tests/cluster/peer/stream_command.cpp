// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <numeric>
#include <sstream>
#include <thread>

#include "commands.hpp"
#include "stream.hpp"
#include "usage.hpp"

namespace kafka::peer {
namespace {

constexpr std::int16_t metadata_key = 3;
constexpr auto patience = std::chrono::seconds(120);

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::istringstream in(text);
    for (std::string word; std::getline(in, word, ',');)
        words.push_back(word);
    return words;
}

JsonLine describe(const ClientStats& stats) {
    std::uint64_t connects = 0, failures = 0, disconnects = 0, asked = 0;
    for (const auto& broker : stats.brokers) {
        connects += broker.connects;
        failures += broker.connect_failures;
        disconnects += broker.disconnects;
        for (const auto& api : broker.apis)
            if (api.api_key == metadata_key) asked += api.requests;
    }
    JsonLine line;
    line.add("calls", stats.calls).add("succeeded", stats.succeeded).add("failed", stats.failed);
    line.add("retries", stats.retries).add("refreshes", stats.metadata_refreshes);
    line.add("rebootstraps", stats.rebootstraps).add("connections", stats.connections);
    line.add("connects", connects).add("connect_failures", failures);
    line.add("disconnects", disconnects).add("metadata_requests", asked);
    return line;
}

StreamOptions options_of(const Settings& settings) {
    StreamOptions options;
    options.topic = settings.text("topic");
    options.partitions = static_cast<std::int32_t>(settings.number("partitions", 1));
    options.kinds =
        words_of(settings.text("kinds", "produce,fetch,list_offsets,produce,metadata,commit,find"));
    options.callers = static_cast<std::size_t>(settings.number("callers", 6));
    options.deadline = settings.time("deadline", 5'000);
    options.pause = settings.time("pause", 50);
    options.name = settings.text("name", "stream");
    return options;
}

JsonLine at(const char* moment) {
    JsonLine line;
    line.add("at", milliseconds_of(Clock::now())).add("moment", moment);
    return line;
}

// Until told to end. What is said of the end: `ended` is true if every call came to one.
void lead(const Settings& settings, EventLog& log, bool& ended) {
    Runtime runtime(static_cast<std::size_t>(settings.number("threads", 2)));
    auto config = settings.client();
    config.hooks = log.hooks();
    config.conn.log = log.sink();
    Client client(runtime.io, std::move(config));
    Stream stream(runtime, client, options_of(settings), log);
    stream.start();
    bool amid = false;
    for (std::string line; std::getline(std::cin, line) && line != "stop";) {
        if (line == "close") {
            amid = true;
            break;
        }
        at("now").add("stats", describe(client.stats())).add("usage", Usage::now().line()).print();
    }
    JsonLine said = at("end");
    said.add("during", Usage::now().line());
    if (!amid) {
        stream.stop();
        ended = stream.wait(patience);
    }
    said.add("under_way", stream.under_way());
    const auto began = Clock::now();
    close(client);
    said.add("close_took", Clock::now() - began);
    if (amid) {
        stream.stop();
        ended = stream.wait(patience);
    }
    said.add("end_took", Clock::now() - began).add("stats", describe(client.stats()));
    said.add("ended", ended).add("closed", Usage::now().line()).print();
    if (!ended) std::_Exit(3);  // handlers that never come would hold up the threads
}

// One of each kind: what is made once a process is made before anything is counted.
void warm_up(const Settings& settings, EventLog& log) {
    Runtime runtime(static_cast<std::size_t>(settings.number("threads", 2)));
    auto config = settings.client();
    config.hooks = log.hooks();
    config.conn.log = log.sink();
    Client client(runtime.io, std::move(config));
    auto options = options_of(settings);
    options.name += "-warm";
    options.pause = std::chrono::milliseconds(5);
    Stream stream(runtime, client, std::move(options), log);
    stream.start();
    std::this_thread::sleep_for(settings.time("warm", 1'500));
    stream.stop();
    (void)stream.wait(patience);
    close(client);
}

}  // namespace

int stream(const Settings& settings) {
    EventLog log(settings.text("log"));
    if (settings.number("warm", 1'500) > 0) warm_up(settings, log);
    const auto before = Usage::now();
    at("begin").add("usage", before.line()).print();
    bool ended = false;
    lead(settings, log, ended);
    const auto after = Usage::now();
    log.flush();
    at("over").add("before", before.line()).add("after", after.line()).print();
    return ended ? 0 : 1;
}

}  // namespace kafka::peer
