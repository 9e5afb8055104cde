// SPDX-License-Identifier: Apache-2.0
// The blocking facade: everything in kafka::blocking, for programs without an event loop. Needs no
// Asio header.
#pragma once

#include <kafka/blocking/batch.hpp>
#include <kafka/blocking/client.hpp>
#include <kafka/blocking/conn.hpp>
#include <kafka/blocking/dialer.hpp>
#include <kafka/blocking/error.hpp>
#include <kafka/blocking/partition_conn.hpp>
#include <kafka/blocking/runtime.hpp>
#include <kafka/blocking/writer.hpp>
