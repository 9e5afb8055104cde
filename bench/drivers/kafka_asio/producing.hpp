// SPDX-License-Identifier: Apache-2.0
// What both ways to produce over kafka::Conn can honour, and say of themselves.
#pragma once

#include "driver.hpp"

namespace kafka_bench {

/// Ends the program (`refuse`) if there is no such codec or level.
void check_codec(const Options& options);
/// Ends the program (`refuse`) on what the ways over a Conn cannot do.
void check_producing(const Options& options);
void describe_producing(const Options& options, Run& run);

}  // namespace kafka_bench
