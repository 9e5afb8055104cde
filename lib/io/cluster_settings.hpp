// SPDX-License-Identifier: Apache-2.0
// What a client's configuration means for its core.
#pragma once

#include <string_view>
#include <vector>

#include <kafka/client_config.hpp>
#include <kafka/result.hpp>

#include "core/address.hpp"
#include "core/cluster_core.hpp"

namespace kafka::io {

[[nodiscard]] core::ClusterLimits limits_of(const ClientConfig& config);
/// "host:port,host:port". Error: invalid_argument.
[[nodiscard]] Result<std::vector<core::Address>> parse_bootstrap(std::string_view text);

}  // namespace kafka::io
