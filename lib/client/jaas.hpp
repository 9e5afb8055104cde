// SPDX-License-Identifier: Apache-2.0
// The value of `sasl.jaas.config`: MODULE FLAG NAME=VALUE ... ;
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <kafka/result.hpp>
#include <kafka/secret.hpp>

namespace kafka::properties {

struct JaasLogin {
    std::string module;  ///< without its package: "PlainLoginModule"
    std::map<std::string, Secret, std::less<>> options;
};

/// One login module, with Java's quoting. Errors: invalid_argument; the detail begins with "at
/// character N" and repeats nothing of the text, which may hold passwords.
[[nodiscard]] Result<JaasLogin> parse_jaas(std::string_view text);

}  // namespace kafka::properties
