// SPDX-License-Identifier: Apache-2.0
// KAFKA_API marks what the shared library shows; everything else in it is hidden.
#pragma once

#if defined(_WIN32)
#define KAFKA_API
#else
#define KAFKA_API __attribute__((visibility("default")))
#endif
