// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ostream>

#include <doctest/doctest.h>

#include <kafka/protocol/api_versions.hpp>
#include <kafka/protocol/headers.hpp>
#include <kafka/protocol/init_producer_id.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/offset_delete.hpp>
#include <kafka/protocol/registry.hpp>

using namespace kafka::protocol;

TEST_CASE("the 91 live APIs of Kafka 4.4 are there, in order, with 618 message versions") {
    CHECK(apis().size() == 91);
    int versions = 0;
    std::int16_t previous = -1;
    for (const auto& api : apis()) {
        CHECK(api.request->api_key > previous);
        previous = api.request->api_key;
        CHECK(api.request->kind == MessageKind::request);
        CHECK(api.response->kind == MessageKind::response);
        CHECK(api.response->api_key == api.request->api_key);
        CHECK(api.response->versions == api.request->versions);
        versions += 2 * (api.request->versions.max - api.request->versions.min + 1);
    }
    CHECK(versions == 618);
    CHECK(previous == 94);
}

TEST_CASE("an API is found by key and by name, and a removed one is not") {
    CHECK(find_api(std::int16_t{3})->request == &MetadataRequest::info);
    CHECK(find_api("metadata")->response == &MetadataResponse::info);
    CHECK(find_api(std::int16_t{4}) == nullptr);  // LeaderAndIsr
    CHECK(find_api(std::int16_t{95}) == nullptr);
    CHECK(find_api("Metadat") == nullptr);
}

TEST_CASE("an unstable newest version is valid but not among the stable ones") {
    CHECK(InitProducerIdRequest::info.versions == VersionRange{0, 6});
    CHECK(InitProducerIdRequest::info.stable() == VersionRange{0, 5});
    CHECK(MetadataRequest::info.stable() == MetadataRequest::info.versions);
}

TEST_CASE("headers are flexible where the message is, but for the response of ApiVersions") {
    CHECK(request_header_version(MetadataRequest::info, 8) == 1);
    CHECK(request_header_version(MetadataRequest::info, 9) == 2);
    CHECK(response_header_version(MetadataResponse::info, 8) == 0);
    CHECK(response_header_version(MetadataResponse::info, 9) == 1);
    CHECK(request_header_version(ApiVersionsRequest::info, 3) == 2);
    CHECK(response_header_version(ApiVersionsResponse::info, 3) == 0);
    CHECK(request_header_version(OffsetDeleteRequest::info, 0) == 1);
}

TEST_CASE("the intersection of version ranges may be empty") {
    constexpr VersionRange a{3, 9};
    CHECK(a.intersect({5, 12}) == VersionRange{5, 9});
    CHECK(a.intersect({10, 12}).empty());
    CHECK(VersionRange{}.empty());
}
