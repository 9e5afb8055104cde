// SPDX-License-Identifier: Apache-2.0
// Messages as JSON and back, without loss, in the form of Apache's own JSON converters. For tools:
// what goes to logs is print(), which masks secrets; this does not.
//
// In a library of its own, kafka-asio-json: applications that need no JSON need none of it.
#pragma once

#include <string>
#include <string_view>

#include <kafka/export.hpp>
#include <kafka/protocol/headers.hpp>
#include <kafka/protocol/message.hpp>
#include <kafka/protocol/registry.hpp>
#include <kafka/result.hpp>

namespace kafka::protocol {

// The form: an object with the fields of that version under Apache's names. Numbers and booleans
// are themselves, text is a string, a UUID is its 22 characters, bytes and record data are base64.
// A tagged field that holds its default is left out. Beyond Apache's form, whose readers skip what
// they do not know: "unknownTaggedFields": [{"tag": 1000, "data": "base64"}] where there are any.

/// The message as one line of JSON. Secrets stand in it as they are.
/// Errors: unsupported_version, not_in_version, invalid_argument (null where null is not allowed,
/// text that is not UTF-8); the detail names the field.
[[nodiscard]] KAFKA_API Result<std::string> to_json(const MessageInfo& info, const void* message,
                                                    int version);

/// How JSON is read.
struct JsonReadOptions {
    /// A field that is not there keeps its default. Default: false, it is an error unless the field
    /// is tagged, as in Apache's readers.
    bool missing_is_default = false;
};

/// Reads what to_json() or Apache's converters wrote into `message`, which must be fresh. Where a
/// broker's request log has the size of record data ("recordsSizeInBytes") in place of the data,
/// the message has none: null, or empty where null is not allowed.
/// Errors: unsupported_version, invalid_argument (not JSON, another type than the field's, a number
/// out of range, a field that is missing, unknown or of another version, an array of more elements
/// than DecodeLimits has by default); the detail says what and where, and shows no values.
[[nodiscard]] KAFKA_API Failure from_json(const MessageInfo& info, void* message, int version,
                                          std::string_view text,
                                          const JsonReadOptions& options = {});

template <Message M>
[[nodiscard]] Result<std::string> to_json(const M& message, int version) {
    return to_json(M::info, &message, version);
}
template <Message M>
[[nodiscard]] Failure from_json(M& message, int version, std::string_view text,
                                const JsonReadOptions& options = {}) {
    return from_json(M::info, &message, version, text, options);
}

/// What a line of a broker's request log tells.
struct LoggedRequest {
    const ApiEntry* api = nullptr;
    RequestHeader header;  ///< the version of the messages is header.request_api_version
    AnyMessage request{nullptr, nullptr};
    AnyMessage response{nullptr, nullptr};  ///< null when the line has none, as of acks=0
};

/// Reads a line of the log `kafka.request.logger`, with or without what a log pattern put around
/// its JSON object. Uses the registry of all messages. Errors: those of from_json(), and
/// unsupported_version for an API or version that this library does not know.
[[nodiscard]] KAFKA_API Result<LoggedRequest> read_request_log(std::string_view line);

}  // namespace kafka::protocol
