// SPDX-License-Identifier: Apache-2.0
// Runs of transactional writers: an application that goes on whatever happens, and that makes a new
// writer where the old one cannot.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "core/produce/faults_app.hpp"

namespace kafka::core::produce_faults {
namespace {

using Operation = TransactionCore::Operation;
using Result = TransactionCore::Result;
using Outcome = Journal::Outcome;

constexpr milliseconds no_time{0};

class App {
public:
    App(World& world, Journal& journal, const Plan& plan, std::string name)
        : world_(world), journal_(journal), plan_(plan), group_("group of " + std::move(name)) {}

    void start() {
        if (writer_) retire();
        ++instance_;
        FaultWriter::Options options;
        options.produce = plan_.produce;
        options.produce.seed += instance_;
        options.produce.transactional_id = "tx";
        options.request_timeout = plan_.request_timeout;
        options.transaction = TransactionLimits{.transactional_id = "tx",
                                                .timeout = plan_.transaction_timeout,
                                                .seed = options.produce.seed};
        writer_ = std::make_unique<FaultWriter>(
            world_, options, [this](const ProduceCore::Over& over) { journal_.over(over); },
            [this, instance = instance_](const TransactionCore::Done& done) {
                if (instance == instance_) on_done(done);
            });
        init();
    }
    /// One more transaction that is committed, and then no more. Starts anew if it has ended.
    void finish() {
        finishing_ = true;
        if (dead_) {
            dead_ = false;
            start();
        }
    }
    void die() {
        dead_ = true;
        if (!writer_) return;
        end(operation_ == Operation::commit ? Outcome::unknown : Outcome::aborted);
        retire();
        ++instance_;
    }
    [[nodiscard]] bool finished() const noexcept { return finished_; }
    void close() {
        if (writer_) retire();
    }
    [[nodiscard]] bool idle() const {
        return std::all_of(old_.begin(), old_.end(), [](const auto& one) { return one->idle(); });
    }
    [[nodiscard]] std::size_t restarts() const noexcept { return old_.size(); }
    void add_to(Tally& tally) const {
        for (const auto& writer : old_) {
            const auto& counters = writer->core().counters();
            tally.retries += counters.retries;
            tally.splits += counters.splits;
            tally.odd_rows += counters.odd_rows;
            tally.expired += counters.expired;
        }
    }

private:
    void retire() {
        writer_->close();
        old_.push_back(std::move(writer_));
    }
    /// Unless there is another writer by then.
    template <class Call>
    void later(std::size_t ms, Call call) {
        world_.simulation.after(milliseconds(ms), [this, call, instance = instance_] {
            if (instance == instance_ && writer_) call();
        });
    }
    [[nodiscard]] TransactionCore& core() { return writer_->transaction(); }
    [[nodiscard]] TransactionState state() { return core().state(); }

    template <class Call>
    void operate(Operation operation, milliseconds timeout, Call call) {
        if (plan_.before_call) plan_.before_call(world_);
        operation_ = operation;
        deadline_ = world_.now() + timeout;
        call(world_.now(), deadline_);
        writer_->pump();
    }
    void init() {
        operate(Operation::init, plan_.operation_timeout,
                [&](Time now, Time deadline) { core().init(now, deadline); });
    }
    void next() {
        if (state() == TransactionState::fatal) return replace();
        if (finishing_ && good_) {
            finished_ = true;
            return;
        }
        operate(Operation::begin, plan_.operation_timeout, [&](Time now, Time deadline) {
            core().begin(plan_.transaction_version >= 2, now, deadline);
        });
    }
    /// As a process that ends and starts again.
    void replace() {
        end(Outcome::aborted);
        if (plan_.rivals > 1 && !finishing_ && !plan_.rivals_come_back) return die();
        later(100 + world_.below(200), [this] { start(); });
    }
    void end(Outcome outcome) {
        if (transaction_ == Journal::none) return;
        journal_.end(std::exchange(transaction_, Journal::none), outcome);
    }

    void begun() {
        transaction_ = journal_.begin();
        // In good weather in time, however short that is.
        const auto span =
            finishing_ ? 100 : static_cast<std::size_t>(plan_.transaction_span.count());
        const auto batches = 1 + world_.below(5);
        for (std::size_t i = 0; i < batches; ++i)
            later(world_.below(span), [this, transaction = transaction_] {
                if (transaction_ == transaction && operation_ == Operation::none &&
                    state() == TransactionState::open)
                    write();
            });
        later(span, [this] { conclude(); });
    }
    void write() {
        const auto partition = static_cast<std::int32_t>(world_.below(partitions));
        const auto count = 1 + world_.below(plan_.most_records);
        writer_->submit(
            batch_of(world_, journal_, *writer_, plan_, partition, count, transaction_));
    }
    void conclude() {
        if (state() == TransactionState::fatal) return replace();
        if (state() == TransactionState::failed || world_.chance(finishing_ ? 0 : 30))
            return abort();
        if (world_.chance(40)) return send_offsets();
        commit();
    }
    void send_offsets() {
        TransactionOffsets offsets;
        offsets.group = group_;
        offsets.topics.emplace_back().name = "t";
        if (world_.chance(50))
            offsets.topics[0].topic_id = world_.simulation.brokers().cluster().find("t")->id;
        auto& row = offsets.topics[0].partitions.emplace_back();
        row.partition_index = 0;
        row.committed_offset = static_cast<std::int64_t>(transaction_) + 1;
        journal_.offsets(transaction_, group_, row.committed_offset);
        operate(Operation::offsets, plan_.operation_timeout, [&](Time now, Time deadline) {
            core().send_offsets(std::move(offsets), now, deadline);
        });
    }
    void commit() {
        operate(Operation::commit, plan_.operation_timeout,
                [&](Time now, Time deadline) { core().commit(now, deadline); });
    }
    void abort() {
        operate(Operation::abort, plan_.operation_timeout,
                [&](Time now, Time deadline) { core().abort(now, deadline); });
    }

    void on_done(const TransactionCore::Done& done) {
        // I10, and one end for each operation.
        if (done.operation != operation_) world_.wrong("the end of an operation that was not");
        if (world_.now() > deadline_) world_.wrong("an operation ended late");
        if (done.result != Result::success && !done.failure)
            world_.wrong("an operation failed without a reason");
        operation_ = Operation::none;
        // Not from inside.
        later(world_.below(20), [this, operation = done.operation, result = done.result] {
            go_on(operation, result);
        });
        if (done.operation != Operation::commit) return;
        if (done.result == Result::success) good_ |= finishing_;
        end(done.result == Result::success  ? Outcome::committed
            : done.result == Result::failed ? Outcome::aborted
                                            : Outcome::unknown);
    }
    void go_on(Operation operation, Result result) {
        const bool good = result == Result::success;
        if (state() == TransactionState::fatal) return replace();
        switch (operation) {
            case Operation::init:
                return good ? next() : init();
            case Operation::begin:
                return good ? begun() : next();
            case Operation::offsets:
                return good ? commit() : abort();
            case Operation::commit:
                return result == Result::failed ? abort() : next();
            default:
                end(Outcome::aborted);
                return next();
        }
    }

    World& world_;
    Journal& journal_;
    const Plan& plan_;
    const std::string group_;
    std::unique_ptr<FaultWriter> writer_;
    std::vector<std::unique_ptr<FaultWriter>> old_;
    unsigned instance_ = 0;
    std::size_t transaction_ = Journal::none;
    Operation operation_ = Operation::none;
    Time deadline_ = never;
    bool finishing_ = false, good_ = false, finished_ = false, dead_ = false;
};

}  // namespace

std::string run_transactional(const Plan& plan, Tally& tally) {
    World world(plan.simulation);
    Journal journal(world);
    std::vector<std::unique_ptr<App>> apps;
    for (unsigned i = 0; i < plan.rivals; ++i) {
        apps.push_back(std::make_unique<App>(world, journal, plan, std::to_string(i)));
        // A rival comes when the first one is well under way.
        const auto at = i == 0 ? no_time : milliseconds(200 + world.below(1'500));
        world.simulation.after(at, [&app = *apps.back()] { app.start(); });
    }
    begin_weather(world, plan);
    world.simulation.after(plan.faulty + milliseconds(1), [&] {
        for (std::size_t i = 1; i < apps.size(); ++i)
            apps[i]->die();
        apps[0]->finish();
    });
    const auto at_most = plan.faulty + 2 * plan.operation_timeout + plan.delivery +
                         plan.transaction_span + milliseconds(10'000);
    if (!run_until(
            world, [&] { return apps[0]->finished(); }, at_most))
        world.wrong("no transaction is committed in good weather");
    for (const auto& app : apps)
        app->close();
    const auto idle = [&] {
        return std::all_of(apps.begin(), apps.end(), [](const auto& app) { return app->idle(); });
    };
    if (!run_until(world, idle, milliseconds(1'000)))
        world.wrong("requests are left after close()");
    end_world(world);
    journal.check({.one_session = false, .retries = 0, .transactional = true});

    tally.hash = tally.hash * 31 + world.simulation.trace_hash();
    const auto counts = journal.counts();
    tally.records.records += counts.records;
    tally.records.success += counts.success;
    tally.records.failed += counts.failed;
    tally.records.unknown += counts.unknown;
    tally.records.committed += counts.committed;
    tally.records.aborted += counts.aborted;
    tally.records.undecided += counts.undecided;
    for (const auto& app : apps) {
        tally.restarts += app->restarts() - 1;
        app->add_to(tally);
    }
    return world.what_is_wrong;
}

}  // namespace kafka::core::produce_faults
