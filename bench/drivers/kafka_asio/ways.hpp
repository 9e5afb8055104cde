// SPDX-License-Identifier: Apache-2.0
// The uses of this library that can be measured: one source each, listed in main.cpp.
#pragma once

#include "driver.hpp"

namespace kafka_bench {

void writer_try(const Options& options, Run& run);
void writer_row(const Options& options, Run& run);
void writer_span(const Options& options, Run& run);
void writer_one(const Options& options, Run& run);
void writer_blocking(const Options& options, Run& run);
void conn_encoded(const Options& options, Run& run);
void codec_alone(const Options& options, Run& run);
void pace_loop(const Options& options, Run& run);
void pace_sleep(const Options& options, Run& run);
void conn_append(const Options& options, Run& run);
void conn_fetch(const Options& options, Run& run);
void conn_fetch_one(const Options& options, Run& run);

}  // namespace kafka_bench
