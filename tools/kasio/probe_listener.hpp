// SPDX-License-Identifier: Apache-2.0
// What brokers tell clients, and how that looks from here. Without I/O.
#pragma once

#include "probe_report.hpp"

namespace kasio {

/// Sets `cluster` and `view` from what the bootstrap addresses said: whether it is one cluster, and
/// who is in it.
void judge_cluster(ProbeReport& report);
/// Adds the advertised addresses as targets, those that are bootstrap addresses too as seen.
void add_listeners(ProbeReport& report);
/// Puts what broke on the way to advertised addresses in terms of what the broker has configured.
void judge_listeners(ProbeReport& report);

}  // namespace kasio
