// SPDX-License-Identifier: Apache-2.0
// PartitionCore: the offsets of the log, and seeking.
#include <functional>
#include <vector>

#include "client/partition_operation.hpp"

namespace kafka::client {
namespace {

using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;

/// Asks for the offsets of some timestamps, one after the other (a broker takes a partition once in
/// a request), and makes the result of them.
template <class Out>
class AskOffsets final : public PartitionOperation<Out> {
public:
    using Base = PartitionOperation<Out>;
    using Offsets = std::vector<std::int64_t>;
    using Judge = std::function<Result<Out>(const Offsets&)>;

    AskOffsets(std::shared_ptr<PartitionCore> core, Offsets timestamps,
               const OffsetOptions& options, Judge judge, typename Base::Handler handler)
        : Base(core, core->read_end(options.timeout), options.diagnostics, std::move(handler)),
          timestamps_(std::move(timestamps)),
          isolation_(options.isolation),
          judge_(std::move(judge)) {}

private:
    void run() override {
        if (found_.size() == timestamps_.size()) {
            auto result = judge_(found_);
            if (!result) return this->fail(result.take_failure());
            return this->finish(*std::move(result));
        }
        if (this->refuse_to_go_on()) return;
        auto& core = *this->core_;
        this->call(*core.session,
                   ask_for_offset(core, timestamps_[found_.size()], isolation_,
                                  brokers_share(this->left())),
                   std::nullopt, false,
                   [this](const std::error_code& ec, const ListOffsetsResponse& response) {
                       if (ec) return this->fail(ec);
                       take(response);
                   });
    }
    void take(const ListOffsetsResponse& response) {
        auto& session = *this->core_->session;
        const auto version = core::choose_version(ListOffsetsRequest::info, session.peer()->table);
        if (version) this->name_answer(session, ListOffsetsRequest::info, *version);
        const auto offset = offset_in(response, *this->core_);
        if (!offset) return this->fail(offset.failure());
        found_.push_back(*offset);
        run();
    }

    Offsets timestamps_;
    Offsets found_;
    Isolation isolation_;
    Judge judge_;
};

template <class Out, class Judge>
void ask(std::shared_ptr<PartitionCore> core, std::vector<std::int64_t> timestamps,
         const OffsetOptions& options, Judge judge, PartitionCore::Handler<Out> handler) {
    std::make_shared<AskOffsets<Out>>(std::move(core), std::move(timestamps), options,
                                      std::move(judge), std::move(handler))
        ->begin();
}

Result<std::int64_t> first_of(const std::vector<std::int64_t>& offsets) {
    return offsets.front();
}

// Of offsets that users give: nothing overflows.
Result<std::int64_t> sum(std::int64_t base, std::int64_t offset, bool backward) {
    std::int64_t result = 0;
    const bool overflow = backward ? __builtin_sub_overflow(base, offset, &result)
                                   : __builtin_add_overflow(base, offset, &result);
    if (overflow) return Failure(errc::invalid_argument, "the offset is beyond its range");
    return result;
}

/// Where a seek leads. `ends` holds the first and last offset, if they were asked for.
Result<std::int64_t> target_of(std::int64_t offset, Whence whence, const Position& position,
                               const std::vector<std::int64_t>& ends) {
    if (whence == Whence::current) {
        if (position.whence == Whence::absolute) return sum(position.offset, offset, false);
        return sum(position.whence == Whence::end ? ends.at(1) : ends.at(0), offset, false);
    }
    if (whence == Whence::start) return sum(ends.at(0), offset, false);
    if (whence == Whence::end) return sum(ends.at(1), offset, true);
    return offset;
}

}  // namespace

void PartitionCore::first_offset(const OffsetOptions& options, Handler<std::int64_t> handler) {
    ask(shared_from_this(), {earliest_timestamp}, options, first_of, std::move(handler));
}
void PartitionCore::last_offset(const OffsetOptions& options, Handler<std::int64_t> handler) {
    ask(shared_from_this(), {latest_timestamp}, options, first_of, std::move(handler));
}
void PartitionCore::offsets(const OffsetOptions& options, Handler<OffsetRange> handler) {
    ask(
        shared_from_this(), {earliest_timestamp, latest_timestamp}, options,
        [](const std::vector<std::int64_t>& found) -> Result<OffsetRange> {
            return OffsetRange{found.at(0), found.at(1)};
        },
        std::move(handler));
}
void PartitionCore::offset_at(Timestamp time, const OffsetOptions& options,
                              Handler<std::int64_t> handler) {
    const auto wanted = time.time_since_epoch().count();
    if (wanted < 0) {
        // Numbers below 0 are questions of their own.
        return ask(
            shared_from_this(), {}, options,
            [](const std::vector<std::int64_t>&) -> Result<std::int64_t> {
                return Failure(errc::invalid_argument, "a time before 1970");
            },
            std::move(handler));
    }
    ask(shared_from_this(), {wanted}, options, first_of, std::move(handler));
}

void PartitionCore::seek(std::int64_t offset, Whence whence, const SeekOptions& options,
                         Handler<std::int64_t> handler) {
    // Without a check, only places need the broker's word.
    const bool absolute = whence == Whence::absolute ||
                          (whence == Whence::current && position->get().whence == Whence::absolute);
    const bool check = options.check;
    std::vector<std::int64_t> timestamps;
    if (check || !absolute) timestamps = {earliest_timestamp, latest_timestamp};
    const auto judge = [core = shared_from_this(), offset, whence,
                        check](const std::vector<std::int64_t>& ends) -> Result<std::int64_t> {
        auto target = target_of(offset, whence, core->position->get(), ends);
        if (!target) return target;
        if (*target < 0 && !check)
            return Failure(errc::invalid_argument, "an offset is not negative");
        if (check && (*target < ends.at(0) || *target > ends.at(1)))
            return Failure(broker_errc::offset_out_of_range,
                           core->name() + ": offset " + std::to_string(*target) +
                               " is outside the log, whose first offset is " +
                               std::to_string(ends.at(0)) + " and whose last is " +
                               std::to_string(ends.at(1)));
        core->position->set({*target, Whence::absolute});
        return target;
    };
    const OffsetOptions own{.timeout = options.timeout,
                            .isolation = options.isolation,
                            .diagnostics = options.diagnostics};
    ask(shared_from_this(), std::move(timestamps), own, judge, std::move(handler));
}

}  // namespace kafka::client
