// SPDX-License-Identifier: Apache-2.0
#include <kafka/version.hpp>

#include "ways.hpp"

int main(int argc, char** argv) {
    using namespace kafka_bench;
    static constexpr Way ways[] = {
        {"writer-try", "kafka::Writer::try_write, the event loop on the same thread", writer_try},
        {"writer-row", "kafka::Writer::try_write, 100 records a call", writer_row},
        {"writer-span", "async_write_messages, 1000 messages a call", writer_span},
        {"writer-one", "async_write, each record when the one before was taken", writer_one},
        {"writer-blocking", "kafka::blocking::Writer::try_write, no event loop", writer_blocking},
        {"conn-append", "kafka::Conn, each record encoded into an open batch as it is handed over",
         conn_append},
        {"conn-encoded", "kafka::Conn, batches encoded beforehand: the transport alone",
         conn_encoded},
        {"conn-fetch", "kafka::Conn, the next Fetch sent before the records are read", conn_fetch},
        {"conn-fetch-one", "the same, one record at a time through a lazy iterator",
         conn_fetch_one},
        {"codec-alone", "no client: what compressing full batches costs by itself", codec_alone},
        {"pace-loop", "no client: what waking up in an event loop costs by itself", pace_loop},
        {"pace-sleep", "no client: the same for a thread that sleeps", pace_sleep},
    };
    return drive(argc, argv, "kafka-asio " KAFKA_ASIO_VERSION_STRING, ways);
}
