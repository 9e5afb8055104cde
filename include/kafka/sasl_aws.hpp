// SPDX-License-Identifier: Apache-2.0
// SASL with the identities of Amazon Web Services: the mechanism AWS_MSK_IAM, and the same proof as
// a token for OAUTHBEARER. Both need OpenSSL and nothing of Amazon's.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include <kafka/sasl_oauth.hpp>

namespace kafka::sasl {

struct AwsCredentials {
    std::string access_key_id;  ///< "AKIA…"
    Secret secret_access_key;
    Secret session_token = {};  ///< of temporary credentials; none when empty
};

/// Gets the credentials; may block. Called for each authentication, also from several threads at
/// once. A failure's detail reaches the user. An exception is taken as a failure.
using AwsCredentialsProvider = std::function<Result<AwsCredentials>(Time now)>;

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of the environment, read at each
/// call.
[[nodiscard]] KAFKA_API AwsCredentialsProvider aws_credentials_from_environment();
[[nodiscard]] KAFKA_API AwsCredentialsProvider fixed_aws_credentials(AwsCredentials credentials);

struct AwsMskIam {
    AwsCredentialsProvider credentials = aws_credentials_from_environment();
    /// Such as "eu-central-1". Default "": from the broker's host name, where that is one of
    /// Amazon's, else from AWS_REGION or AWS_DEFAULT_REGION.
    std::string region = {};
    /// How long the signature may be used; 1 s to 15 min. Default 15 min, as Amazon's own.
    std::chrono::seconds life{900};
};

/// AWS_MSK_IAM: a presigned request (Signature Version 4), which the broker shows to Amazon.
[[nodiscard]] KAFKA_API MechanismPtr make_mechanism(AwsMskIam config);
[[nodiscard]] KAFKA_API std::string to_string(const AwsMskIam& config);
[[nodiscard]] KAFKA_API std::string to_string(const AwsCredentials& credentials);

/// The same proof as a token, for the OAUTHBEARER listener of Amazon's brokers. Here the region
/// must be given or stand in the environment.
[[nodiscard]] KAFKA_API TokenProvider aws_msk_token(AwsMskIam config);

}  // namespace kafka::sasl
