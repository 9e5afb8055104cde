// SPDX-License-Identifier: Apache-2.0
// KAFKA_API marks what the shared library shows; everything else in it is hidden. KAFKA_LOCAL hides
// a class inside of one that is shown.
#pragma once

#if defined(_WIN32)
#define KAFKA_API
#define KAFKA_LOCAL
#else
#define KAFKA_API __attribute__((visibility("default")))
#define KAFKA_LOCAL __attribute__((visibility("hidden")))
#endif
