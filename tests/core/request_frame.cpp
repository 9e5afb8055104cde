// SPDX-License-Identifier: Apache-2.0
#include "core/request_frame.hpp"

#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include <kafka/protocol/headers.hpp>
#include <kafka/protocol/metadata.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/sasl_handshake.hpp>

#include "base/big_endian.hpp"

using namespace kafka;
using namespace kafka::core;

TEST_CASE("a request's frame decodes by the tables as header and body, in every version") {
    const protocol::MetadataRequest request;
    const auto& info = protocol::MetadataRequest::info;
    for (int version = info.versions.min; version <= info.versions.max; ++version) {
        for (const auto& client_id :
             {std::optional<std::string>("me"), std::optional<std::string>()}) {
            protocol::Gather out;
            REQUIRE(!encode_frame(info, &request, version, client_id, out));
            set_correlation(out, 0x01020304);
            const auto bytes = out.flat();
            CHECK(load_big<std::int32_t>(bytes.data()) ==
                  static_cast<std::int32_t>(bytes.size() - 4));
            const auto frame = Slice::copy_of(bytes.bytes().subspan(4));
            protocol::RequestHeader header;
            std::size_t used = 0;
            REQUIRE(!protocol::decode(protocol::RequestHeader::info, &header,
                                      protocol::request_header_version(info, version), frame, {},
                                      used));
            CHECK(header.request_api_key == 3);
            CHECK(header.request_api_version == version);
            CHECK(header.correlation_id == 0x01020304);
            CHECK(header.client_id == client_id);
            protocol::MetadataRequest back;
            CHECK(!protocol::decode(back, version, frame.part(used)));
        }
    }
}

TEST_CASE("a client id beyond the format is refused") {
    const protocol::MetadataRequest request;
    protocol::Gather out;
    CHECK(encode_frame(protocol::MetadataRequest::info, &request, 1, std::string(32768, 'x'), out)
              .code == errc::invalid_argument);
}

TEST_CASE("a response's throttle time is found by its name, and is 0 where there is none") {
    protocol::ProduceResponse produce;
    produce.throttle_time_ms = 77;
    CHECK(throttle_time_of(protocol::ProduceResponse::info, &produce) == 77);
    const protocol::SaslHandshakeResponse handshake;
    CHECK(throttle_time_of(protocol::SaslHandshakeResponse::info, &handshake) == 0);
}
