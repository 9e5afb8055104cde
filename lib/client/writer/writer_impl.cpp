// SPDX-License-Identifier: Apache-2.0
// WriterImpl: its beginning and its end.
#include "client/writer/writer_impl.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include <asio/error.hpp>
#include <asio/post.hpp>

#include <kafka/codec.hpp>
#include <kafka/error.hpp>

#include "client/operation.hpp"
#include "client/writer/writer_transactions.hpp"

namespace kafka::client {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// A copy of less costs less than a batch of its own.
constexpr std::size_t least_referred = 64 * 1024, most_referred = 128 * 1024;

// A larger batch would never be sent, or never filled.
WriterConfig with_batches_that_fit(WriterConfig config) {
    config.batch_size =
        std::min({config.batch_size, config.max_request_size, config.buffer_memory / 2});
    return config;
}

core::ProduceLimits limits_of(const WriterConfig& config) {
    core::ProduceLimits limits;
    limits.acks = static_cast<std::int16_t>(config.acks);
    limits.idempotent = config.enable_idempotence;
    limits.max_in_flight = config.max_in_flight_requests_per_connection;
    limits.max_request_size = config.max_request_size;
    limits.request_timeout = brokers_share(config.request_timeout);
    limits.retry = {config.retry_backoff, std::max(config.retry_backoff, config.retry_backoff_max)};
    constexpr auto most = static_cast<unsigned>(std::numeric_limits<int>::max());
    limits.max_attempts = config.retries >= most ? 0 : config.retries + 1;
    if (!config.transactional_id.empty()) limits.transactional_id = config.transactional_id;
    // Levels are a codec's own.
    limits.codec = {codec::compress, codec::decompress,
                    config.topic_compression ? std::nullopt : config.compression_level};
    std::random_device device;
    limits.seed = (std::uint64_t{device()} << 32U) ^ device();
    return limits;
}

std::shared_ptr<Compressor> make_compressor(const WriterConfig& config) {
    auto compressor = std::make_shared<Compressor>();
    compressor->codec = config.compression;
    compressor->level = config.compression_level;
    return compressor;
}

}  // namespace

// Lies among the cluster's subscribers, which go when it is closed, or its event loop is.
struct WriterImpl::Sentinel {
    explicit Sentinel(std::weak_ptr<WriterImpl> of) : writer(std::move(of)) {}
    Sentinel(const Sentinel&) = delete;
    Sentinel& operator=(const Sentinel&) = delete;
    ~Sentinel() {
        if (const auto self = writer.lock()) self->cluster_ended();
    }
    std::weak_ptr<WriterImpl> writer;
};

WriterImpl::WriterImpl(Private, std::shared_ptr<io::Cluster> cluster, WriterConfig config)
    : config_(with_batches_that_fit(std::move(config))),
      cluster_(std::move(cluster)),
      strand_(cluster_->strand()),
      max_in_flight_(config_.enable_idempotence
                         ? std::min(config_.max_in_flight_requests_per_connection, 5U)
                         : config_.max_in_flight_requests_per_connection),
      holds_(config_),
      refer_from_(config_.compression == Compression::none && !config_.topic_compression
                      ? std::clamp(config_.batch_size / 2, least_referred, most_referred)
                      : std::numeric_limits<std::size_t>::max()),
      timer_for_all_(core::never.time_since_epoch().count()),
      budget_(config_.buffer_memory, config_.buffer_records),
      pool_(budget_, config_.batch_size + 64),
      transactions_(config_.transactional_id.empty()
                        ? nullptr
                        : std::make_unique<WriterTransactions>(*this, config_)),
      core_(limits_of(config_), transactions_ ? transactions_->gate() : nullptr),
      compressor_(make_compressor(config_)),
      off_loop_(asio::use_service<io::OffLoop>(asio::query(strand_, asio::execution::context))),
      timer_(strand_) {
    if (transactions_) state_.store(State::refusing);
    if (!config_.topic.empty()) own_topic_ = find_topic(config_.topic);
}

WriterImpl::~WriterImpl() {
    for (auto* one = dropped_batches_.take(); one;) {
        const std::unique_ptr<WriteBatch> batch(one);
        one = one->next;
    }
}

std::shared_ptr<WriterImpl> WriterImpl::make(std::shared_ptr<io::Cluster> cluster,
                                             WriterConfig config) {
    auto writer = std::make_shared<WriterImpl>(Private{}, std::move(cluster), std::move(config));
    asio::post(writer->strand_, [writer] {
        auto sentinel = std::make_shared<Sentinel>(writer);
        writer->sentinel_ = sentinel;
        writer->subscription_ =
            writer->cluster_->subscribe([sentinel](const io::Cluster::Topics& changed) {
                if (const auto self = sentinel->writer.lock()) self->metadata_changed(changed);
            });
    });
    // So that the first record finds its partition.
    if (writer->own_topic_) writer->want_topic(*writer->own_topic_);
    return writer;
}

void WriterImpl::flush(Handler handler) {
    auto point = std::make_shared<FlushPoint>();
    const auto slot = handler.get_cancellation_slot();
    point->handler = std::move(handler);
    stop_waiting_on_cancel(slot, point);
    asio::post(strand_, [self = shared_from_this(), point = std::move(point)]() mutable {
        if (self->state_.load() == State::closed) {
            if (point->handler) std::move(point->handler).post(errc::connection_closed);
            return;
        }
        self->begin_flush(std::move(point));
        self->run();
    });
}

void WriterImpl::stop_waiting_on_cancel(asio::cancellation_slot slot,
                                        const std::shared_ptr<FlushPoint>& point) {
    if (!slot.is_connected()) return;
    slot.assign(
        [weak = weak_from_this(), weak_point = std::weak_ptr(point)](asio::cancellation_type) {
            const auto self = weak.lock();
            auto own = weak_point.lock();
            if (!self || !own) return;
            asio::post(self->strand_, [own = std::move(own)] {
                if (own->handler)
                    std::move(own->handler).post(std::error_code(asio::error::operation_aborted));
            });
        });
}

void WriterImpl::abort_buffered() {
    asio::post(strand_, [self = shared_from_this()] {
        if (self->state_.load() == State::closed) return;
        const auto before = self->dropped_.load();
        self->drop_buffered(asio::error::operation_aborted);
        if (self->transactions_ && self->dropped_.load() != before)
            self->transactions_->on_dropped(
                {asio::error::operation_aborted, "abort_buffered() dropped records of it"});
        self->core_.abort_waiting({asio::error::operation_aborted, "abort_buffered() was called"},
                                  Clock::now());
        self->run();
    });
}

// The end. Who was appending when the state changed is done when all locks were held once; who
// comes later sees it.
void WriterImpl::refuse_records(State state) {
    state_.store(state);
    const std::lock_guard lock(topics_mutex_);
    for (const auto& topic : topics_)
        for (const auto& partition : topic->partitions) {
            const std::lock_guard inside(partition->lock);
        }
}

void WriterImpl::close(milliseconds timeout, Handler handler) {
    auto waiting = std::make_shared<FlushPoint>();
    const auto slot = handler.get_cancellation_slot();
    waiting->handler = std::move(handler);
    stop_waiting_on_cancel(slot, waiting);
    asio::post(strand_, [self = shared_from_this(), waiting = std::move(waiting), timeout] {
        if (self->state_.load() == State::closed) {
            if (waiting->handler) std::move(waiting->handler).post({});
            return;
        }
        self->closings_.push_back(waiting);
        const auto at = core::after(Clock::now(), timeout);
        self->close_at_ = std::min(self->close_at_, at);
        if (self->state_.load() != State::closing) {
            self->refuse_records(State::closing);
            self->fail_waiters(errc::connection_closed);
            if (self->transactions_) self->transactions_->close(Clock::now());
            self->begin_flush(std::make_shared<FlushPoint>());
        }
        self->run();
    });
}

void WriterImpl::finish_close(Time now) {
    if (state_.load() != State::closing) return;
    if (now >= close_at_ && anything_left() && !std::exchange(gave_up_, true)) {
        log(LogLevel::warning, "close() gives up what was not written in time", {});
        give_up({errc::connection_closed, "close() gave up"}, now);
    }
    if (anything_left()) return;
    state_.store(State::closed);
    tear_down();
}

void WriterImpl::give_up(const Failure& why, Time now) {
    drop_buffered(why.code);
    core_.close(why, now);
    if (transactions_) transactions_->end(why, now);
    for (const auto& [id, broker] : brokers_)
        if (broker->lease && !broker->out.empty()) broker->lease->close();
    drive(now);
}

void WriterImpl::end(const Failure& why) {
    if (state_.load() == State::closed) return;
    refuse_records(State::closed);
    fail_waiters(why.code);
    report_dropped();
    const auto now = Clock::now();
    give_up(why, now);
    gave_up_ = false;
    tear_down();
    publish();
}

void WriterImpl::tear_down() {
    if (const auto sentinel = sentinel_.lock()) sentinel->writer.reset();
    cluster_->unsubscribe(subscription_);
    for (const auto* topic : by_index_)
        if (topic && topic->seen) cluster_->release_topic(topic->name);
    for (const auto& [id, broker] : brokers_)
        broker->lease.release();
    timer_.cancel();
    timer_at_ = core::never;
    const std::error_code ec =
        gave_up_ ? make_error_code(errc::delivery_timed_out) : std::error_code();
    for (const auto& one : std::exchange(closings_, {}))
        if (one->handler) std::move(one->handler).post(ec);
    for (const auto& one : std::exchange(flushes_, {}))
        if (one->handler) std::move(one->handler).post({});
    if (owns_cluster_) cluster_->close();
}

void WriterImpl::forsake() {
    silent_.store(true, std::memory_order_relaxed);
    if (cluster_->abandoned()) return;
    asio::post(strand_, [self = shared_from_this()] {
        if (self->state_.load() == State::closed) return;
        if (self->anything_left() || !self->waiting_.empty())
            self->log(LogLevel::warning, "destroyed with records that were not written", {});
        if (self->transactions_ && self->transactions_->in_transaction())
            self->log(LogLevel::warning, "destroyed with an open transaction",
                      "the cluster aborts it after transaction_timeout");
        self->end({errc::connection_closed, "the Writer was destroyed"});
    });
}

// Inside the cluster's own end.
void WriterImpl::cluster_ended() {
    if (cluster_->abandoned()) return abandon();
    asio::post(strand_, [self = shared_from_this()] {
        self->end({errc::connection_closed, "the Client was closed"});
    });
}

// Handlers may own the Writer: without this they would keep each other.
void WriterImpl::abandon() noexcept {
    state_.store(State::closed);
    const auto drop = [](WriteBatch& batch) {
        for (const auto& group : batch.groups)
            group.call->drop();
        for (const auto& point : batch.flushes)
            point->handler = {};
    };
    for (auto* batch = alive_.front(); batch; batch = alive_.after(*batch))
        drop(*batch);
    for (const auto& topic : topics_)
        for (const auto& partition : topic->partitions) {
            if (partition->open) drop(*partition->open);
            for (auto& batch : partition->sealed)
                drop(*batch);
        }
    for (const auto& call : std::exchange(waiting_, {}))
        call->drop();
    if (transactions_) transactions_->abandon();
    for (const auto& one : std::exchange(closings_, {}))
        one->handler = {};
}

void WriterImpl::transact(core::TransactionCore::Operation operation,
                          const TransactionOptions& options, core::TransactionOffsets offsets,
                          Handler handler) {
    if (transactions_)
        return transactions_->start(operation, options, std::move(offsets), std::move(handler));
    if (options.diagnostics) *options.diagnostics = {{}, {}, "the Writer has no transactional_id"};
    std::move(handler).post(errc::wrong_state);
}

void WriterImpl::send_offsets(const std::vector<GroupOffset>& offsets, GroupMetadata group,
                              const TransactionOptions& options, Handler handler) {
    auto checked = transaction_offsets(offsets, std::move(group));
    if (checked)
        return transact(core::TransactionCore::Operation::offsets, options, std::move(*checked),
                        std::move(handler));
    if (options.diagnostics) *options.diagnostics = {{}, {}, checked.failure().detail};
    std::move(handler).post(checked.failure().code);
}

WriterStats WriterImpl::stats() const {
    WriterStats result;
    {
        const std::lock_guard lock(stats_mutex_);
        result = stats_;
    }
    // ProduceCore, which counts the others, never had them.
    result.dropped = dropped_.load(std::memory_order_relaxed);
    result.accepted += result.dropped;
    result.failed += result.dropped;
    result.failed_callbacks = callbacks_failed_.load(std::memory_order_relaxed);
    result.buffered_bytes = budget_.used();
    result.waiting_writes = waiters_.load(std::memory_order_relaxed);
    const std::lock_guard lock(topics_mutex_);
    for (const auto& topic : topics_)
        if (const auto* table = topic->table.load(std::memory_order_acquire))
            for (const auto* one : *table) {
                const auto open = one->open_count.load(std::memory_order_relaxed);
                const auto batches = one->sealed_count.load(std::memory_order_relaxed) +
                                     one->in_core.load(std::memory_order_relaxed);
                if (open > 0 || batches > 0)
                    result.backlog.push_back({topic->name, one->number, batches, open});
            }
    return result;
}

}  // namespace kafka::client
