// SPDX-License-Identifier: Apache-2.0
// conn-fetch and conn-fetch-one: a consumer over kafka::Conn, checksums checked.
#include <kafka/codec.hpp>
#include <kafka/protocol/record_reader.hpp>

#include "fetcher.hpp"
#include "ways.hpp"

namespace kafka_bench {
namespace {

using kafka::protocol::ReadOptions;
using kafka::protocol::RecordReader;
using kafka::protocol::RecordView;

/// All records, as if they were one sequence: the next one is decoded when it is asked for.
class Records {
public:
    Records(Cluster& cluster, const Options& options) : fetcher_(cluster, options) {}

    /// Valid until the next call.
    const RecordView& next() {
        for (;;) {
            if (const auto* const record = reader_.next()) return *record;
            next_chunk();
        }
    }
    /// Takes up to `most` records that are there, at least one.
    std::uint64_t some(std::uint64_t most, std::uint64_t& touched) {
        std::uint64_t count = 0, sum = 0;
        while (count < most) {
            const auto* const record = reader_.next();
            if (!record) {
                if (count) break;
                next_chunk();
                continue;
            }
            sum += touch(*record);
            ++count;
        }
        touched += sum;
        return count;
    }
    static std::uint64_t touch(const RecordView& record) {
        return record.value.size() ? record.value.data()[0] : 0;
    }

private:
    void next_chunk() {
        if (reader_.failure()) fail(reader_.failure().message());
        const ReadOptions options{.decompress = kafka::codec::decompress, .scratch = &scratch_};
        reader_ = RecordReader();  // lets go of the last one's memory first
        reader_ = RecordReader(fetcher_.next(), options);
    }

    Fetcher fetcher_;
    kafka::ByteBuffer scratch_;
    RecordReader reader_;
};

volatile std::uint64_t sink;  // so that reading values is not left out

template <class Take>
void consume(const Options& options, Run& run, const Take& take) {
    if (options.mode != Mode::consume) refuse(options.way + " has mode=consume only");
    if (!options.tuned) refuse("a Conn has no defaults for fetching: settings=tuned");
    if (options.threads > 1) refuse(options.way + " has one thread");
    run.setting("partitionMaxBytes", options.fetch);
    run.setting("ReadOptions::check_crcs", "true");
    Cluster cluster(options);
    Records records(cluster, options);
    std::uint64_t touched = 0;
    take(records, options.warmup, touched);
    run.begin();
    take(records, options.messages, touched);
    run.end();
    sink = touched;
    // Answers may still be on their way to handlers that use what ends here.
    for (auto& node : cluster.nodes())
        node->conn->close();
    cluster.context().stop();
}

}  // namespace

void conn_fetch(const Options& options, Run& run) {
    consume(options, run, [](Records& records, std::uint64_t count, std::uint64_t& touched) {
        while (count > 0)
            count -= records.some(count, touched);
    });
}

void conn_fetch_one(const Options& options, Run& run) {
    consume(options, run, [](Records& records, std::uint64_t count, std::uint64_t& touched) {
        for (; count > 0; --count)
            touched += Records::touch(records.next());
    });
}

}  // namespace kafka_bench
