// SPDX-License-Identifier: Apache-2.0
#include <kafka/log.hpp>

#include "base/escape.hpp"

namespace kafka {
namespace {

/// As it is if that is unambiguous, otherwise in quotes with quotes and backslashes marked.
void append_value(std::string& line, std::string_view value) {
    const std::string printable = escaped(value, std::string::npos);
    if (!printable.empty() && printable.find_first_of(" \"=") == std::string::npos) {
        line += printable;
        return;
    }
    line += '"';
    for (const char c : printable) {
        if (c == '"' || c == '\\') line += '\\';
        line += c;
    }
    line += '"';
}

}  // namespace

std::string_view to_string(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "unknown";
}

std::optional<LogLevel> log_level_from_name(std::string_view name) noexcept {
    for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
        if (name == to_string(level)) return level;
    }
    return std::nullopt;
}

std::string to_string(const LogRecord& record) {
    std::string line(to_string(record.level));
    line += ' ';
    line += record.component;
    line += ": ";
    line += escaped(record.message, std::string::npos);
    for (const auto& field : record.fields) {
        line += ' ';
        line += field.key;
        line += '=';
        append_value(line, field.value);
    }
    return line;
}

}  // namespace kafka
