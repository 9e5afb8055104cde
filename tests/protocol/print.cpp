// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ostream>

#include <doctest/doctest.h>

#include <kafka/protocol/fetch.hpp>
#include <kafka/protocol/incremental_alter_configs.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/registry.hpp>
#include <kafka/protocol/sasl_authenticate.hpp>

#include "protocol/random.hpp"

using namespace kafka;
using namespace kafka::protocol;

TEST_CASE("a message prints as its name, version and the fields of that version") {
    MetadataRequest request;
    request.topics->push_back({.name = "orders\n"});
    CHECK(print(request, 4) ==
          "MetadataRequest v4 {topics: [{name: \"orders\\x0a\"}], allowAutoTopicCreation: true}");
    request.topics.reset();
    CHECK(print(request, 0) == "MetadataRequest v0 {topics: null}");
}

TEST_CASE("secrets print as asterisks and record data as its size") {
    SaslAuthenticateRequest sasl;
    sasl.auth_bytes = Secret(std::string_view("canary-password"));
    CHECK(print(sasl, 2) == "SaslAuthenticateRequest v2 {authBytes: ****}");

    IncrementalAlterConfigsRequest alter;
    alter.resources.resize(1);
    alter.resources[0].configs.resize(1);
    alter.resources[0].configs[0].value = "canary-password";
    CHECK(print(alter).find("canary") == std::string::npos);
    CHECK(print(alter).find("value: ****") != std::string::npos);

    FetchResponse fetch;
    fetch.responses.resize(1);
    fetch.responses[0].partitions.resize(1);
    fetch.responses[0].partitions[0].records = Slice::copy_of(as_bytes("canary"));
    CHECK(print(fetch, 12).find("records: <6 bytes>") != std::string::npos);
    CHECK(print(fetch, 12).find("canary") == std::string::npos);
}

TEST_CASE("long arrays are cut with their count") {
    MetadataResponse response;
    response.brokers.resize(1000);
    const auto text = print(response);
    CHECK(text.find("... 1000 in all]") != std::string::npos);
    CHECK(text.size() < 20'000);
}

TEST_CASE("every message prints at every version from random fills") {
    for (const auto& api : apis()) {
        for (int v = api.request->versions.min; v <= api.request->versions.max; ++v) {
            const auto request = api.make_request();
            randomize(*api.request, request.get(), v, {.seed = 3, .unknown_tags = true});
            const auto text = print(*api.request, request.get(), v);
            CHECK(text.starts_with(api.request->name));
            CHECK(text.ends_with("}"));
            const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
            CHECK(std::ranges::all_of(text, printable));
        }
    }
}

TEST_CASE("a schema is described a line a field") {
    const auto text = describe(MetadataResponse::info);
    CHECK(text.starts_with("MetadataResponse kind=response key=3 versions=0-13 flexible=9+\n"));
    CHECK(text.find("    rack string versions=1+ nullable=1+ default=null ignorable\n") !=
          std::string::npos);
}
