// SPDX-License-Identifier: Apache-2.0
// Files with settings: Java's properties, or TOML.
#pragma once

#include <string>
#include <string_view>

#include <kafka/properties.hpp>
#include <kafka/result.hpp>

namespace kasio {

/// The properties of a file of at most 1 MiB: TOML where its name ends in ".toml", otherwise Java's
/// syntax. Errors: invalid_argument for what cannot be read as such; the system's for a file that
/// cannot be read.
[[nodiscard]] kafka::Result<kafka::Properties> read_config_file(const std::string& file);

/// TOML: the names of tables and keys are joined with '.', the elements of an array with ','. The
/// origins become "ORIGIN:LINE". Errors: invalid_argument; never with a value, which may be secret.
[[nodiscard]] kafka::Result<kafka::Properties> parse_toml(std::string_view text,
                                                          const std::string& origin);

}  // namespace kasio
