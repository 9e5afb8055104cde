// SPDX-License-Identifier: Apache-2.0
// What this program can be told to do. Each prints JSON lines and returns an exit status.
#pragma once

#include "settings.hpp"

namespace kafka::peer {

/// Connects once as a Conn (via=conn) or asks for metadata as a Client (via=client).
int login(const Settings& settings);
/// Pipelined calls on one Conn for `seconds`, over each broker's wish to see us log in again.
int stay(const Settings& settings);
/// Creates (do=create) or deletes (do=delete) `topic`.
int topic(const Settings& settings);
/// A Stream on a Client, led by lines on standard input.
int stream(const Settings& settings);

}  // namespace kafka::peer
