// SPDX-License-Identifier: Apache-2.0
// The reader on JSON that is parsed already.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include <kafka/protocol/json.hpp>

namespace kafka::protocol {

using Json = nlohmann::json;

/// Discarded (see nlohmann::json::is_discarded) when the text is not JSON; nothing is thrown.
[[nodiscard]] Json parse_json(std::string_view text);

struct JsonRules {
    bool missing_is_default = false;
    bool skip_unknown = false;  // what this version of the message does not have is no error
};
[[nodiscard]] Failure read_json(const MessageInfo& info, void* message, int version,
                                const Json& json, const JsonRules& rules);

}  // namespace kafka::protocol
