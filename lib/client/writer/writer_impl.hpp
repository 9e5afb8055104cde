// SPDX-License-Identifier: Apache-2.0
// WriterImpl: what a Writer is. Its parts, their owners and their locks:
//
//   a thread that writes
//       finds the topic (the writer's own, or by its name; no lock but for a new one), asks its
//       balancer for a partition (no lock), and appends under that partition's own lock, straight
//       into the open batch: no hop to the strand, no memory but for a new batch. A batch that is
//       full moves to the partition's sealed ones, under the same lock. A partition that was empty
//       is handed to the strand (handed_over_, a stack of atomics); wake_ makes one wake-up of
//       many.
//   the strand (of the Client's cluster)
//       has everything else: it takes sealed batches, and open ones that are due, out of the
//       partitions (under their locks, for moments), compresses them (or has it done elsewhere: a
//       partition's batches come back in any order, and go on in theirs), gives them to
//       ProduceCore, and does what that says. It alone reports ends.
//   memory
//       Budget counts whole buffers, by atomics, when a batch is made or grows; BatchPool keeps
//       batches for the next, within the same bound; what lies outside of a batch, with an owner of
//       its own, counts as well. Who finds no room waits in waiting_, on the strand; those who
//       write behind it queue up there (waiters_ says that there are some).
//   a batch
//       belongs to its partition while it is open or sealed, to ProduceCore between submit() and
//       Release, which comes when no transport reads its bytes any more, then to the pool. Requests
//       have no time-out of the session's, which would end them while their bytes are in use: what
//       is late has its connection closed.
//   transactions
//       WriterTransactions drives TransactionCore, on the strand. Outside of a transaction the
//       state is `refusing`, which costs those who write nothing; a transaction ends when
//       everything that was taken is reported, so that no batch spans two.
//   order of locks
//       the pool's is taken inside a partition's, and this at the end inside topics_mutex_; none
//       else inside another. No user's code runs under any.
//
// When open batches are sent ("a request must be earned"; measured in adaptive_linger): if no
// request is out to the leader, hold(n) after the last one was sent, n being the records that wait
// there; while less than five are out, after the longest hold; never with more. A write whose
// caller waits is not held when nothing is out; bulk that is compressed is held longer. Who appends
// looks whether it is time and wakes the strand; the timer is for flows that stop. It is armed for
// the longest hold, and a millisecond more if it was of no use the last time, because records kept
// coming: each time that it fires costs a wake-up. It is never set anew for later.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <kafka/group_offsets.hpp>
#include <kafka/protocol/describe_configs.hpp>
#include <kafka/protocol/init_producer_id.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/writer_config.hpp>
#include <kafka/writer_stats.hpp>

#include "client/writer/compress_job.hpp"
#include "client/writer/topics_by_name.hpp"
#include "client/writer/write_batch.hpp"
#include "client/writer/write_call.hpp"
#include "client/writer/write_partition.hpp"
#include "core/produce/produce_core.hpp"
#include "core/produce/transaction_core.hpp"
#include "io/cluster_driver.hpp"
#include "io/executor.hpp"
#include "io/off_loop.hpp"

namespace kafka::client {

class WriterTransactions;

class WriterImpl : public std::enable_shared_from_this<WriterImpl> {
    friend WriterTransactions;
    struct Private {};

public:
    using Handler = detail::any_handler<void(std::error_code)>;
    using MessagesHandler = detail::any_handler<void(std::error_code, WriteResults)>;

    static std::shared_ptr<WriterImpl> make(std::shared_ptr<io::Cluster> cluster,
                                            WriterConfig config);
    WriterImpl(Private, std::shared_ptr<io::Cluster> cluster, WriterConfig config);
    ~WriterImpl();

    // Anywhere (writer_append.cpp, writer_calls.cpp, writer_whole.cpp, writer_impl.cpp).
    [[nodiscard]] std::error_code try_write(const Record& record, std::uint64_t cookie,
                                            bool more) noexcept;
    [[nodiscard]] std::size_t try_write(std::span<const Record> records, std::uint64_t cookie,
                                        std::error_code& ec) noexcept;
    void write(const Record& record, std::uint64_t cookie, Handler handler);
    void write_messages(std::span<const Message> messages, MessagesHandler handler);
    void write_batch(std::string_view topic, std::int32_t partition, const Slice& bytes,
                     MessagesHandler handler);
    void flush(Handler handler);
    void close(std::chrono::milliseconds timeout, Handler handler);
    void abort_buffered();
    void transact(core::TransactionCore::Operation operation, const TransactionOptions& options,
                  core::TransactionOffsets offsets, Handler handler);
    void send_offsets(const std::vector<GroupOffset>& offsets, GroupMetadata group,
                      const TransactionOptions& options, Handler handler);
    /// The cluster is its own: it is closed with it. Before anything else.
    void own_cluster() noexcept { owns_cluster_ = true; }
    /// By the owner's destructor.
    void forsake();
    [[nodiscard]] WriterStats stats() const;
    [[nodiscard]] const WriterConfig& config() const noexcept { return config_; }

private:
    using Time = core::Time;
    using ProduceCore = core::ProduceCore;
    /// Refusing: outside of a transaction, where there are some.
    enum class State : std::uint8_t { open, refusing, closing, closed };
    /// Where a record comes from.
    struct Origin {
        Origin() = default;
        /// Of try_write().
        Origin(const Record& record, std::uint64_t with, std::uint32_t on, bool followed) noexcept
            : cookie(with),
              thread(on),
              partition(record.partition),
              owner(record.owner),
              more(followed) {}

        std::uint64_t cookie = 0;
        std::uint32_t thread = 0;  ///< whose lane it takes, wherever it is appended
        std::int32_t partition = -1;
        SliceOwner* owner = nullptr;                       ///< of the value's memory
        const std::shared_ptr<WriteCall>* call = nullptr;  ///< of async_write_messages()
        bool more = false;                                 ///< another follows at once
        bool urgent = false;                               ///< somebody waits for its end
        bool from_queue = false;                           ///< its turn has come
        std::int32_t* chosen = nullptr;                    ///< is told the partition
        std::string* detail = nullptr;                     ///< is told what is wrong
    };
    class ProduceCall;
    struct Sentinel;
    struct Answer {
        WriteBroker* broker;
        unsigned generation;
        ProduceCore::RequestId request;
        Failure failure;
        bool sent;
        protocol::ProduceResponse response;
    };

    // Taking records (writer_append.cpp).
    [[nodiscard]] WriteTopic* find_topic(std::string_view name);
    [[nodiscard]] WriteTopic* find_topic_of(const Record& record) noexcept;
    [[nodiscard]] static std::error_code no_topic(const Record& record) noexcept;
    void want_topic(WriteTopic& topic);
    [[nodiscard]] const Failure* refusal(bool from_queue) const noexcept;
    [[nodiscard]] static std::uint32_t thread_number() noexcept;
    [[nodiscard]] static std::size_t row_length(const WriteTopic& topic, const core::Lane& lane,
                                                core::Choice choice,
                                                std::span<const Record> records,
                                                std::size_t from) noexcept;
    /// Fills in the record's time.
    [[nodiscard]] std::error_code append(WriteTopic& topic, protocol::RecordRef& record,
                                         const Origin& origin);
    [[nodiscard]] std::error_code append(WriteTopic& topic, core::Lane& lane, core::Choice choice,
                                         const protocol::RecordRef& record, const Origin& origin);
    /// Of try_write() of one, what join_locked() did not take.
    [[nodiscard]] std::error_code append(WriteTopic& topic, core::Lane& lane, core::Choice choice,
                                         const Record& record, std::uint64_t cookie,
                                         bool more) noexcept;
    [[nodiscard]] std::error_code choose_otherwise(WriteTopic& topic,
                                                   const protocol::RecordRef& record,
                                                   const Origin& origin, core::Choice& choice);
    [[nodiscard]] static std::error_code refuse(const Failure& why, const Origin& origin);
    /// What records did to a batch.
    struct Growth {
        std::size_t taken = 0;  ///< records
        std::size_t bytes = 0;
        std::uint32_t count = 0;  ///< of all its records
        bool full = false;        ///< and so sealed
    };
    [[nodiscard]] Growth join_locked(WritePartition& partition, std::span<const Record> row,
                                     std::uint64_t cookie, std::int64_t now) noexcept;
    [[nodiscard]] std::size_t append_large(WriteBatch& batch, const Record& record,
                                           std::int64_t time) const noexcept;
    [[nodiscard]] Growth grown_locked(WritePartition& partition, std::size_t before) noexcept;
    [[nodiscard]] bool is_full(const protocol::RecordBatchBuilder& records,
                               std::size_t grown) const noexcept;
    [[nodiscard]] std::error_code append_locked(WritePartition& partition,
                                                const protocol::RecordRef& record,
                                                std::size_t estimate, const Origin& origin);
    // Memory (writer_memory.cpp).
    [[nodiscard]] std::error_code open_batch(WritePartition& partition, std::size_t estimate);
    void begin(WriteBatch& batch, WritePartition& partition) const noexcept;
    [[nodiscard]] bool make_room(WritePartition& partition, std::size_t estimate);
    [[nodiscard]] bool drop_oldest(WritePartition& partition);
    bool seal_locked(WritePartition& partition) noexcept;
    // When open batches are sent (writer_linger.cpp).
    struct Holds {
        explicit Holds(const WriterConfig& config) noexcept;
        /// After the last request.
        [[nodiscard]] std::chrono::nanoseconds timer(bool flowing) const noexcept {
            return std::max(longest, bulk) + (flowing ? grace : std::chrono::nanoseconds());
        }
        std::chrono::nanoseconds longest;  ///< of what is no bulk
        std::chrono::nanoseconds bulk;
        std::chrono::nanoseconds grace;  ///< of the timer
    };
    void wake_if_due(WritePartition& partition, std::uint32_t count, bool urgent, bool listed);
    [[nodiscard]] std::chrono::nanoseconds hold(std::size_t records, bool urgent,
                                                unsigned in_flight) const noexcept;
    void wake();
    // Calls and their turns (writer_calls.cpp).
    /// Takes what can be taken. True: the rest has to wait.
    [[nodiscard]] bool advance(const std::shared_ptr<WriteCall>& call, bool from_queue);
    [[nodiscard]] bool advance(const std::shared_ptr<WriteCall>& call,
                               std::span<const Message> messages, std::size_t& at,
                               std::size_t first_place, bool from_queue);
    void wait_for_turn(std::shared_ptr<WriteCall> call);
    void assign_slot(const std::shared_ptr<WriteCall>& call, asio::cancellation_slot slot);
    // Batches of their own (writer_whole.cpp).
    [[nodiscard]] bool can_refer(const protocol::RecordRef& record) const noexcept;
    [[nodiscard]] std::error_code append_referring(WriteTopic& topic, core::Lane& lane,
                                                   core::Choice choice,
                                                   const protocol::RecordRef& record,
                                                   const Origin& origin);
    [[nodiscard]] std::unique_ptr<WriteBatch> referring_batch(WritePartition& partition,
                                                              const protocol::RecordRef& record,
                                                              const Origin& origin);
    [[nodiscard]] std::unique_ptr<WriteBatch> new_batch(WritePartition& partition, std::size_t room,
                                                        std::size_t outside, std::size_t records);
    template <class Make>
    [[nodiscard]] std::error_code place(WritePartition& partition, bool from_queue,
                                        std::string* detail, Make make);
    [[nodiscard]] std::error_code place_whole(const std::shared_ptr<WriteCall>& call,
                                              bool from_queue, std::string& detail);
    [[nodiscard]] std::unique_ptr<WriteBatch> whole_batch(const std::shared_ptr<WriteCall>& call,
                                                          WritePartition& partition);

    // The strand's (writer_run.cpp).
    void run();
    void pull(Time now);
    void take_from(WritePartition& partition, bool open_too, Time now);
    void submit(std::unique_ptr<WriteBatch> batch, Time now);
    void hand_over(std::unique_ptr<WriteBatch> batch, Time now);
    [[nodiscard]] const std::shared_ptr<Compressor>& compressor_of(
        const WriteBatch& batch) const noexcept;
    [[nodiscard]] bool compress_elsewhere(std::unique_ptr<WriteBatch>& batch);
    void compressed(const std::shared_ptr<CompressJob>& job);
    void forsake_jobs(const Failure& why, Time now);
    void let_waiters_in(Time now);
    void fail_waiters(const std::error_code& why);
    void report_dropped();
    void report(WriteBatch& batch, std::int32_t first, std::int32_t count,
                const core::ProduceOutcome& outcome, Time now);
    void ended(WriteBatch& batch, Time now);
    void tell(const WrittenRecords& records) noexcept;
    void drop(WriteBatch& batch, const Failure& why, Time now);
    void drop_buffered(const std::error_code& why);
    [[nodiscard]] bool anything_left() const noexcept;
    void collect() noexcept;
    void begin_flush(std::shared_ptr<FlushPoint> point);
    static void passed(WriteBatch& batch);

    // The end (writer_impl.cpp).
    void stop_waiting_on_cancel(asio::cancellation_slot slot,
                                const std::shared_ptr<FlushPoint>& point);
    void refuse_records(State state);
    void finish_close(Time now);
    void give_up(const Failure& why, Time now);
    void end(const Failure& why);
    void tear_down();
    /// The cluster closed, or its event loop is gone.
    void cluster_ended();
    void abandon() noexcept;

    void set_timer();
    void publish();
    void log(LogLevel level, std::string_view message, std::string_view detail) const;

    // ProduceCore's actions (writer_drive.cpp).
    void drive(Time now);
    void act(ProduceCore::Action& action, Time now);
    void send(const ProduceCore::SendProduce& action, Time now);
    void take_answers(Time now);
    void lost(WriteBroker& broker, const Failure& failure, Time now);
    void connect(std::int32_t broker);
    void ask_producer_id();
    void ask_topic(WriteTopic& topic);
    void ask_topics(Time now);
    void on_topic(WriteTopic& topic, const Failure& failure);
    void take_topic(WriteTopic& topic, Time now);
    [[nodiscard]] bool update_balancer(WriteTopic& topic);
    void ask_configs(WriteTopic& topic);
    void take_configs(WriteTopic& topic, const protocol::DescribeConfigsResponse& response);
    void no_topic(WriteTopic& topic, const Failure& failure, Time now);
    void metadata_changed(const io::Cluster::Topics& changed);
    [[nodiscard]] WriteBroker& broker_of(std::int32_t id);
    void look_after_brokers(Time now);

    const WriterConfig config_;
    const std::shared_ptr<io::Cluster> cluster_;
    const io::Strand& strand_;
    const unsigned max_in_flight_;
    const Holds holds_;
    const std::error_code none_;    // a new one would ask another library for its category
    const std::size_t refer_from_;  ///< so large a value is not copied if it has an owner

    // For all.
    std::atomic<State> state_{State::open};
    std::atomic<bool> awake_{false};
    std::atomic<bool> silent_{false};          ///< the owner is gone: nobody hears of records
    std::atomic<std::int64_t> timer_for_all_;  ///< when the timer will fire at the latest
    std::atomic<std::size_t> waiters_{0};
    std::atomic<std::uint64_t> dropped_{0}, callbacks_failed_{0};
    HandOver<WritePartition> handed_over_;
    HandOver<WriteBatch> dropped_batches_;
    Budget budget_;
    BatchPool pool_;
    mutable std::mutex topics_mutex_;
    std::vector<std::unique_ptr<WriteTopic>> topics_;
    TopicsByName topics_by_name_;
    WriteTopic* own_topic_ = nullptr;
    mutable std::mutex stats_mutex_;
    WriterStats stats_;

    // The strand's.
    const std::unique_ptr<WriterTransactions> transactions_;  ///< null without a transactional id
    ProduceCore core_;
    std::map<std::int32_t, std::unique_ptr<WriteBroker>> brokers_;
    std::vector<WriteTopic*> by_index_;
    Time ask_at_ = core::never;          ///< of all topics, at the earliest
    std::vector<WriteTopic*> measured_;  ///< where something is queued, or was
    Time measure_at_{};
    std::vector<WritePartition*> active_;                     ///< handed over, and not empty since
    core::LinkedList<WriteBatch, &WriteBatch::alive> alive_;  ///< in the core, not ended
    std::vector<Answer> answers_, taken_answers_;
    std::deque<std::shared_ptr<WriteCall>> waiting_;  ///< in the order of their deadlines
    bool try_all_waiting_ = false;  ///< a topic came or failed, or a write was cancelled
    std::vector<std::shared_ptr<FlushPoint>> flushes_;
    std::vector<std::unique_ptr<WriteBatch>> taken_;
    const std::shared_ptr<Compressor> compressor_;
    io::OffLoop& off_loop_;
    std::size_t compressing_ = 0;  ///< batches that are elsewhere, without the forsaken ones
    std::vector<std::shared_ptr<FlushPoint>> closings_;
    std::weak_ptr<Sentinel> sentinel_;
    Time close_at_ = core::never;
    bool gave_up_ = false;
    bool owns_cluster_ = false;
    std::vector<core::PartitionState> states_;
    io::Timer timer_;
    Time timer_at_ = core::never;
    Time linger_at_ = core::never;
    bool timer_lingers_ = false;  ///< timer_at_ is linger_at_, or was
    bool flowing_ = false;        ///< such a timer fired, and nothing was due
    std::uint64_t subscription_ = 0;
};

}  // namespace kafka::client
