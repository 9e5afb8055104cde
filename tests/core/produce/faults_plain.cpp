// SPDX-License-Identifier: Apache-2.0
// Cells, and the runs of W1 and W2.
#include <algorithm>
#include <cstdlib>

#include <doctest/doctest.h>

#include <kafka/codec.hpp>
#include <kafka/protocol/metadata.hpp>

#include "core/produce/faults_app.hpp"
#include "core/produce/faults_runs.hpp"

namespace kafka::core::produce_faults {
namespace {

std::string name_of(Workload workload) {
    switch (workload) {
        case Workload::idempotent:
            return "W1";
        case Workload::plain:
            return "W2";
        default:
            return "transactional";
    }
}

// I13: ten requests a second and broker, in the worst of times.
void check_calm(World& world) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(world.now() - Time{});
    const auto most = 100 + 30 * static_cast<std::uint64_t>(seconds.count());
    const auto asked = world.simulation.brokers().count(protocol::MetadataRequest::info.api_key);
    if (asked > most)
        world.wrong(std::to_string(asked) + " Metadata requests in " +
                    std::to_string(seconds.count()) + " s");
}

}  // namespace

std::unique_ptr<FaultBatch> batch_of(World& world, Journal& journal, FaultWriter& writer,
                                     const Plan& plan, std::int32_t partition, std::size_t count,
                                     std::size_t transaction) {
    auto batch = writer.new_batch();
    batch->partition = partition;
    // In good weather there is time enough, so that what then fails is a fault.
    batch->deadline = world.now() + (world.bytes.on ? plan.delivery : milliseconds(30'000));
    for (std::size_t i = 0; i < count; ++i) {
        const auto record = journal.add(partition, transaction);
        const auto key = std::to_string(partition) + "-" + std::to_string(world.below(9));
        const bool keyed = plan.keys || !world.bytes.on || world.chance(70);
        batch->records.push_back(record);
        const bool fits = batch->ProduceBatch::records.append(
            protocol::RecordRef{.key = keyed ? protocol::BytesView(key) : protocol::BytesView(),
                                .value = journal.value(record),
                                .timestamp = world.simulation.core_now().wall_ms});
        if (!fits) world.wrong("a batch takes no record");
    }
    const Compression codecs[] = {Compression::none, Compression::gzip, Compression::snappy,
                                  Compression::lz4, Compression::zstd};
    const auto codec = codecs[world.below(std::size(codecs))];
    if (codec != Compression::none && codec::available(codec)) {
        ByteBuffer encoded;
        const auto sealed =
            batch->ProduceBatch::records.seal_into(encoded, {}, codec, codec::compress);
        if (!sealed) world.wrong(sealed.failure().message());
        batch->encoded = std::move(encoded);
    }
    return batch;
}

void begin_weather(World& world, const Plan& plan) {
    world.bytes.acks_zero = plan.produce.acks == 0;
    plan.arrange(world);
    world.simulation.changed();
    world.simulation.after(plan.faulty, [&world, mend = plan.mend] {
        world.bytes.on = false;
        world.simulation.brokers().clear_rules();
        world.simulation.heal();
        mend(world);
        world.simulation.changed();
    });
}

bool run_until(World& world, const std::function<bool()>& done, milliseconds at_most) {
    // I10: what takes so many steps is a loop.
    constexpr int most_steps = 3'000'000;
    int steps = 0;
    const bool good = world.simulation.run_until(
        [&] { return ++steps > most_steps || !world.what_is_wrong.empty() || done(); }, at_most);
    if (steps > most_steps) world.wrong("too many events");
    return good && world.what_is_wrong.empty();
}

void end_world(World& world) {
    check_calm(world);
    world.cluster.close();
    world.simulation.run_for(milliseconds(1'000));
    // I14.
    if (const auto left = world.simulation.brokers().connections(); left > 0)
        world.wrong(std::to_string(left) + " connections are left");
}

std::string run_plain(const Plan& plan, Tally& tally) {
    World world(plan.simulation);
    Journal journal(world);
    FaultWriter::Options options;
    options.produce = plan.produce;
    options.request_timeout = plan.request_timeout;
    FaultWriter writer(world, options, [&](const ProduceCore::Over& over) { journal.over(over); });
    begin_weather(world, plan);
    const auto submit = [&] {
        if (plan.before_call) plan.before_call(world);
        const auto partition = static_cast<std::int32_t>(world.below(partitions));
        const auto count = 1 + world.below(plan.most_records);
        writer.submit(batch_of(world, journal, writer, plan, partition, count));
    };
    const auto span = static_cast<std::size_t>(plan.faulty.count());
    for (std::size_t i = 0; i < plan.batches; ++i)
        world.simulation.after(milliseconds(world.below(span)), submit);
    bool healed = false;
    world.simulation.after(plan.faulty + milliseconds(1), [&] { healed = true; });
    const auto over = [&] { return healed && journal.open() == 0; };
    if (!run_until(world, over, plan.faulty + plan.delivery + milliseconds(1'000)))
        world.wrong(std::to_string(journal.open()) + " records have not ended");

    // What was given up is still on its way; what is sent behind it would share its fate.
    if (!run_until(
            world, [&] { return writer.idle(); }, plan.request_timeout + milliseconds(1'000)))
        world.wrong("requests are left");
    // I11: soon all is well again.
    const auto before = journal.counts();
    for (std::int32_t partition = 0; partition < partitions; ++partition)
        writer.submit(batch_of(world, journal, writer, plan, partition, 1));
    if (!run_until(world, over, milliseconds(5'000))) world.wrong("it does not recover");
    const auto counts = journal.counts();
    if (counts.success - before.success != partitions) world.wrong("it does not recover well");

    writer.close();
    if (!run_until(
            world, [&] { return writer.idle(); }, milliseconds(1'000)))
        world.wrong("requests are left after close()");
    end_world(world);
    const auto& counters = writer.core().counters();
    const bool once = plan.produce.idempotent;
    journal.check({.once = once,
                   .ordered = plan.produce.acks != 0 && (once || plan.produce.max_in_flight == 1),
                   .stored = plan.produce.acks != 0,
                   .one_session = writer.identities() <= 1 && once,
                   .retries = counters.retries});
    if (plan.all_succeed && plan.produce.acks != 0 && counts.success != counts.records)
        world.wrong(std::to_string(counts.failed) + " records failed, " +
                    std::to_string(counts.unknown) + " are unknown");
    // I19.
    if (counters.records != counters.stored + counters.failed + counters.unknown)
        world.wrong("the counters do not add up");

    tally.records.records += counts.records;
    tally.records.success += counts.success;
    tally.records.failed += counts.failed;
    tally.records.unknown += counts.unknown;
    tally.retries += counters.retries;
    tally.splits += counters.splits;
    tally.odd_rows += counters.odd_rows;
    tally.expired += counters.expired;
    tally.epochs += counters.epochs;
    tally.hash = tally.hash * 31 + world.simulation.trace_hash();
    return world.what_is_wrong;
}

void add_cells(std::vector<Cell>& cells, const std::string& variant,
               std::initializer_list<Workload> workloads,
               std::function<void(Plan&, testing::SeededRandom&)> set_up) {
    for (const auto workload : workloads)
        cells.push_back({variant, workload, set_up});
}

std::string run_cell(const Cell& cell, std::uint64_t seed, Tally& tally) {
    testing::SeededRandom random(seed * 0x9e3779b97f4a7c15U + 1);
    Plan plan;
    plan.workload = cell.workload;
    plan.transaction_version = static_cast<std::int16_t>(1 + random.next() % 2);
    plan.produce.seed = random.next();
    plan.produce.codec = {codec::compress, codec::decompress};
    if (cell.workload == Workload::plain) {
        plan.produce.idempotent = false;
        plan.produce.acks = static_cast<std::int16_t>(random.next() % 3 > 0);
        plan.produce.max_in_flight = 1 + static_cast<unsigned>(random.next() % 2 * 4);
    }
    // Some give up early.
    if (random.next() % 3 == 0) plan.delivery = milliseconds(500 + random.next() % 3'000);
    plan.simulation.seed = seed;
    plan.simulation.brokers.topics = {{"t", partitions, 3}};
    plan.simulation.brokers.auto_create_topics = false;
    cell.set_up(plan, random);
    plan.simulation.brokers.transaction_version = plan.transaction_version;
    plan.produce.request_timeout = plan.request_timeout;
    ++tally.runs;
    return plan.workload == Workload::transactional ? run_transactional(plan, tally)
                                                    : run_plain(plan, tally);
}

Tally run_row(const std::string& row, const std::vector<Cell>& cells, std::uint64_t seeds) {
    constexpr std::uint64_t more = 50;
    constexpr int most_failures = 5;
    std::uint64_t first = 1;
    if (const char* one = std::getenv("KAFKA_ASIO_SEED")) {
        first = std::strtoull(one, nullptr, 10);
        seeds = 1;
    } else if (const char* all = std::getenv("KAFKA_ASIO_LONG"); all && *all == '1') {
        seeds *= more;
    }
    Tally tally;
    int failures = 0;
    for (auto seed = first; seed < first + seeds && failures < most_failures; ++seed) {
        const auto& cell = cells[(seed - 1) % cells.size()];
        const auto wrong = run_cell(cell, seed, tally);
        if (wrong.empty()) continue;
        ++failures;
        CHECK_MESSAGE(false, row << ", " << cell.variant << ", " << name_of(cell.workload)
                                 << ", seed " << seed << ": " << wrong << " (KAFKA_ASIO_SEED="
                                 << seed << " test-core -tc='" << row << "*' repeats it)");
    }
    if (!std::getenv("KAFKA_ASIO_SEED") && !std::getenv("KAFKA_ASIO_LONG")) return tally;
    const auto& r = tally.records;
    MESSAGE(row << ": " << tally.runs << " runs, seeds from " << first << "; records: " << r.success
                << " stored, " << r.failed << " failed, " << r.unknown << " unknown; "
                << tally.retries << " retries, " << tally.splits << " cut, " << tally.expired
                << " late, " << tally.odd_rows << " odd rows; transactions: " << r.committed
                << " committed, " << r.aborted << " aborted, " << r.undecided << " unknown, "
                << tally.restarts << " restarts");
    return tally;
}

}  // namespace kafka::core::produce_faults
