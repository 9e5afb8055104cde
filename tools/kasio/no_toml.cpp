// SPDX-License-Identifier: Apache-2.0
// Without toml++.
#include <kafka/error.hpp>

#include "config_file.hpp"

namespace kasio {

kafka::Result<kafka::Properties> parse_toml(std::string_view, const std::string& origin) {
    return kafka::Failure(kafka::errc::invalid_argument,
                          origin +
                              ": this program was built without TOML: write NAME=VALUE lines into "
                              "a file whose name does not end in .toml");
}

}  // namespace kasio
