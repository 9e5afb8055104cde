// SPDX-License-Identifier: Apache-2.0
// The version of this library, which brokers see as the client's software version (KIP-511).
#pragma once

#define KAFKA_ASIO_VERSION_MAJOR 0
#define KAFKA_ASIO_VERSION_MINOR 1
#define KAFKA_ASIO_VERSION_PATCH 0
/// "MAJOR.MINOR.PATCH"
#define KAFKA_ASIO_VERSION_STRING "0.1.0"
