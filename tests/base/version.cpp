// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <doctest/doctest.h>

#include <kafka/version.hpp>

TEST_CASE("the library's version is that of its headers, in text and as one number") {
    CHECK(kafka::version() == KAFKA_ASIO_VERSION_STRING);
    const auto text = std::to_string(KAFKA_ASIO_VERSION / 10000) + '.' +
                      std::to_string(KAFKA_ASIO_VERSION / 100 % 100) + '.' +
                      std::to_string(KAFKA_ASIO_VERSION % 100);
    CHECK(text == KAFKA_ASIO_VERSION_STRING);
}
