// SPDX-License-Identifier: Apache-2.0
// One POST to an identity provider, with libcurl.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <kafka/sasl_oauth.hpp>

namespace kafka::auth {

/// False when built without libcurl: then http_post() fails.
[[nodiscard]] bool http_available() noexcept;

struct HttpAnswer {
    long status = 0;
    Secret body;  ///< at most 1 MiB
};

/// Posts a form and waits for the answer; see TokenEndpoint for what it obeys. `headers` are whole
/// lines. Text of the answer gets into no failure. Thread-safe; blocks.
[[nodiscard]] Result<HttpAnswer> http_post(const sasl::TokenEndpoint& endpoint,
                                           const std::vector<Secret>& headers, const Secret& body);

}  // namespace kafka::auth
