// SPDX-License-Identifier: Apache-2.0

// The driver of librdkafka's C interface.
#include <array>

#include "client.hpp"

int main(int argc, char** argv) {
    using kafka_bench::Way;
    static constexpr std::array ways{
        Way{"produce",
            "rd_kafka_produce (rd_kafka_producev with headers), copied, callback a report",
            kafka_bench::produce_copied},
        Way{"produce-nocopy", "the same with values referred to instead of copied",
            kafka_bench::produce_referenced},
        Way{"produce-batch", "rd_kafka_produce_batch, 1000 messages a call, copied",
            kafka_bench::produce_batches},
        Way{"consumer-poll", "rd_kafka_consumer_poll, a message a call",
            kafka_bench::consume_one_by_one},
        Way{"consume-batch-queue", "rd_kafka_consume_batch_queue, up to 10000 messages a call",
            kafka_bench::consume_batches},
    };
    return kafka_bench::drive(argc, argv, std::string{"librdkafka "} + rd_kafka_version_str(),
                              ways);
}
