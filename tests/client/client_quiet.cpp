// SPDX-License-Identifier: Apache-2.0
// Client: where nothing can be done, nothing is; what waits costs the same, however much it is.
#include <cstddef>

#include <kafka/testing/broker.hpp>

#include "client/client_loop.hpp"
#include "client/quiet.hpp"
#include "growth.hpp"

using namespace kafka;
using namespace kafka::testing;

TEST_CASE("a Client with nothing to do does nothing") {
    Broker broker({.topics = {{"t", 1}}});
    ClientLoop c(broker.bootstrap());
    SUBCASE("new") {}
    SUBCASE("after a call") {
        protocol::ListOffsetsResponse response;
        CHECK_FALSE(c.call(latest("t", 1), response));
    }
    CHECK(handlers_of(c.io) < few_handlers);
}

TEST_CASE("while brokers do not answer, a Client has next to nothing to do") {
    Broker broker({.topics = {{"t", 1}}});
    ClientLoop c(broker.bootstrap());
    protocol::ListOffsetsResponse response;
    REQUIRE_FALSE(c.call(latest("t", 1), response));
    for (const int id : broker.broker_ids())
        REQUIRE_FALSE(broker.pause_broker(id));
    bool answered = false;
    for (int i = 0; i < 100; ++i)
        c.client.async_call(latest("t", 1), [&](std::error_code, auto&&) { answered = true; });
    CHECK(handlers_of(c.io) < few_handlers);
    CHECK_FALSE(answered);
}

TEST_CASE("however many calls wait, each costs the same") {
    using kafka::test::growth;
    Broker broker({.brokers = 2, .topics = {{"t", 4}}});
    const auto call = [](ClientLoop& c, std::size_t count) {
        std::size_t answered = 0;
        for (std::size_t i = 0; i < count; ++i)
            c.client.async_call(latest("t", 4), [&](std::error_code ec, auto&&) {
                CHECK_FALSE(ec);
                ++answered;
            });
        c.run([&] { return answered == count; });
    };
    const auto as_it_is = [](std::size_t count) { return count; };
    SUBCASE("for the cluster") {
        const auto grown = growth(200, as_it_is, [&](std::size_t count) {
            ClientLoop c(broker.bootstrap());
            call(c, count);
        });
        CHECK(grown < kafka::test::most_growth);
    }
    SUBCASE("for those before them on their connections") {
        ClientLoop c(broker.bootstrap());
        call(c, 1);
        CHECK(growth(200, as_it_is, [&](std::size_t count) { call(c, count); }) <
              kafka::test::most_growth);
    }
}
