// SPDX-License-Identifier: Apache-2.0
// Amazon's Signature Version 4.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include <kafka/sasl_aws.hpp>

namespace kafka::auth {

/// A request to be signed. Path and query are given unencoded.
struct AwsRequest {
    std::string method = "GET";
    std::string path = "/";
    std::map<std::string, std::string> query = {};
    /// Names in lower case. "host" among them.
    std::map<std::string, std::string> headers = {};
    /// The SHA-256 of the body in hexadecimal, or "UNSIGNED-PAYLOAD". Default: of no body.
    std::string payload_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
};

struct AwsScope {
    std::string region;
    std::string service;
    sasl::Time time;
};

/// "20150830T123600Z".
[[nodiscard]] std::string aws_timestamp(sasl::Time time);
/// Percent-encoding of everything but letters, digits and "-._~"; of '/' too unless `path`.
[[nodiscard]] std::string aws_encoded(std::string_view text, bool path = false);

/// The signature in hexadecimal, over all headers and the query as they are.
[[nodiscard]] Result<std::string> aws_signature(const AwsRequest& request, const AwsScope& scope,
                                                const Secret& secret_access_key);

/// The query of a presigned request: what was in `request.query`, the X-Amz-* parameters and the
/// signature; unencoded. Whoever has it can make the request until it ends.
[[nodiscard]] Result<std::map<std::string, std::string>> aws_presigned(
    AwsRequest request, const AwsScope& scope, const sasl::AwsCredentials& credentials,
    std::chrono::seconds life);

}  // namespace kafka::auth
