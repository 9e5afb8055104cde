// SPDX-License-Identifier: Apache-2.0
#include "core/produce/faults_journal.hpp"

#include <algorithm>
#include <charconv>

#include <kafka/codec.hpp>
#include <kafka/protocol/control_records.hpp>
#include <kafka/protocol/record_reader.hpp>

namespace kafka::core::produce_faults {
namespace {

constexpr std::size_t digits = 6;

}  // namespace

std::string Journal::name(std::size_t record) const {
    const auto& one = records_[record];
    return "record " + std::to_string(record) + " of partition " + std::to_string(one.partition);
}

std::size_t Journal::add(std::int32_t partition, std::size_t transaction) {
    const auto number = records_.size();
    auto text = std::to_string(number);
    text.insert(0, digits - std::min(digits, text.size()), '0');
    text.append(world_.below(60), static_cast<char>('a' + number % 26));
    records_.push_back({partition, std::move(text), transaction});
    if (transaction != none) ++transactions_[transaction].records;
    ++open_;
    return number;
}

void Journal::over(const ProduceCore::Over& over) {
    using Kind = ProduceOutcome::Kind;
    const auto& batch = static_cast<const FaultBatch&>(*over.batch);
    for (std::int32_t i = 0; i < over.count; ++i) {
        const auto number = batch.records.at(static_cast<std::size_t>(over.first + i));
        auto& record = records_[number];
        if (record.end != End::open) return world_.wrong(name(number) + " ended twice");
        --open_;
        const auto kind = over.outcome.kind;
        record.end = kind == Kind::success  ? End::success
                     : kind == Kind::failed ? End::failed
                                            : End::unknown;
        if (kind != Kind::success && !over.outcome.failure)
            world_.wrong(name(number) + " failed without a reason");
        if (over.outcome.base_offset >= 0) record.offset = over.outcome.base_offset + i;
    }
}

std::size_t Journal::begin() {
    transactions_.emplace_back();
    return transactions_.size() - 1;
}

void Journal::offsets(std::size_t transaction, const std::string& group, std::int64_t offset) {
    transactions_[transaction].group = group;
    transactions_[transaction].offset = offset;
}

void Journal::end(std::size_t transaction, Outcome outcome) {
    auto& one = transactions_[transaction];
    if (one.outcome != Outcome::open) return;
    one.outcome = outcome;
    ended_.push_back(transaction);
}

Journal::Counts Journal::counts() const {
    Counts counts;
    counts.records = records_.size();
    for (const auto& one : records_) {
        counts.success += one.end == End::success;
        counts.failed += one.end == End::failed;
        counts.unknown += one.end == End::unknown;
    }
    for (const auto& one : transactions_) {
        counts.committed += one.outcome == Outcome::committed;
        counts.aborted += one.outcome == Outcome::aborted;
        counts.undecided += one.outcome == Outcome::unknown;
    }
    return counts;
}

void Journal::check(const Promise& promise) {
    for (std::int32_t partition = 0; partition < partitions; ++partition)
        read(partition, promise);
    for (std::size_t number = 0; number < records_.size(); ++number)
        check_record(number, promise);
    if (promise.transactional) check_transactions();
}

// The whole log as a reader of committed data sees it: by the markers, not by the broker's index.
void Journal::read(std::int32_t partition, const Promise& promise) {
    auto& log = world_.simulation.brokers().cluster().find("t")->partition(partition)->log;
    std::map<std::int64_t, std::vector<std::size_t>> pending;  // by producer id
    std::size_t next = 0;                                      // in order
    const auto wrong = [&](const std::string& what) {
        world_.wrong("partition " + std::to_string(partition) + ": " + what);
    };
    for (const auto& stored : log.batches()) {
        protocol::RecordReader reader(log.bytes_of(stored), {.decompress = codec::decompress});
        while (const auto* record = reader.next()) {
            const auto& batch = *reader.batch();
            if (batch.control()) {
                const auto type = protocol::control_record_type(record->key);
                const bool commit = type && *type == protocol::ControlRecordType::commit;
                auto ended = std::move(pending[batch.producer_id]);
                pending.erase(batch.producer_id);
                for (const auto number : ended)
                    records_[number].visible += commit;
                continue;
            }
            std::size_t number = none;
            const auto text = record->value.text();
            std::from_chars(text.data(), text.data() + std::min(text.size(), digits), number);
            if (number >= records_.size() || records_[number].value != text ||
                records_[number].partition != partition)
                return wrong("what nobody wrote is at offset " + std::to_string(record->offset));
            auto& one = records_[number];
            if (one.offset >= 0 && one.end == End::success && one.offset != record->offset &&
                promise.once)
                wrong(name(number) + " is not where it was said to be");
            const bool first = one.stored++ == 0;
            if (batch.transactional())
                pending[batch.producer_id].push_back(number);
            else
                ++one.visible;
            // What was given up may come late where nothing fences it.
            if (!promise.ordered || !first || (one.end == End::unknown && !promise.one_session))
                continue;
            if (number < next) wrong(name(number) + " stands behind " + std::to_string(next - 1));
            next = std::max(next, number + 1);
        }
        if (reader.failure()) wrong(reader.failure().message());
    }
}

void Journal::check_record(std::size_t number, const Promise& promise) {
    const auto& one = records_[number];
    const auto times = " is there " + std::to_string(one.stored) + " times";
    switch (one.end) {
        case End::open:
            return world_.wrong(name(number) + " has not ended");
        case End::success:
            if (promise.stored && one.stored == 0)
                world_.wrong(name(number) + " was acknowledged and is lost");
            break;
        case End::failed:
            if (one.stored > 0) world_.wrong(name(number) + " failed and" + times);
            break;
        case End::unknown:
            break;
    }
    if (promise.once && one.stored > 1) world_.wrong(name(number) + times);
    if (!promise.once && one.stored > 1 + promise.retries) world_.wrong(name(number) + times);
}

// I5: all of a transaction or nothing.
void Journal::check_transactions() {
    for (const auto& one : records_) {
        if (one.transaction == none) continue;
        transactions_[one.transaction].visible += one.visible;
    }
    for (std::size_t i = 0; i < transactions_.size(); ++i) {
        const auto& one = transactions_[i];
        const auto seen = "transaction " + std::to_string(i) + ": " + std::to_string(one.visible) +
                          " of " + std::to_string(one.records) + " records are seen";
        const bool all = one.visible == one.records, nothing = one.visible == 0;
        const bool good = one.outcome == Outcome::committed ? all
                          : one.outcome == Outcome::unknown ? all || nothing
                                                            : nothing;
        const char* names[] = {"open", "committed", "aborted", "unknown"};
        if (!good)
            world_.wrong(seen + ", and it was " + names[static_cast<std::size_t>(one.outcome)]);
    }
    // The group's offset is that of the last transaction, or of one of which that is not known.
    std::map<std::string, std::set<std::int64_t>> possible;
    for (const auto number : ended_) {
        const auto& one = transactions_[number];
        if (one.group.empty()) continue;
        if (one.outcome == Outcome::committed)
            possible[one.group] = {one.offset};
        else if (one.outcome == Outcome::unknown)
            possible[one.group].insert({one.offset, -1});
    }
    for (const auto& one : transactions_)
        if (!one.group.empty()) possible.try_emplace(one.group, std::set<std::int64_t>{-1});
    for (const auto& [group, offsets] : possible) {
        const auto* found = world_.simulation.brokers().cluster().offsets().find(group, {"t", 0});
        const auto offset = found ? found->offset : -1;
        if (offsets.count(offset) == 0)
            world_.wrong("group " + group + " is at " + std::to_string(offset));
    }
}

}  // namespace kafka::core::produce_faults
