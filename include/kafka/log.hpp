// SPDX-License-Identifier: Apache-2.0
// Logging: the library writes nowhere by itself; it calls the sink that the application gives it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <kafka/export.hpp>

namespace kafka {

enum class LogLevel : std::uint8_t {
    debug,    ///< each step, for the search of a fault
    info,     ///< rare and normal: connected, joined a group, elected
    warning,  ///< something failed and is dealt with: a retry, a reconnect
    error,    ///< something failed and will not come back by itself
};

/// A named value beside the message, such as {"topic", "orders"}.
struct LogField {
    std::string_view key;
    std::string value;
};

/// One thing worth telling. Holds no secrets and no record data; what came from a broker is
/// escaped. Everything it points to is valid only during the call of the sink.
struct LogRecord {
    LogLevel level = LogLevel::info;
    std::string_view component;  ///< who speaks: "conn", "metadata", "group", ...
    std::string_view message;    ///< one line, always the same words for the same event
    std::span<const LogField> fields;
};

/// Receives log records. May be called from every thread that runs the library, also from several
/// at once; must not block for long, throw, or call back into the object that logs. An empty sink
/// (the default everywhere) discards, and then records are not even made.
using LogSink = std::function<void(const LogRecord&)>;

/// "debug", "info", "warning", "error".
[[nodiscard]] KAFKA_API std::string_view to_string(LogLevel level) noexcept;
/// The level of that name, or nothing.
[[nodiscard]] KAFKA_API std::optional<LogLevel> log_level_from_name(std::string_view name) noexcept;
/// One line without its end: `warning conn: lost the connection peer=localhost:9092 in_flight=3`.
/// Values with spaces, quotes or nothing in them are quoted.
[[nodiscard]] KAFKA_API std::string to_string(const LogRecord& record);

}  // namespace kafka
