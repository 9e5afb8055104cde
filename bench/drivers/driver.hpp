// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every driver in C++ needs: one include. Nothing in here knows a Kafka client.
#include "common/clock.hpp"
#include "common/corpus.hpp"
#include "common/histogram.hpp"
#include "common/options.hpp"
#include "common/run.hpp"
