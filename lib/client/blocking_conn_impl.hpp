// SPDX-License-Identifier: Apache-2.0
// The inside of a blocking::Conn.
#pragma once

#include <utility>

#include <kafka/blocking/conn.hpp>
#include <kafka/conn.hpp>

#include "client/blocking_wait.hpp"

namespace kafka::blocking {

struct Conn::Impl {
    Impl(kafka::Conn with, Runtime shared) : runtime(std::move(shared)), conn(std::move(with)) {}

    Runtime runtime;
    kafka::Conn conn;
};

}  // namespace kafka::blocking
