// SPDX-License-Identifier: Apache-2.0
#include "client/writer/writer_transactions.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <utility>

#include <asio/error.hpp>
#include <asio/post.hpp>

#include <kafka/detail/pending_call.hpp>
#include <kafka/error.hpp>

#include "base/escape.hpp"
#include "client/operation.hpp"
#include "client/writer/writer_impl.hpp"

namespace kafka::client {
namespace {

using Clock = std::chrono::steady_clock;
using core::TransactionCore;
using State = core::TransactionState;

core::TransactionLimits limits_of(const WriterConfig& config) {
    std::random_device device;
    return {config.transactional_id,
            config.transaction_timeout,
            {config.retry_backoff, std::max(config.retry_backoff, config.retry_backoff_max)},
            (std::uint64_t{device()} << 32U) ^ device()};
}

const Failure& outside() {
    static const Failure why(errc::no_transaction, "async_begin_transaction() first");
    return why;
}
const Failure& after_failure() {
    static const Failure why(errc::transaction_failed, "async_abort_transaction() first");
    return why;
}

// Of what the Writer itself says of its transactions. Such a record has no part in one.
bool is_about_state(const std::error_code& ec) {
    return ec == errc::no_transaction || ec == errc::transaction_failed || ec == errc::wrong_state;
}

}  // namespace

Result<core::TransactionOffsets> transaction_offsets(const std::vector<GroupOffset>& offsets,
                                                     GroupMetadata group) {
    const auto wrong = [](std::string what) { return Failure(errc::invalid_argument, what); };
    if (group.group_id.empty()) return wrong("offsets of no group: group_id is empty");
    core::TransactionOffsets result;
    result.group = std::move(group.group_id);
    result.generation = group.generation;
    result.member = std::move(group.member_id);
    result.instance = std::move(group.group_instance_id);
    std::map<std::string_view, std::size_t> rows;
    std::set<std::pair<std::size_t, std::int32_t>> seen;
    for (const auto& one : offsets) {
        const auto place = [&one] {
            return "topic '" + escaped(one.topic, 256) + "', partition " +
                   std::to_string(one.partition);
        };
        if (one.topic.empty() || one.partition < 0) return wrong("an offset of " + place());
        if (one.offset < 0) return wrong("offset " + std::to_string(one.offset) + " of " + place());
        const auto [at, added] = rows.try_emplace(one.topic, result.topics.size());
        if (!seen.emplace(at->second, one.partition).second) return wrong(place() + " twice");
        if (added) result.topics.push_back({.name = one.topic});
        result.topics[at->second].partitions.push_back({.partition_index = one.partition,
                                                        .committed_offset = one.offset,
                                                        .committed_leader_epoch = one.leader_epoch,
                                                        .committed_metadata = one.metadata});
    }
    return result;
}

// A request to a coordinator. It ends inside the cluster's work: the core hears of it afterwards.
template <class Request>
class WriterTransactions::Call final : public detail::PendingCall {
public:
    using Response = typename Request::response_type;

    Call(std::weak_ptr<WriterImpl> writer, std::uint64_t id)
        : PendingCall(Response::info, &response_), writer_(std::move(writer)), id_(id) {}

    void complete(const std::error_code& ec) override {
        const auto writer = writer_.lock();
        if (!writer) return;
        Failure failure(ec);
        if (ec) {
            failure.detail = said.api;
            if (!said.peer.empty()) failure.detail += " to " + said.peer;
            if (!said.detail.empty()) failure.detail += ": " + said.detail;
        }
        writer->transactions_->answers_.push_back(
            {id_, std::move(failure), sent, std::move(response_)});
        writer->wake();
    }

    Diagnostics said;

private:
    std::weak_ptr<WriterImpl> writer_;
    std::uint64_t id_;
    Response response_;
};

WriterTransactions::WriterTransactions(WriterImpl& writer, const WriterConfig& config)
    : writer_(writer), config_(config), refusal_(&outside()), core_(limits_of(config)) {}

WriterTransactions::~WriterTransactions() = default;

// Operations.

void WriterTransactions::start(Operation operation, const TransactionOptions& options,
                               core::TransactionOffsets offsets, Handler handler) {
    const auto self = writer_.shared_from_this();
    const bool ends = operation == Operation::commit || operation == Operation::abort;
    auto one = std::make_shared<Pending>();
    one->operation = operation;
    one->deadline =
        core::after(Clock::now(),
                    options.timeout.value_or(ends ? config_.delivery_timeout : config_.max_block));
    one->diagnostics = options.diagnostics;
    one->offsets = std::move(offsets);
    auto slot = handler.get_cancellation_slot();
    one->handler = std::move(handler);
    if (slot.is_connected())
        slot.assign([weak = std::weak_ptr(self),
                     weak_one = std::weak_ptr(one)](asio::cancellation_type type) {
            using enum asio::cancellation_type;
            const bool only_waiting = (type & (terminal | partial)) == none;
            const auto writer = weak.lock();
            auto own = weak_one.lock();
            if (!writer || !own) return;
            asio::post(writer->strand_, [writer, own = std::move(own), only_waiting] {
                writer->transactions_->cancel(own, only_waiting);
            });
        });
    asio::post(self->strand_, [self, one = std::move(one)]() mutable {
        self->transactions_->enqueue(std::move(one));
    });
}

void WriterTransactions::enqueue(std::shared_ptr<Pending> one) {
    if (!one->handler) return;  // cancelled
    if (closing_) return finish(*one, {errc::connection_closed, "the Writer was closed"});
    queue_.push_back(std::move(one));
    writer_.run();
}

void WriterTransactions::cancel(const std::shared_ptr<Pending>& one, bool only_waiting) {
    if (one == running_) {
        if (only_waiting) return;
    } else {
        std::erase(queue_, one);
    }
    finish(*one, {asio::error::operation_aborted,
                  one == running_ ? "cancelled; it goes on" : "cancelled before it began"});
}

// Once.
void WriterTransactions::finish(Pending& one, const Failure& failure) {
    if (!one.handler) return;
    if (failure && one.diagnostics) *one.diagnostics = {{}, {}, failure.detail};
    std::move(one.handler).post(failure.code);
    one.handler = {};
}

void WriterTransactions::expire_queue(Time now) {
    std::erase_if(queue_, [now](const auto& one) {
        if (one->deadline > now) return false;
        finish(*one, {errc::request_timed_out, "it waited for the operation before it"});
        return true;
    });
}

Failure WriterTransactions::not_now(Operation operation) const {
    const auto state = core_.state();
    if (state == State::fatal) return core_.failure();
    if (operation == Operation::init)
        return state == State::none
                   ? Failure()
                   : Failure(errc::wrong_state, "async_init_transactions() has been done");
    if (state == State::none)
        return {errc::wrong_state, "async_init_transactions() has not been done"};
    if (state == State::failed && operation != Operation::abort)
        return {errc::transaction_failed, core_.failure().message()};
    const bool open = state == State::open || state == State::failed;
    if (operation == Operation::begin)
        return open ? Failure(errc::wrong_state, "a transaction is open: commit or abort it first")
                    : Failure();
    return open ? Failure() : outside();
}

bool WriterTransactions::begin_next(Time now) {
    if (running_) return false;
    const auto state = core_.state();
    if (closing_ && (state == State::open || state == State::failed)) {
        writer_.log(LogLevel::info, "closed with an open transaction, which is aborted", {});
        running_ = std::make_shared<Pending>();
        flush_ = Flush::none;
        core_.abort(now, core::never);  // give_up() ends it
        show_state();
        return true;
    }
    if (queue_.empty()) return false;
    const auto one = std::move(queue_.front());
    queue_.pop_front();
    if (const auto why = not_now(one->operation)) {
        finish(*one, why);
        return true;
    }
    running_ = one;
    flush_ = Flush::none;
    switch (one->operation) {
        case Operation::init:
            core_.init(now, one->deadline);
            break;
        case Operation::begin: {
            {
                const std::lock_guard lock(refused_mutex_);
                refused_ = {};
            }
            constexpr std::int16_t with_own_epochs = 2;  // KIP-890
            core_.begin(
                writer_.cluster_->features().level("transaction.version") >= with_own_epochs, now,
                one->deadline);
            break;
        }
        case Operation::offsets:
            core_.send_offsets(std::move(one->offsets), now, one->deadline);
            break;
        case Operation::commit:
            core_.commit(now, one->deadline);
            break;
        default:
            core_.abort(now, one->deadline);
            break;
    }
    show_state();
    return true;
}

// Of this transaction everything has to be reported before it ends.
bool WriterTransactions::flush(Time now) {
    if (!core_.waits_for_flush()) {
        flush_ = Flush::none;
        return false;
    }
    // It may go on waiting for what adds to the transaction.
    if (flush_ == Flush::done) return false;
    if (flush_ == Flush::none) {
        if (!writer_.waiting_.empty()) return false;
        flush_ = Flush::running;
        show_state();
        writer_.begin_flush(std::make_shared<FlushPoint>());
        writer_.wake();
    }
    const auto& produce = writer_.core_;
    if (!writer_.active_.empty() || !writer_.handed_over_.empty() || writer_.compressing_ > 0 ||
        !produce.barrier_over(produce.barrier()))
        return false;
    flush_ = Flush::done;
    core_.on_flushed(now);
    return true;
}

void WriterTransactions::step(Time now) {
    take_refusals();
    take_answers(now);
    if (core_.next_deadline() <= now) core_.on_time(now);
    expire_queue(now);
    do
        writer_.drive(now);
    while (begin_next(now) || flush(now));
}

core::Time WriterTransactions::next_deadline() const noexcept {
    auto next = core_.next_deadline();
    for (const auto& one : queue_)
        next = std::min(next, one->deadline);
    return next;
}

// TransactionCore's actions.

bool WriterTransactions::act(Time now) {
    bool any = false;
    TransactionCore::Action action;
    while (core_.take(action)) {
        any = true;
        show_state();
        if (auto* request = std::get_if<TransactionCore::Send>(&action))
            send(*request);
        else if (const auto* over = std::get_if<TransactionCore::Done>(&action))
            done(*over);
        else if (auto* dropped = std::get_if<TransactionCore::AbortBatches>(&action))
            drop_records(std::move(dropped->why), now);
        else
            writer_.core_.on_gate(now);
    }
    return any;
}

// Once, so that the core knows what became of it; the core tries again by itself.
void WriterTransactions::send(TransactionCore::Send& action) {
    ClientCallOptions options;
    options.timeout = config_.request_timeout;
    // Its own end says more than that of the operation.
    if (running_ && running_->deadline != core::never)
        options.timeout =
            std::clamp(brokers_share(std::chrono::duration_cast<std::chrono::milliseconds>(
                           running_->deadline - Clock::now())),
                       std::chrono::milliseconds(1), *options.timeout);
    options.retry = false;
    std::visit(
        [&](auto& request) {
            using Request = std::decay_t<decltype(request)>;
            auto call = std::make_unique<Call<Request>>(writer_.weak_from_this(), action.id);
            options.diagnostics = &call->said;
            writer_.cluster_->call(detail::call_type_of<Request>,
                                   std::make_shared<const Request>(std::move(request)), options,
                                   std::move(call), {action.oldest_version, action.newest_version});
        },
        action.request);
}

void WriterTransactions::take_answers(Time now) {
    for (const auto& answer : std::exchange(answers_, {}))
        if (answer.failure)
            core_.on_failed(answer.id, answer.failure, answer.sent, now);
        else
            core_.on_answer(answer.id, answer.response, now);
}

void WriterTransactions::done(const TransactionCore::Done& over) {
    using Result = TransactionCore::Result;
    const auto one = std::exchange(running_, nullptr);
    if (!one) return;
    Failure failure;
    if (over.result == Result::unknown)
        failure = {errc::outcome_unknown, over.failure.message()};
    else if (over.result == Result::failed && core_.state() == State::failed)
        failure = {errc::transaction_failed, over.failure.message()};
    else if (over.result == Result::failed)
        failure = over.failure;
    if (failure && !one->handler && failure.code != errc::connection_closed)
        writer_.log(LogLevel::warning, "An operation nobody waits for has failed",
                    failure.message());
    finish(*one, failure);
}

// What was taken and is in no request.
void WriterTransactions::drop_records(Failure why, Time now) {
    if (core_.state() != State::fatal)
        why = why.code == std::errc::operation_canceled
                  ? Failure(asio::error::operation_aborted, std::move(why.detail))
                  : Failure(errc::transaction_failed, why.message());
    writer_.fail_waiters(why.code);
    writer_.drop_buffered(why.code);
    writer_.core_.abort_waiting(why, now);
}

// Whether records are taken.

const Failure* WriterTransactions::refusal(bool from_queue) const noexcept {
    if (from_queue && lets_waiting_in_.load(std::memory_order_relaxed)) return nullptr;
    return refusal_.load(std::memory_order_acquire);
}

void WriterTransactions::on_refused(const std::error_code& why, std::string_view detail) {
    if (is_about_state(why) || why == errc::connection_closed) return;
    {
        const std::lock_guard lock(refused_mutex_);
        if (refused_) return;
        refused_ = {why, std::string(detail)};
    }
    writer_.wake();
}

void WriterTransactions::take_refusals() {
    Failure why;
    {
        const std::lock_guard lock(refused_mutex_);
        if (!refused_) return;
        why = refused_;
    }
    core_.on_record_refused(why);
}

// Who is appending while this changes is done when it returns.
void WriterTransactions::show_state() {
    using Writing = WriterImpl::State;
    const auto state = core_.state();
    if (state == State::fatal && !fatal_) fatal_ = std::make_unique<const Failure>(core_.failure());
    refusal_.store(state == State::fatal    ? fatal_.get()
                   : state == State::failed ? &after_failure()
                                            : &outside(),
                   std::memory_order_release);
    lets_waiting_in_.store(core_.waits_for_flush() && flush_ == Flush::none,
                           std::memory_order_relaxed);
    const auto writing = writer_.state_.load();
    if (state == State::open && writing == Writing::refusing)
        writer_.state_.store(Writing::open);
    else if (state != State::open && writing == Writing::open)
        writer_.refuse_records(Writing::refusing);
}

// The end.

bool WriterTransactions::busy() const noexcept {
    return running_ || (closing_ && in_transaction());
}

bool WriterTransactions::in_transaction() const noexcept {
    switch (core_.state()) {
        case State::open:
        case State::failed:
        case State::finishing:
        case State::ending:
            return true;
        default:
            return false;
    }
}

void WriterTransactions::close(Time now) {
    closing_ = true;
    const Failure why(errc::connection_closed, "the Writer was closed");
    for (const auto& one : std::exchange(queue_, {}))
        finish(*one, why);
    if (!in_transaction()) end(why, now);
}

void WriterTransactions::end(const Failure& why, Time now) {
    closing_ = true;
    for (const auto& one : std::exchange(queue_, {}))
        finish(*one, why);
    core_.close(why);
    static_cast<void>(act(now));
}

void WriterTransactions::abandon() noexcept {
    closing_ = true;
    for (const auto& one : std::exchange(queue_, {}))
        one->handler = {};
    if (const auto one = std::exchange(running_, nullptr)) one->handler = {};
}

}  // namespace kafka::client
