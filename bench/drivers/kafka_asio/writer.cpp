// SPDX-License-Identifier: Apache-2.0
// The ways to write with kafka::Writer: one record at a time without waiting, one at a time in
// turn with the event loop, spans of records, and without an event loop.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <asio/io_context.hpp>

#include <kafka/blocking/writer.hpp>
#include <kafka/error.hpp>
#include <kafka/writer.hpp>

#include "pace.hpp"
#include "producing.hpp"
#include "ways.hpp"

namespace kafka_bench {
namespace {

constexpr std::size_t records_a_span = 1000;
constexpr std::size_t records_a_row = 100;  // in a first cache
constexpr std::uint64_t records_a_poll = 1000;

/// What the Writer tells of its records. On its executor.
class Reports {
public:
    explicit Reports(Histogram* latency) : latency_(latency) {}

    void take(const kafka::WrittenRecords& records) {
        if (records.error)
            fail("kafka::Writer: a record failed: " + records.error.message() + ", " +
                 std::string(records.detail));
        done_.store(done_.load(std::memory_order_relaxed) + records.cookies.size(),
                    std::memory_order_release);
        if (!pacer_) return;
        const auto now = now_ns();
        for (const auto number : records.cookies)
            latency_->record(now - pacer_->due_ns(number));
    }
    /// From here on a cookie is the record's number for the pacer.
    void time(const Pacer& pacer) { pacer_ = &pacer; }
    [[nodiscard]] std::uint64_t done() const { return done_.load(std::memory_order_acquire); }

private:
    Histogram* latency_;
    const Pacer* pacer_ = nullptr;
    std::atomic<std::uint64_t> done_{0};
};

kafka::ClientConfig client_config(const Options& options) {
    kafka::ClientConfig config;
    config.bootstrap = options.bootstrap;
    if (!options.ca.empty()) config.conn.tls = kafka::TlsConfig{.ca_file = options.ca};
    return config;
}

kafka::WriterConfig writer_config(const Options& options, Reports& reports) {
    kafka::WriterConfig config;
    config.topic = options.topic;
    config.acks = static_cast<kafka::RequiredAcks>(options.acks);
    config.enable_idempotence = options.idempotent;
    config.compression = *kafka::compression_from_name(options.codec);
    config.compression_level = options.codec_level;
    if (options.tuned) {
        config.batch_size = options.batch;
        config.max_request_size = options.batch + 1000;
        config.max_in_flight_requests_per_connection = options.in_flight;
    }
    if (options.linger_us) config.linger = std::chrono::microseconds(*options.linger_us);
    config.on_records = [&reports](const kafka::WrittenRecords& records) { reports.take(records); };
    return config;
}

void describe(const Options& options, const kafka::WriterConfig& config, Run& run) {
    run.setting("acks", options.acks);
    run.setting("compression", options.codec);
    if (options.codec_level) run.setting("compression_level", *options.codec_level);
    run.setting("enable_idempotence", config.enable_idempotence ? "true" : "false");
    run.setting("batch_size", static_cast<std::int64_t>(config.batch_size));
    run.setting("linger", std::to_string(config.linger.count()) + " us");
    run.setting("max_in_flight_requests_per_connection",
                config.max_in_flight_requests_per_connection);
    run.setting("buffer_memory", static_cast<std::int64_t>(config.buffer_memory));
    if (!options.ca.empty()) run.setting("ConnConfig::tls.ca_file", options.ca);
}

/// A record of the corpus as the Writer takes it. `header` has to live as long as `to` is used.
void take(const CorpusRecord& from, kafka::Record& to, kafka::protocol::RecordHeaderView& header) {
    const auto view = [](std::string_view text) {
        return text.data() ? kafka::protocol::BytesView(text) : kafka::protocol::BytesView();
    };
    to.key = view(from.key);
    to.value = view(from.value);
    if (from.header_value.data()) {
        header = {Corpus::header_key, view(from.header_value)};
        to.headers = {&header, 1};
    }
}

/// One at a time.
class Taken {
public:
    const kafka::Record& of(const CorpusRecord& record) {
        take(record, record_, header_);
        return record_;
    }

private:
    kafka::protocol::RecordHeaderView header_{};
    kafka::Record record_;
};

/// A Writer and the event loop that it is served by.
struct Producer {
    Producer(const Options& options, Run& run,
             std::shared_ptr<asio::io_context> of = std::make_shared<asio::io_context>(1))
        : context(std::move(of)),
          reports(&run.latency()),
          writer(context->get_executor(), client_config(options), writer_config(options, reports)) {
        describe(options, writer.config(), run);
    }

    std::shared_ptr<asio::io_context> context;
    Reports reports;
    kafka::Writer writer;
    std::uint64_t taken = 0;

    void wait() {
        context->restart();
        context->run_one();
    }
    void poll() {
        context->restart();
        context->poll();
    }
    void write(const kafka::Record& record, std::uint64_t cookie, bool more) {
        const auto ec = writer.try_write(record, cookie, more);
        if (ec) wait_and_write(record, cookie);
        ++taken;
    }
    void write(std::span<const kafka::Record> records, std::uint64_t cookie) {
        for (std::size_t at = 0; at < records.size(); ++at) {
            std::error_code ec;
            at += writer.try_write(records.subspan(at), cookie + at, ec);
            if (ec) wait_and_write(records[at], cookie + at);
        }
        taken += records.size();
    }
    void wait_and_write(const kafka::Record& record, std::uint64_t cookie) {
        bool done = false;
        writer.async_write(record, cookie, [&done](std::error_code ec) {
            if (ec) fail("kafka::Writer::async_write: " + ec.message());
            done = true;
        });
        while (!done)
            wait();
    }
    void drain() {
        writer.async_flush([](std::error_code ec) {
            if (ec) fail("kafka::Writer::async_flush: " + ec.message());
        });
        while (reports.done() < taken)
            wait();
    }
};

void check(const Options& options, bool threads, bool latency) {
    if (options.mode == Mode::consume) refuse(options.way + " does not consume");
    if (options.mode == Mode::latency && !latency) refuse(options.way + " has no mode=latency");
    if (options.threads > 1 && (!threads || options.mode != Mode::produce))
        refuse(options.way + " has no several threads" + (threads ? " but in mode=produce" : ""));
    if (options.clients > 1 && (options.mode != Mode::produce || options.way != "writer-try"))
        refuse("several clients take turns with way=writer-try and mode=produce only");
    check_codec(options);
}

// writer-try, the loop on the same thread.

void produce(Producer& producer, const Corpus& corpus, std::uint64_t from, std::uint64_t until) {
    auto cursor = corpus.cursor(from);
    Taken taken;
    while (from < until) {
        const auto after = std::min(until, from + records_a_poll);
        for (; from < after; ++from)
            producer.write(taken.of(cursor.next()), from, from + 1 < after);
        producer.poll();
    }
    producer.drain();
}

void produce_with_clients(const Options& options, const Corpus& corpus, Run& run) {
    const auto context = std::make_shared<asio::io_context>(1);
    std::vector<std::unique_ptr<Producer>> producers;
    for (std::uint32_t i = 0; i < options.clients; ++i)
        producers.push_back(std::make_unique<Producer>(options, run, context));
    Taken taken;
    const auto produce = [&](std::uint64_t from, std::uint64_t until) {
        produce_in_turns(
            corpus, from, until, producers.size(),
            [&](std::size_t client, const CorpusRecord& record, std::uint64_t number, bool last) {
                producers[client]->write(taken.of(record), number, !last);
                if (last) producers[client]->poll();
            });
        for (auto& each : producers)
            each->drain();
    };
    produce(0, options.warmup);
    run.begin();
    produce(options.warmup, options.warmup + options.messages);
    run.end();
}

void paced(Producer& producer, const Corpus& corpus, const Options& options, std::uint64_t from,
           std::uint64_t count) {
    auto cursor = corpus.cursor(from);
    Taken taken;
    const Pacer pacer(now_ns(), options.rate);
    producer.reports.time(pacer);
    keep_pace(*producer.context, pacer, count, [&](std::uint64_t i, bool more) {
        producer.write(taken.of(cursor.next()), i, more);
    });
    while (producer.reports.done() < producer.taken)
        producer.wait();
}

// Several threads that write, and one that runs the loop.

void produce_without_loop(const Options& options, const Corpus& corpus, Run& run) {
    Reports reports(&run.latency());
    kafka::blocking::Writer writer(client_config(options), writer_config(options, reports));
    describe(options, writer.config(), run);
    produce_by_threads(
        options, run,
        [&](std::uint64_t, std::uint64_t from, std::uint64_t until) {
            auto cursor = corpus.cursor(from);
            Taken taken;
            for (; from < until; ++from) {
                const auto& record = taken.of(cursor.next());
                if (writer.try_write(record, from, from + 1 < until))
                    writer.write(record, from);  // waits
            }
        },
        [&] { writer.flush(); });
    writer.close();
}

// writer-row.

class Rows {
public:
    Rows(Producer& producer, const Corpus& corpus) : producer_(producer), corpus_(corpus) {}

    void produce(std::uint64_t from, std::uint64_t until) {
        auto cursor = corpus_.cursor(from);
        while (from < until) {
            const auto count = std::min<std::uint64_t>(records_a_row, until - from);
            for (std::size_t i = 0; i < count; ++i)
                take(cursor.next(), row_[i], headers_[i]);
            producer_.write(std::span(row_).first(count), from);
            from += count;
            if (from % records_a_poll == 0) producer_.poll();
        }
        producer_.drain();
    }

private:
    Producer& producer_;
    const Corpus& corpus_;
    std::array<kafka::protocol::RecordHeaderView, records_a_row> headers_{};
    std::array<kafka::Record, records_a_row> row_;
};

// writer-span.

class Spans {
public:
    Spans(Producer& producer, const Corpus& corpus) : producer_(producer), corpus_(corpus) {}

    void produce(std::uint64_t from, std::uint64_t until) {
        auto cursor = corpus_.cursor(from);
        while (from < until) {
            const auto count = std::min<std::uint64_t>(records_a_span, until - from);
            messages_.resize(count);
            for (auto& message : messages_) {
                const auto record = cursor.next();
                message.key = record.key.data() ? kafka::Bytes(record.key) : kafka::Bytes();
                message.value = kafka::Bytes(record.value);
                message.headers.clear();
                if (record.header_value.data())
                    message.headers.push_back(
                        {std::string(Corpus::header_key), kafka::Bytes(record.header_value)});
            }
            from += count;
            while (under_way_ >= most_under_way)
                producer_.wait();
            ++under_way_;
            producer_.writer.async_write_messages(
                messages_, [this](std::error_code ec, const kafka::WriteResults& results) {
                    if (ec)
                        fail("kafka::Writer::async_write_messages: " + ec.message() + ", " +
                             results.detail);
                    --under_way_;
                });
            producer_.poll();
        }
        while (under_way_ > 0)
            producer_.wait();
    }

private:
    static constexpr std::size_t most_under_way = 100;

    Producer& producer_;
    const Corpus& corpus_;
    std::vector<kafka::Message> messages_;
    std::size_t under_way_ = 0;
};

// writer-one.

/// One record after the other, each when the one before was taken.
class OneByOne {
public:
    OneByOne(Producer& producer, const Corpus& corpus) : producer_(producer), corpus_(corpus) {}

    void produce(std::uint64_t from, std::uint64_t until) {
        next_ = from;
        until_ = until;
        auto cursor = corpus_.cursor(from);
        cursor_ = &cursor;
        write();
        while (next_ < until_)
            producer_.wait();
        producer_.drain();
    }

private:
    void write() {
        producer_.writer.async_write(taken_.of(cursor_->next()), next_, [this](std::error_code ec) {
            if (ec) fail("kafka::Writer::async_write: " + ec.message());
            ++producer_.taken;
            if (++next_ < until_) write();
        });
    }

    Producer& producer_;
    const Corpus& corpus_;
    Corpus::Cursor* cursor_ = nullptr;
    Taken taken_;
    std::uint64_t next_ = 0, until_ = 0;
};

template <class Way>
void measured(const Options& options, Run& run) {
    check(options, false, false);
    if (options.mode == Mode::start) refuse(options.way + " has no mode=start");
    const Corpus corpus(options.corpus);
    Producer producer(options, run);
    Way way(producer, corpus);
    way.produce(0, options.warmup);
    run.begin();
    way.produce(options.warmup, options.warmup + options.messages);
    run.end();
}

}  // namespace

void writer_try(const Options& options, Run& run) {
    check(options, true, true);
    if (options.mode == Mode::start) {
        run.begin();
        const Corpus corpus(options.corpus);
        Producer producer(options, run);
        produce(producer, corpus, 0, 1);
        return run.end();
    }
    const Corpus corpus(options.corpus);
    if (options.clients > 1) return produce_with_clients(options, corpus, run);
    if (options.threads > 1) return produce_without_loop(options, corpus, run);
    Producer producer(options, run);
    if (options.mode == Mode::produce) {
        produce(producer, corpus, 0, options.warmup);
        run.begin();
        produce(producer, corpus, options.warmup, options.warmup + options.messages);
        return run.end();
    }
    // At the same pace, so that nothing but the number of records differs.
    paced(producer, corpus, options, 0, options.warmup);
    run.latency() = Histogram();
    run.begin();
    paced(producer, corpus, options, options.warmup, options.messages);
    run.end();
}

void writer_row(const Options& options, Run& run) {
    measured<Rows>(options, run);
}

void writer_span(const Options& options, Run& run) {
    measured<Spans>(options, run);
}

void writer_one(const Options& options, Run& run) {
    measured<OneByOne>(options, run);
}

void writer_blocking(const Options& options, Run& run) {
    check(options, true, false);
    if (options.mode == Mode::start) refuse("writer-blocking has no mode=start");
    const Corpus corpus(options.corpus);
    produce_without_loop(options, corpus, run);
}

}  // namespace kafka_bench
