// SPDX-License-Identifier: Apache-2.0
// What the writer and the reader of JSON share.
#pragma once

#include <string>
#include <string_view>

#include <kafka/protocol/message.hpp>

namespace kafka::protocol {

constexpr std::string_view json_unknown_tags = "unknownTaggedFields";
/// Behind a field's name: a request log has the size of record data instead of the data.
constexpr std::string_view json_size_suffix = "SizeInBytes";
constexpr std::string_view json_nan = "\"NaN\"";
constexpr std::string_view json_infinity = "\"Infinity\"";
constexpr std::string_view json_minus_infinity = "\"-Infinity\"";

/// Paths grow from their end while a walk unwinds.
inline void add_to_path(std::string& path, std::string_view name) {
    if (!path.empty() && path[0] != '[') path.insert(0, 1, '.');
    path.insert(0, name);
}
inline void add_to_path(std::string& path, std::size_t index) {
    add_to_path(path, '[' + std::to_string(index) + ']');
}

inline Failure check_json_version(const MessageInfo& info, int version) {
    if (info.versions.contains(version)) return {};
    return {errc::unsupported_version, std::string(info.name) + " v" + std::to_string(version) +
                                           ", valid are " + std::to_string(info.versions.min) +
                                           " to " + std::to_string(info.versions.max)};
}

}  // namespace kafka::protocol
