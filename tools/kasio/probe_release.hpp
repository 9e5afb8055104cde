// SPDX-License-Identifier: Apache-2.0
// Which release of Kafka a broker is, judged by the versions of its APIs.
#pragma once

#include <string>

#include <kafka/protocol/api_versions.hpp>

namespace kasio {

/// "Apache Kafka 3.9", "Apache Kafka 3.3 or 3.4", "Apache Kafka 4.4 or newer"; where the versions
/// are those of no release: "no release of Apache Kafka; up to 3.1 all is there, of 3.9 some".
/// Brokers do not say it themselves. APIs that the broker does not have at all do not count.
[[nodiscard]] std::string guess_release(const kafka::protocol::ApiVersionsResponse& versions);

/// "58 APIs, 57 of them usable": those for which this library has a version in common.
[[nodiscard]] std::string count_apis(const kafka::protocol::ApiVersionsResponse& versions);

}  // namespace kasio
