// SPDX-License-Identifier: Apache-2.0
#include "event_log.hpp"

namespace kafka::peer {
namespace {

JsonLine about(std::string_view event, const ConnRef& conn, const Failure* failure) {
    JsonLine line;
    line.add("event", event).add("at", milliseconds_of(Clock::now()));
    line.add("broker", conn.broker_id).add("port", conn.port);
    line.add("purpose", to_string(conn.purpose)).add("conn", conn.number);
    if (failure) line.add("failure", failure->message());
    return line;
}

}  // namespace

EventLog::EventLog(const std::string& path) : file_(path) {}

void EventLog::write(const JsonLine& line) {
    const auto text = line.text();
    const std::lock_guard lock(mutex_);
    file_ << text << '\n';
}

void EventLog::flush() {
    const std::lock_guard lock(mutex_);
    file_.flush();
}

Hooks EventLog::hooks() {
    Hooks hooks;
    hooks.connect = [this](const ConnectEvent& event) {
        write(about("connect", event.conn, event.failure).add("took", event.took));
    };
    hooks.disconnect = [this](const DisconnectEvent& event) {
        write(about("disconnect", event.conn, event.cause));
    };
    hooks.metadata = [this](const MetadataEvent& event) {
        JsonLine line;
        line.add("event", "metadata").add("at", milliseconds_of(Clock::now()));
        std::string topics = "[";
        for (const auto& topic : event.after->topics) {
            JsonLine row;
            row.add("name", topic->name).add("id", to_string(topic->id));
            row.add("error", topic->error);
            std::string leaders = "[";
            for (const auto& partition : topic->partitions)
                leaders += (leaders.size() > 1 ? ", " : "") + std::to_string(partition.leader);
            row.raw("leaders", leaders + "]");
            topics += (topics.size() > 1 ? ", " : "") + row.text();
        }
        write(line.add("version", event.after->version).raw("topics", topics + "]"));
    };
    return hooks;
}

LogSink EventLog::sink() {
    return [this](const LogRecord& record) {
        if (record.level == LogLevel::debug) return;
        JsonLine line;
        line.add("event", "log").add("at", milliseconds_of(Clock::now()));
        write(line.add("text", to_string(record)));
    };
}

}  // namespace kafka::peer
