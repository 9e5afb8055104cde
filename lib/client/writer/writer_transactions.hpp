// SPDX-License-Identifier: Apache-2.0
// WriterTransactions: drives TransactionCore for a Writer. It is the gate of the Writer's
// ProduceCore, runs the user's operations one after the other, and says whether records are taken.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string_view>
#include <system_error>
#include <vector>

#include <kafka/detail/any_handler.hpp>
#include <kafka/group_offsets.hpp>
#include <kafka/result.hpp>
#include <kafka/writer_config.hpp>

#include "core/produce/transaction_core.hpp"

namespace kafka::client {

class WriterImpl;

/// The offsets as a request has them; errc::invalid_argument for what no broker would take.
[[nodiscard]] Result<core::TransactionOffsets> transaction_offsets(
    const std::vector<GroupOffset>& offsets, GroupMetadata group);

/// A part of a WriterImpl. The strand's, but for the first group.
class WriterTransactions {
public:
    using Handler = detail::any_handler<void(std::error_code)>;
    using Operation = core::TransactionCore::Operation;
    using Time = core::Time;

    WriterTransactions(WriterImpl& writer, const WriterConfig& config);
    ~WriterTransactions();

    // Anywhere.
    void start(Operation operation, const TransactionOptions& options,
               core::TransactionOffsets offsets, Handler handler);
    /// Why a record is not taken while the Writer is State::refusing; null: it is. Costs no lock.
    [[nodiscard]] const Failure* refusal(bool from_queue) const noexcept;
    /// A record whose writer may not have seen it fail was not taken.
    void on_refused(const std::error_code& why, std::string_view detail);

    [[nodiscard]] core::ProduceGate* gate() noexcept { return &core_; }
    void name_topic(core::TopicIndex topic, std::string_view name) {
        core_.name_topic(topic, name);
    }
    /// Records that were taken were dropped.
    void on_dropped(const Failure& why) { core_.on_record_refused(why); }
    /// All that can be done now, ProduceCore's actions included.
    void step(Time now);
    /// TransactionCore's actions. True: there were some.
    [[nodiscard]] bool act(Time now);
    [[nodiscard]] Time next_deadline() const noexcept;
    /// Something is under way that close() waits for.
    [[nodiscard]] bool busy() const noexcept;
    /// A transaction is open, or being ended.
    [[nodiscard]] bool in_transaction() const noexcept;
    /// No operations any more; ends what is open.
    void close(Time now);
    /// The end. Waits for nothing.
    void end(const Failure& why, Time now);
    /// The event loop is gone.
    void abandon() noexcept;

private:
    template <class Request>
    class Call;
    struct Pending {
        Operation operation = Operation::none;
        Time deadline = core::never;
        Diagnostics* diagnostics = nullptr;
        core::TransactionOffsets offsets;
        Handler handler;
    };
    /// Of the transaction that is being ended.
    enum class Flush : std::uint8_t { none, running, done };
    struct Answer {
        std::uint64_t id = 0;
        Failure failure;
        bool sent = false;
        core::TransactionCore::Response response;
    };

    void enqueue(std::shared_ptr<Pending> one);
    void cancel(const std::shared_ptr<Pending>& one, bool only_waiting);
    static void finish(Pending& one, const Failure& failure);
    [[nodiscard]] bool begin_next(Time now);
    [[nodiscard]] Failure not_now(Operation operation) const;
    [[nodiscard]] bool flush(Time now);
    void send(core::TransactionCore::Send& action);
    void done(const core::TransactionCore::Done& over);
    void drop_records(Failure why, Time now);
    void take_answers(Time now);
    void take_refusals();
    void expire_queue(Time now);
    void show_state();

    WriterImpl& writer_;
    const WriterConfig& config_;

    // For all.
    std::atomic<const Failure*> refusal_;
    std::atomic<bool> lets_waiting_in_{false};  ///< a commit waits for those who wait for room
    std::mutex refused_mutex_;
    Failure refused_;  ///< the first since the transaction began

    // The strand's.
    core::TransactionCore core_;
    std::deque<std::shared_ptr<Pending>> queue_;
    std::shared_ptr<Pending> running_;
    std::vector<Answer> answers_;
    std::unique_ptr<const Failure> fatal_;
    Flush flush_ = Flush::none;
    bool closing_ = false;
};

}  // namespace kafka::client
