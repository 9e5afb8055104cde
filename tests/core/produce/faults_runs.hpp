// SPDX-License-Identifier: Apache-2.0
// The producer's cells of the fault matrix: a row's variants, each with the workloads that it is
// run with, and the runs themselves.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/produce/faults_journal.hpp"

namespace kafka::core::produce_faults {

enum class Workload : std::uint8_t {
    idempotent,     ///< W1: acks=all, keyed, 12 partitions, codecs in turn
    plain,          ///< W2: acks 1 or 0
    transactional,  ///< W5's writing side: transactions of both versions (KIP-890), with offsets
};

/// One run: what happens in it, drawn from its seed.
struct Plan {
    Workload workload = Workload::idempotent;
    std::int16_t transaction_version = 2;
    testing::SimulationOptions simulation;
    ProduceLimits produce;
    milliseconds faulty{3'000};     ///< how long the faults last
    milliseconds delivery{30'000};  ///< timeout
    milliseconds request_timeout{1'000};
    std::size_t batches = 40;
    std::size_t most_records = 6;  ///< of a batch
    bool keys = true;              ///< otherwise some records have none while there are faults
    milliseconds transaction_timeout{60'000};
    milliseconds operation_timeout{8'000};
    milliseconds transaction_span{150};  ///< in which its batches come
    unsigned rivals = 1;                 ///< instances with the same transactional id
    bool rivals_come_back = false;
    bool all_succeed = false;  ///< nothing may end but well (W1)
    /// At the beginning: rules, and what happens when.
    std::function<void(World&)> arrange = [](World&) {};
    /// Before each batch or transactional operation, at the same moment.
    std::function<void(World&)> before_call;
    /// When the faults end; rules are gone by then.
    std::function<void(World&)> mend = [](World&) {};
};

/// What runs have been through, to see that they were no calm sea.
struct Tally {
    std::size_t runs = 0;
    Journal::Counts records;
    std::uint64_t retries = 0, splits = 0, odd_rows = 0, expired = 0, epochs = 0;
    std::size_t restarts = 0;
    std::uint64_t hash = 0;  // of all that the networks carried
};

struct Cell {
    std::string variant;
    Workload workload;
    /// Completes a plan whose seed, workload and random choices of the workload are there.
    std::function<void(Plan& plan, testing::SeededRandom& random)> set_up;
};
/// One cell for each workload.
void add_cells(std::vector<Cell>& cells, const std::string& variant,
               std::initializer_list<Workload> workloads,
               std::function<void(Plan&, testing::SeededRandom&)> set_up);

/// What is wrong in that run, or nothing.
std::string run_cell(const Cell& cell, std::uint64_t seed, Tally& tally);
/// Runs `seeds` seeds, which go round the cells; 50 times as many with KAFKA_ASIO_LONG=1, and
/// KAFKA_ASIO_SEED=n only that one. A seed names its cell.
Tally run_row(const std::string& row, const std::vector<Cell>& cells, std::uint64_t seeds);

}  // namespace kafka::core::produce_faults
