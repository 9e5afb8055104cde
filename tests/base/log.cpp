// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/log.hpp>

using kafka::LogField;
using kafka::LogLevel;
using kafka::LogRecord;

TEST_CASE("each log level is found by its name, and levels ascend") {
    for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
        CHECK(kafka::log_level_from_name(to_string(level)) == level);
    }
    CHECK(LogLevel::debug < LogLevel::info);
    CHECK(LogLevel::info < LogLevel::warning);
    CHECK(LogLevel::warning < LogLevel::error);
    CHECK_FALSE(kafka::log_level_from_name("INFO"));
    CHECK_FALSE(kafka::log_level_from_name(""));
    CHECK(to_string(static_cast<LogLevel>(9)) == "unknown");
}

TEST_CASE("a log record prints as one line of level, component, message and fields") {
    const std::vector<LogField> fields = {{"peer", "localhost:9092"}, {"in_flight", "3"}};
    CHECK(to_string(LogRecord{LogLevel::warning, "conn", "lost the connection", fields}) ==
          "warning conn: lost the connection peer=localhost:9092 in_flight=3");
    CHECK(to_string(LogRecord{LogLevel::info, "group", "joined", {}}) == "info group: joined");
}

TEST_CASE("a field's value cannot pass for another field or another line") {
    const std::vector<LogField> fields = {
        {"a", "x b=y"}, {"c", ""}, {"d", "say \"hi\""}, {"e", "1\n2"}, {"f", "k=v"}};
    CHECK(to_string(LogRecord{LogLevel::error, "io", "odd\nmessage", fields}) ==
          "error io: odd\\x0amessage a=\"x b=y\" c=\"\" d=\"say \\\"hi\\\"\" e=1\\x0a2 f=\"k=v\"");
}
