// SPDX-License-Identifier: Apache-2.0
#include <kafka/sasl_aws.hpp>

#include "auth/support.hpp"

using namespace kafka::auth::test;
using namespace kafka::sasl;
using kafka::Secret;

TEST_CASE("without OpenSSL the mechanisms that need it say so") {
    AwsMskIam aws;
    aws.region = "us-east-1";
    for (const auto& mechanism :
         {make_mechanism(Scram{"user", Secret("x")}), make_mechanism(aws)}) {
        const auto exchange = mechanism->start(peer);
        REQUIRE_FALSE(exchange);
        CHECK(exchange.failure().code == kafka::errc::sasl_mechanism_unsupported);
        CHECK(exchange.failure().detail == std::string(mechanism->name()) +
                                               " needs OpenSSL, and this library was built "
                                               "without it");
    }
}
