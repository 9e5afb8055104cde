// SPDX-License-Identifier: Apache-2.0
// The walk of `kasio probe` to a cluster, step by step.
#pragma once

#include <cstddef>  // Asio must not come first: lib/DESIGN.md, "Compilers and Asio"

#include <asio/awaitable.hpp>

#include "probe_report.hpp"
#include "probe_steps.hpp"

namespace kasio {

/// Goes to each bootstrap address, and from there to each address that the brokers advertise: each
/// step by itself, so that it is seen which one breaks. Several addresses are probed at the same
/// time. Must be run on an executor that is serial. Does not fail: the report says what broke.
///
/// Secrets are sent only where the configuration would send them, and never before the broker's
/// certificate was accepted. Each address gets two or three connections.
asio::awaitable<ProbeReport> probe(ProbeOptions options);

}  // namespace kasio
