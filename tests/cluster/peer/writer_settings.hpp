// SPDX-License-Identifier: Apache-2.0
// What the commands with a Writer share: its configuration, and what it counted.
#pragma once

#include <kafka/writer.hpp>

#include "json_line.hpp"
#include "settings.hpp"

namespace kafka::peer {

/// In Kafka's names.
[[nodiscard]] WriterConfig writer_config(const Settings& settings);
[[nodiscard]] JsonLine describe(const WriterStats& stats);

}  // namespace kafka::peer
