// SPDX-License-Identifier: Apache-2.0
// The version of this library, which brokers see as the client's software version (KIP-511).
#pragma once

#include <string_view>

#include <kafka/export.hpp>

#define KAFKA_ASIO_VERSION_MAJOR 0
#define KAFKA_ASIO_VERSION_MINOR 1
#define KAFKA_ASIO_VERSION_PATCH 0
/// "MAJOR.MINOR.PATCH"
#define KAFKA_ASIO_VERSION_STRING "0.1.0"
/// One number that grows with the version: `#if KAFKA_ASIO_VERSION >= 10200` is 1.2.0 or newer.
#define KAFKA_ASIO_VERSION \
    (KAFKA_ASIO_VERSION_MAJOR * 10000 + KAFKA_ASIO_VERSION_MINOR * 100 + KAFKA_ASIO_VERSION_PATCH)

namespace kafka {

/// KAFKA_ASIO_VERSION_STRING of the library that runs. The macros are those of the headers that the
/// program was compiled with; with a shared library the two may differ in the patch. Thread-safe.
[[nodiscard]] KAFKA_API std::string_view version() noexcept;

}  // namespace kafka
