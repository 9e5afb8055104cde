// SPDX-License-Identifier: Apache-2.0
// What produce and perf produce share: the topic, and how records get there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <kafka/client_config.hpp>
#include <kafka/writer_config.hpp>

#include "cluster.hpp"
#include "common.hpp"

namespace kasio {

struct ProduceOptions {
    CommonOptions common{.settings = {}, .produces = true};
    std::string topic;
    std::string codec;           ///< -z; empty: not given
    std::string acks;            ///< -a; empty: not given
    std::size_t batch_size = 0;  ///< 0: not given
    std::int32_t create = 0;     ///< partitions; 0: not to be created
    std::int16_t replication = -1;
};

/// What the options say, understood.
struct ProducePlan {
    ClusterOptions cluster;
    kafka::ClientConfig client;
    kafka::WriterConfig writer;
};

/// Adds the common options and -t, -z, -a, --create, --replication and --batch-size.
void add_produce_options(CLI::App& command, ProduceOptions& options);

/// Failures: usage, files. -z, -a and --batch-size become settings in `options`.
[[nodiscard]] Problem make_produce_plan(ProduceOptions& options, ProducePlan& plan);

/// Looks the topic up, or makes it where that is wanted, and gives the number of its partitions.
[[nodiscard]] Problem ensure_topic(const ProduceOptions& options, Runtime& runtime,
                                   const ClusterOptions& cluster, std::int32_t& partitions);

}  // namespace kasio
