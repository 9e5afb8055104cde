// SPDX-License-Identifier: Apache-2.0
// What became of a connection, as JSON.
#pragma once

#include <string>

#include <kafka/error.hpp>

#include "json_line.hpp"

namespace kafka::peer {

inline void tell(JsonLine& line, const std::error_code& error, const Diagnostics& diagnostics) {
    line.add("ok", !error);
    if (!error) return;
    line.add("text", diagnostics.to_string(error)).add("code", error.message());
    line.add("category", error.category().name()).add("value", error.value());
    line.add("retriable", is_retriable(error));
    line.add("authentication", is_authentication_error(error));
}

inline std::string first_address(const std::string& all) {
    return all.substr(0, all.find(','));
}

}  // namespace kafka::peer
