// SPDX-License-Identifier: Apache-2.0
// Journal: what was written, what became of it, and whether the logs agree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/produce/faults_writer.hpp"

namespace kafka::core::produce_faults {

inline constexpr std::int32_t partitions = 12;

class Journal {
public:
    enum class End : std::uint8_t { open, success, failed, unknown };
    enum class Outcome : std::uint8_t { open, committed, aborted, unknown };
    static constexpr std::size_t none = SIZE_MAX;

    /// What the writer promises.
    struct Promise {
        bool once = true;           ///< I3, for all that is not failed
        bool ordered = true;        ///< I4
        bool stored = true;         ///< I1: not with acks=0
        bool one_session = true;    ///< one producer id: the unknown do not come late
        std::uint64_t retries = 0;  ///< without `once`: so many may be there twice
        bool transactional = false;
    };
    struct Counts {
        std::size_t records = 0, success = 0, failed = 0, unknown = 0;
        std::size_t committed = 0, aborted = 0, undecided = 0;
    };

    explicit Journal(World& world) : world_(world) {}

    /// A new record of that partition.
    std::size_t add(std::int32_t partition, std::size_t transaction = none);
    [[nodiscard]] const std::string& value(std::size_t record) const {
        return records_[record].value;
    }
    void over(const ProduceCore::Over& over);
    [[nodiscard]] std::size_t open() const noexcept { return open_; }
    [[nodiscard]] End end_of(std::size_t record) const { return records_[record].end; }

    std::size_t begin();
    void offsets(std::size_t transaction, const std::string& group, std::int64_t offset);
    void end(std::size_t transaction, Outcome outcome);

    /// Tells the world what is wrong. When all is over, and nothing more comes.
    void check(const Promise& promise);
    [[nodiscard]] Counts counts() const;

private:
    struct Record {
        std::int32_t partition;
        std::string value;
        std::size_t transaction;
        End end = End::open;
        std::int64_t offset = -1;
        std::size_t stored = 0, visible = 0;  // times
    };
    struct Transaction {
        Outcome outcome = Outcome::open;
        std::string group{};
        std::int64_t offset = -1;
        std::size_t records = 0, visible = 0;
    };

    void read(std::int32_t partition, const Promise& promise);
    void check_record(std::size_t number, const Promise& promise);
    void check_transactions();
    [[nodiscard]] std::string name(std::size_t record) const;

    World& world_;
    std::vector<Record> records_;
    std::vector<Transaction> transactions_;
    std::vector<std::size_t> ended_;  // transactions, in the order of their ends
    std::size_t open_ = 0;
};

}  // namespace kafka::core::produce_faults
