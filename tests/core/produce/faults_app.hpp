// SPDX-License-Identifier: Apache-2.0
// What the runs of all workloads share.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/produce/faults_runs.hpp"

namespace kafka::core::produce_faults {

/// A batch of new records, compressed or not.
std::unique_ptr<FaultBatch> batch_of(World& world, Journal& journal, FaultWriter& writer,
                                     const Plan& plan, std::int32_t partition, std::size_t count,
                                     std::size_t transaction = Journal::none);
/// Faults from now on, and none when their time is over.
void begin_weather(World& world, const Plan& plan);
/// False if it takes longer, or if something is wrong already.
bool run_until(World& world, const std::function<bool()>& done, milliseconds at_most);
/// When all writers are closed.
void end_world(World& world);

std::string run_transactional(const Plan& plan, Tally& tally);

}  // namespace kafka::core::produce_faults
