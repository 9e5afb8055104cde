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
/// Writes `records` numbered records of `keys` keys with a Writer, `rate` a second until a line
/// says "hurry", and writes down the end of each in the file `ends`. It keeps a twentieth of them
/// until that line comes.
int write(const Settings& settings);
/// Writes `records` numbered records of `keys` keys in transactions with one of each key, committed
/// and aborted in turn, and writes down the ends of records as above, and in the file `outcomes`
/// the outcome of each transaction: its number and committed, aborted or unknown.
int transact(const Settings& settings);
/// Reads a topic to its end, read_committed, into the file `out`: a line for each record with
/// partition, offset, time, key, headers and value, with tabs between them.
int read(const Settings& settings);

}  // namespace kafka::peer
