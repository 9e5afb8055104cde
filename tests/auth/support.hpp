// SPDX-License-Identifier: Apache-2.0
// What the tests of mechanisms share.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <ostream>  // doctest prints error codes with it
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <kafka/sasl.hpp>

namespace kafka::auth::test {

inline sasl::Time at(std::int64_t seconds) {
    return sasl::Time(std::chrono::seconds(seconds));
}
inline const sasl::Time now = at(1'700'000'000);

inline const sasl::Peer peer{"broker1.example.org", 9093};

/// A step with the challenge in a block of exactly its size, so that ASan sees reads behind it.
inline Result<sasl::Step> step(sasl::Exchange& exchange, std::string_view challenge,
                               sasl::Time time = now) {
    const std::unique_ptr<std::uint8_t[]> block(new std::uint8_t[challenge.size()]);
    std::copy(challenge.begin(), challenge.end(), block.get());
    return exchange.step({block.get(), challenge.size()}, time);
}

inline std::unique_ptr<sasl::Exchange> start(const sasl::MechanismPtr& mechanism,
                                             const sasl::Peer& with = peer) {
    auto exchange = mechanism->start(with);
    INFO(exchange.failure().message());
    REQUIRE(exchange);
    return *std::move(exchange);
}

/// The response as text; the step must not fail or be done.
inline std::string sent(sasl::Exchange& exchange, std::string_view challenge = {},
                        sasl::Time time = now) {
    const auto result = step(exchange, challenge, time);
    INFO(result.failure().message());
    REQUIRE(result);
    REQUIRE_FALSE(result->done);
    return std::string(result->response.reveal_text());
}

/// The failure's text; the step must fail with sasl_authentication_failed.
inline std::string refused(sasl::Exchange& exchange, std::string_view challenge,
                           sasl::Time time = now) {
    const auto result = step(exchange, challenge, time);
    REQUIRE_FALSE(result);
    CHECK(result.failure().code == errc::sasl_authentication_failed);
    return result.failure().detail;
}

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace kafka::auth::test
