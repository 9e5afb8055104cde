// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <stdexcept>
#include <string>

#include <kafka/sasl_aws.hpp>

#include "auth/base64.hpp"
#include "auth/json.hpp"
#include "auth/sigv4.hpp"
#include "auth/support.hpp"

using namespace kafka::auth;
using namespace kafka::auth::test;
using namespace kafka::sasl;
using kafka::errc;
using kafka::Failure;
using kafka::Result;
using kafka::Secret;

namespace {

// Amazon's published test vectors for Signature Version 4 sign with these.
const Secret suite_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
const Time suite_time = at(1440938160);  // 2015-08-30T12:36:00Z

AwsRequest suite_request() {
    AwsRequest request;
    request.headers = {{"host", "example.amazonaws.com"}, {"x-amz-date", "20150830T123600Z"}};
    return request;
}
std::string suite_signature(const AwsRequest& request) {
    const auto signature = aws_signature(request, {"us-east-1", "service", suite_time}, suite_key);
    REQUIRE(signature);
    return *signature;
}

AwsCredentials example() {
    return {"AKIAIOSFODNN7EXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")};
}

// An environment variable for the time of a test.
class Variable {
public:
    Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
    ~Variable() { unsetenv(name_); }

private:
    const char* name_;
};

constexpr const char* variables[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                     "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"};

}  // namespace

TEST_CASE("times are written as Amazon wants them") {
    CHECK(aws_timestamp(at(0)) == "19700101T000000Z");
    CHECK(aws_timestamp(suite_time) == "20150830T123600Z");
    CHECK(aws_timestamp(suite_time + std::chrono::milliseconds(999)) == "20150830T123600Z");
    CHECK(aws_timestamp(at(951782399)) == "20000228T235959Z");
    CHECK(aws_timestamp(at(951782400)) == "20000229T000000Z");
}

TEST_CASE("signatures are those of Amazon's test suite") {
    // get-vanilla
    CHECK(suite_signature(suite_request()) ==
          "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    // get-vanilla-query-order-key-case
    auto request = suite_request();
    request.query = {{"Param2", "value2"}, {"Param1", "value1"}};
    CHECK(suite_signature(request) ==
          "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
    // post-vanilla
    request = suite_request();
    request.method = "POST";
    CHECK(suite_signature(request) ==
          "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    // get-header-value-trim
    request = suite_request();
    request.headers["my-header1"] = " value1";
    request.headers["my-header2"] = " \"a   b   c\"";
    CHECK(suite_signature(request) ==
          "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
}

TEST_CASE("the signature of the documentation's ListUsers request is right") {
    AwsRequest request;
    request.query = {{"Action", "ListUsers"}, {"Version", "2010-05-08"}};
    request.headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
                       {"host", "iam.amazonaws.com"},
                       {"x-amz-date", "20150830T123600Z"}};
    const auto signature = aws_signature(request, {"us-east-1", "iam", suite_time}, suite_key);
    REQUIRE(signature);
    CHECK(*signature == "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST_CASE("the presigned request of the documentation of S3 is right") {
    AwsRequest request;
    request.path = "/test.txt";
    request.headers = {{"host", "examplebucket.s3.amazonaws.com"}};
    request.payload_hash = "UNSIGNED-PAYLOAD";
    const auto query = aws_presigned(request, {"us-east-1", "s3", at(1369353600)}, example(),
                                     std::chrono::seconds(86400));
    REQUIRE(query);
    CHECK(query->at("X-Amz-Credential") ==
          "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request");
    CHECK(query->at("X-Amz-Date") == "20130524T000000Z");
    CHECK(query->at("X-Amz-Expires") == "86400");
    CHECK(query->at("X-Amz-SignedHeaders") == "host");
    CHECK(query->at("X-Amz-Signature") ==
          "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST_CASE("AWS_MSK_IAM sends the presigned request as JSON and is done with the answer") {
    auto credentials = example();
    credentials.session_token = Secret("session/token+");
    const auto mechanism = make_mechanism(AwsMskIam{fixed_aws_credentials(credentials)});
    CHECK(mechanism->name() == "AWS_MSK_IAM");
    CHECK(mechanism->reveals_secret());
    const std::string host = "b-1.demo.abc123.c2.kafka.eu-central-1.amazonaws.com";
    const auto exchange = start(mechanism, {host, 9098});
    CHECK(exchange->blocks(now));
    const auto text = sent(*exchange);
    CHECK_FALSE(exchange->blocks(now));
    CHECK_FALSE(contains(text, "wJalrXUtnFEMI"));
    const auto object = read_json_object(text);
    REQUIRE(object);
    const auto field = [&](std::string_view name) {
        const auto* value = object->text(name);
        REQUIRE(value);
        return std::string(value->reveal_text());
    };
    CHECK(field("version") == "2020_10_22");
    CHECK(field("host") == host);
    CHECK(field("user-agent").starts_with("kafka-asio/"));
    CHECK(field("action") == "kafka-cluster:Connect");
    CHECK(field("x-amz-algorithm") == "AWS4-HMAC-SHA256");
    CHECK(field("x-amz-credential") ==
          "AKIAIOSFODNN7EXAMPLE/20231114/eu-central-1/kafka-cluster/aws4_request");
    CHECK(field("x-amz-date") == "20231114T221320Z");
    CHECK(field("x-amz-expires") == "900");
    CHECK(field("x-amz-signedheaders") == "host");
    CHECK(field("x-amz-security-token") == "session/token+");
    // The signature is over what a GET of https://HOST/?Action=... would carry.
    AwsRequest request;
    request.headers = {{"host", host}};
    request.query = {{"Action", "kafka-cluster:Connect"},
                     {"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
                     {"X-Amz-Credential", field("x-amz-credential")},
                     {"X-Amz-Date", "20231114T221320Z"},
                     {"X-Amz-Expires", "900"},
                     {"X-Amz-Security-Token", "session/token+"},
                     {"X-Amz-SignedHeaders", "host"}};
    CHECK(field("x-amz-signature") == *aws_signature(request,
                                                     {"eu-central-1", "kafka-cluster", now},
                                                     credentials.secret_access_key));

    const auto last = step(*exchange, R"({"version":"2020_10_22","request-id":"1"})");
    REQUIRE(last);
    CHECK(last->done);
    refused(*exchange, "");
}

TEST_CASE("the region comes from the configuration, the broker's name or the environment") {
    for (const auto* name : variables)
        unsetenv(name);
    const auto region = [](AwsMskIam config, std::string host) -> std::string {
        config.credentials = fixed_aws_credentials(example());
        auto exchange = make_mechanism(std::move(config))->start({std::move(host), 9098});
        if (!exchange) {
            CHECK(exchange.failure().code == errc::invalid_argument);
            return "none";
        }
        const auto object = read_json_object(sent(**exchange));
        const std::string scope(object->text("x-amz-credential")->reveal_text());
        const auto begin = scope.find('/', scope.find('/') + 1) + 1;
        return scope.substr(begin, scope.find('/', begin) - begin);
    };
    CHECK(region({}, "b-1.x.c2.kafka.us-west-2.amazonaws.com") == "us-west-2");
    CHECK(region({}, "boot-x.c2.kafka-serverless.us-east-1.amazonaws.com") == "us-east-1");
    CHECK(region({}, "b-1.x.c2.kafka.cn-north-1.amazonaws.com.cn") == "cn-north-1");
    CHECK(region({}, "b-1.kafka.us-west-2.amazonaws.com.evil.example") == "none");
    CHECK(region({}, "localhost") == "none");
    CHECK(region({}, "") == "none");
    AwsMskIam given;
    given.region = "eu-west-1";
    CHECK(region(given, "b-1.x.c2.kafka.us-west-2.amazonaws.com") == "eu-west-1");
    given.region = "eu/west";
    CHECK(region(given, "localhost") == "none");
    const Variable fallback("AWS_DEFAULT_REGION", "ap-south-1");
    CHECK(region({}, "localhost") == "ap-south-1");
    const Variable preferred("AWS_REGION", "sa-east-1");
    CHECK(region({}, "localhost") == "sa-east-1");
}

TEST_CASE("credentials come from the environment unless told otherwise") {
    for (const auto* name : variables)
        unsetenv(name);
    const auto provider = aws_credentials_from_environment();
    CHECK(provider(now).failure().code == errc::invalid_argument);
    const Variable id("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    CHECK_FALSE(provider(now));
    const Variable key("AWS_SECRET_ACCESS_KEY", "canary-key");
    auto credentials = provider(now);
    REQUIRE(credentials);
    CHECK(credentials->access_key_id == "AKIDEXAMPLE");
    CHECK(credentials->secret_access_key == Secret("canary-key"));
    CHECK(credentials->session_token.empty());
    const Variable token("AWS_SESSION_TOKEN", "canary-token");
    credentials = provider(now);
    REQUIRE(credentials);
    CHECK(credentials->session_token == Secret("canary-token"));
    CHECK(to_string(*credentials) ==
          "aws access_key_id=AKIDEXAMPLE secret_access_key=**** session_token=****");
}

TEST_CASE("what a credentials provider fails with reaches the user") {
    AwsMskIam config;
    config.region = "us-east-1";
    const auto problem = [&](AwsCredentialsProvider provider) {
        config.credentials = std::move(provider);
        const auto result = step(*start(make_mechanism(config)), "");
        REQUIRE_FALSE(result);
        return result.failure().detail;
    };
    CHECK(problem([](Time) -> Result<AwsCredentials> {
              return Failure(errc::sasl_authentication_failed, "no role");
          }) == "no role");
    CHECK(problem([](Time) -> Result<AwsCredentials> { throw std::runtime_error("no\nrole"); }) ==
          "the credentials provider threw: no\\x0arole");
    CHECK(problem([](Time) -> Result<AwsCredentials> { throw 1; }) ==
          "the credentials provider threw");
    CHECK(contains(problem([](Time) -> Result<AwsCredentials> { return AwsCredentials{}; }),
                   "empty key"));
}

TEST_CASE("a life that Amazon would not take is refused") {
    AwsMskIam config{fixed_aws_credentials(example()), "us-east-1"};
    for (const int seconds : {0, -1, 901}) {
        config.life = std::chrono::seconds(seconds);
        const auto exchange = make_mechanism(config)->start(peer);
        REQUIRE_FALSE(exchange);
        CHECK(exchange.failure().code == errc::invalid_argument);
    }
    config.credentials = nullptr;
    CHECK_FALSE(make_mechanism(config)->start(peer));
}

TEST_CASE("the token for OAUTHBEARER is the URL of the presigned request") {
    const auto provider =
        aws_msk_token({fixed_aws_credentials(example()), "us-east-1", std::chrono::seconds(600)});
    const auto token = provider(now);
    REQUIRE(token);
    CHECK(token->expires == now + std::chrono::seconds(600));
    const auto url = read_base64(token->value.reveal_text(), Base64::url);
    REQUIRE(url);
    const auto text = url->reveal_text();
    CHECK(
        text.starts_with("https://kafka.us-east-1.amazonaws.com/?Action=kafka-cluster%3AConnect&"
                         "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE"
                         "%2F20231114%2Fus-east-1%2Fkafka-cluster%2Faws4_request&"
                         "X-Amz-Date=20231114T221320Z&X-Amz-Expires=600&X-Amz-Signature="));
    CHECK(contains(text, "&User-Agent=kafka-asio%2F"));
}
