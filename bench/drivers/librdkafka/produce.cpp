// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <thread>
#include <vector>

#include "client.hpp"

namespace kafka_bench {
namespace {

constexpr std::uint64_t batch_call = 1000;  // messages in one rd_kafka_produce_batch
constexpr std::uint64_t poll_every = 1000;  // messages between two rd_kafka_poll

/// The producer, its topic, and what its delivery reports say.
class Producer {
public:
    explicit Producer(Run& run) : run_{run} {
        Settings settings{run};
        configure(settings);
        rd_kafka_conf_set_opaque(settings.get(), this);
        rd_kafka_conf_set_dr_msg_cb(settings.get(), on_delivery);
        client_ = settings.create(RD_KAFKA_PRODUCER);
        topic_ = rd_kafka_topic_new(client_, run.options().topic.c_str(), nullptr);
    }

    ~Producer() {
        rd_kafka_topic_destroy(topic_);
        rd_kafka_destroy(client_);
    }
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;

    [[nodiscard]] rd_kafka_t* client() const { return client_; }
    [[nodiscard]] rd_kafka_topic_t* topic() const { return topic_; }
    [[nodiscard]] std::uint64_t done() const { return done_.load(std::memory_order_acquire); }

    /// From here on a message's opaque is its number for the pacer.
    void time(const Pacer& pacer) { pacer_ = &pacer; }

    /// The queue is full: waits for delivery reports.
    void make_room(Watch& watch) {
        if (rd_kafka_poll(client_, 10) == 0) {
            watch.check(done());
        }
    }

    /// Sends what lingers and waits until that many deliveries are known.
    void wait_for(std::uint64_t count) {
        Watch watch;
        while (done() < count) {
            rd_kafka_flush(client_, 100);
            watch.check(done());
        }
    }

private:
    void configure(Settings& settings) {
        const Options& options = run_.options();
        settings.set("acks", options.acks == -1 ? "all" : std::to_string(options.acks));
        settings.set("compression.codec", options.codec);
        if (options.codec_level) {
            settings.set("compression.level", *options.codec_level);
        }
        settings.set("enable.idempotence", options.idempotent ? "true" : "false");
        if (!options.tuned) {
            return;
        }
        settings.set("batch.size", options.batch);
        settings.set("batch.num.messages", 1'000'000);
        // Room for the framing around a batch that is filled to the brim.
        settings.set("message.max.bytes", std::int64_t{options.batch} + 1000);
        settings.set("max.in.flight", options.in_flight);
        settings.set("queue.buffering.max.messages", 200'000);
        if (options.linger_us) {
            const std::string digits = std::to_string(1'000'000 + *options.linger_us % 1000);
            settings.set("linger.ms",
                         std::to_string(*options.linger_us / 1000) + "." + digits.substr(4));
        }
    }

    static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
        auto& self = *static_cast<Producer*>(opaque);
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            fail("librdkafka: a delivery failed: " + std::string{rd_kafka_message_errstr(message)});
        }
        if (self.pacer_ != nullptr) {
            const auto number = reinterpret_cast<std::uintptr_t>(message->_private);
            self.run_.latency().record(now_ns() - self.pacer_->due_ns(number));
        }
        self.done_.fetch_add(1, std::memory_order_release);
    }

    Run& run_;
    rd_kafka_t* client_ = nullptr;
    rd_kafka_topic_t* topic_ = nullptr;
    const Pacer* pacer_ = nullptr;
    std::atomic<std::uint64_t> done_{0};
};

/// False when the queue is full; other errors end the program. `flags`: RD_KAFKA_MSG_F_COPY or 0.
bool hand_over(Producer& producer, const CorpusRecord& record, int flags, void* opaque) {
    // The C interface has no const; without RD_KAFKA_MSG_F_FREE it does not touch what it is given.
    void* const value = const_cast<char*>(record.value.data());
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (record.header_value.data() == nullptr) {
        if (rd_kafka_produce(producer.topic(), RD_KAFKA_PARTITION_UA, flags, value,
                             record.value.size(), record.key.data(), record.key.size(),
                             opaque) != 0) {
            error = rd_kafka_last_error();
        }
    } else {
        error = rd_kafka_producev(
            producer.client(), RD_KAFKA_V_RKT(producer.topic()), RD_KAFKA_V_MSGFLAGS(flags),
            RD_KAFKA_V_VALUE(value, record.value.size()),
            RD_KAFKA_V_KEY(record.key.data(), record.key.size()),
            RD_KAFKA_V_HEADER(Corpus::header_key.data(), record.header_value.data(),
                              static_cast<ssize_t>(record.header_value.size())),
            RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
    }
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        fail("librdkafka: " + std::string{rd_kafka_err2str(error)});
    }
    return error == RD_KAFKA_RESP_ERR_NO_ERROR;
}

/// Sends the records from `first` until before `after` of the run.
using Send = void (*)(Producer& producer, const Corpus& corpus, std::uint64_t first,
                      std::uint64_t after);

template <int flags>
void send_one_by_one(Producer& producer, const Corpus& corpus, std::uint64_t first,
                     std::uint64_t after) {
    Corpus::Cursor cursor = corpus.cursor(first);
    Watch watch;
    for (std::uint64_t i = first; i < after; ++i) {
        const CorpusRecord record = cursor.next();
        while (!hand_over(producer, record, flags, nullptr)) {
            producer.make_room(watch);
        }
        if (i % poll_every == 0) {
            rd_kafka_poll(producer.client(), 0);
        }
    }
}

void send_batches(Producer& producer, const Corpus& corpus, std::uint64_t first,
                  std::uint64_t after) {
    Corpus::Cursor cursor = corpus.cursor(first);
    Watch watch;
    std::vector<rd_kafka_message_t> messages(batch_call);
    for (std::uint64_t i = first; i < after;) {
        std::size_t count = std::min(batch_call, after - i);
        i += count;
        for (std::size_t m = 0; m < count; ++m) {
            const CorpusRecord record = cursor.next();
            messages[m] = {};
            messages[m].payload = const_cast<char*>(record.value.data());
            messages[m].len = record.value.size();
            messages[m].key = const_cast<char*>(record.key.data());
            messages[m].key_len = record.key.size();
        }
        // What did not fit stays, in order, for the next call.
        while (count > 0) {
            const int taken =
                rd_kafka_produce_batch(producer.topic(), RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                                       messages.data(), static_cast<int>(count));
            if (static_cast<std::size_t>(taken) == count) {
                break;
            }
            std::size_t left = 0;
            for (std::size_t m = 0; m < count; ++m) {
                if (messages[m].err == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
                    messages[m].err = RD_KAFKA_RESP_ERR_NO_ERROR;
                    messages[left++] = messages[m];
                } else if (messages[m].err != RD_KAFKA_RESP_ERR_NO_ERROR) {
                    fail("librdkafka: " + std::string{rd_kafka_err2str(messages[m].err)});
                }
            }
            count = left;
            producer.make_room(watch);
        }
        rd_kafka_poll(producer.client(), 0);
    }
}

void start(Run& run, Producer& producer, const Corpus& corpus, int flags) {
    run.begin();
    CorpusRecord record = corpus.record(0);
    record = {{nullptr, 0}, record.value, {nullptr, 0}};
    Watch watch;
    while (!hand_over(producer, record, flags, nullptr)) {
        producer.make_room(watch);
    }
    while (producer.done() < 1) {
        producer.make_room(watch);
    }
    run.end();
}

/// Reports are served by a thread of their own: this one sleeps.
void pace(Run& run, Producer& producer, const Corpus& corpus, int flags) {
    const Options& options = run.options();
    std::atomic<bool> stopped{false};
    Corpus::Cursor cursor = corpus.cursor(options.warmup);
    run.begin();
    const Pacer pacer{now_ns(), options.rate};
    producer.time(pacer);
    std::thread poller{[&] {
        Watch watch;
        while (!stopped) {
            if (rd_kafka_poll(producer.client(), 100) == 0) {
                watch.check(producer.done());
            }
        }
    }};
    for (std::uint64_t i = 0; i < options.messages; ++i) {
        const CorpusRecord record = cursor.next();
        pacer.wait(i);
        while (!hand_over(producer, record, flags,
                          reinterpret_cast<void*>(static_cast<std::uintptr_t>(i)))) {
            std::this_thread::yield();
        }
    }
    while (producer.done() < options.warmup + options.messages) {
        std::this_thread::sleep_for(std::chrono::microseconds{50});
    }
    run.end();
    stopped = true;
    poller.join();
}

/// Several clients, which one thread serves in turns.
void perform_in_turns(Run& run, const Corpus& corpus, Send send) {
    const Options& options = run.options();
    std::vector<std::unique_ptr<Producer>> producers;
    for (std::uint32_t i = 0; i < options.clients; ++i) {
        producers.push_back(std::make_unique<Producer>(run));
    }
    std::vector<std::uint64_t> handed_over(producers.size());
    const auto produce = [&](std::uint64_t first, std::uint64_t after) {
        for (std::size_t turn = 0; first < after; ++turn) {
            const std::size_t each = turn % producers.size();
            const std::uint64_t until = std::min(after, first + records_a_turn);
            send(*producers[each], corpus, first, until);
            handed_over[each] += until - first;
            first = until;
        }
        for (std::size_t each = 0; each < producers.size(); ++each) {
            producers[each]->wait_for(handed_over[each]);
        }
    };
    produce(0, options.warmup);
    run.begin();
    produce(options.warmup, options.warmup + options.messages);
    run.end();
}

void perform(Run& run, const Corpus& corpus, Send send, int flags) {
    const Options& options = run.options();
    if (options.clients > 1) {
        perform_in_turns(run, corpus, send);
        return;
    }
    Producer producer{run};
    if (options.mode == Mode::start) {
        start(run, producer, corpus, flags);
        return;
    }
    send(producer, corpus, 0, options.warmup);
    producer.wait_for(options.warmup);
    if (options.mode == Mode::latency) {
        pace(run, producer, corpus, flags);
        return;
    }
    run.begin();
    std::vector<std::thread> others;
    const auto from = [&](std::uint64_t thread) {
        return options.warmup + options.messages * thread / options.threads;
    };
    for (std::uint64_t thread = 1; thread < options.threads; ++thread) {
        others.emplace_back(
            [&, thread] { send(producer, corpus, from(thread), from(thread + 1)); });
    }
    send(producer, corpus, from(0), from(1));
    for (std::thread& other : others) {
        other.join();
    }
    producer.wait_for(options.warmup + options.messages);
    run.end();
}

void refuse_consuming(const Options& options) {
    if (options.mode == Mode::consume) {
        refuse("way=" + options.way + " cannot consume");
    }
}

}  // namespace

void produce_copied(const Options& options, Run& run) {
    refuse_consuming(options);
    const Corpus corpus{options.corpus};
    perform(run, corpus, send_one_by_one<RD_KAFKA_MSG_F_COPY>, RD_KAFKA_MSG_F_COPY);
}

void produce_referenced(const Options& options, Run& run) {
    refuse_consuming(options);
    const Corpus corpus{options.corpus};
    perform(run, corpus, send_one_by_one<0>, 0);
}

void produce_batches(const Options& options, Run& run) {
    if (options.mode != Mode::produce) {
        refuse("way=" + options.way + " has no mode but produce");
    }
    const Corpus corpus{options.corpus};
    if (corpus.keyed()) {
        refuse("rd_kafka_produce_batch takes no headers, and this corpus has some");
    }
    perform(run, corpus, send_batches, RD_KAFKA_MSG_F_COPY);
}

}  // namespace kafka_bench
