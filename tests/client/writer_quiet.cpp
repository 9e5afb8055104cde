// SPDX-License-Identifier: Apache-2.0
// Writer: where nothing can be done, nothing is: what waits costs no processor time, however much
// it is.
#include <list>
#include <string>
#include <vector>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/error.hpp>

#include "client/client_loop.hpp"
#include "client/quiet.hpp"
#include "client/writer_transaction_loop.hpp"
#include "growth.hpp"

using namespace kafka;
using namespace kafka::testing;

namespace {

const std::string kilobyte(1000, 'x');

/// Small enough to be full soon.
WriterConfig tight() {
    return {.topic = "t", .batch_size = 4096, .buffer_memory = 64 * 1024};
}

/// A Writer whose loop the test runs.
struct Counted : ClientLoop {
    explicit Counted(Broker& from, WriterConfig config = {.topic = "t"})
        : ClientLoop(WriterLoop::with(quick(), from.bootstrap())),
          broker(from),
          writer(client, std::move(config)) {}

    static auto ends(bool& done) {
        return [&done](std::error_code, auto&&...) { done = true; };
    }
    /// Starts an operation and runs the loop until it has ended.
    template <class Start>
    void finish(Start start) {
        bool done = false;
        start(ends(done));
        run([&] { return done; });
    }
    void fill() {
        while (!writer.try_write({.value = kilobyte}))
            continue;
    }
    void write_one() {
        finish([this](auto end) { writer.async_write({.value = "one"}, 0, end); });
        finish([this](auto end) { writer.async_flush(end); });
    }
    void pause() {
        for (const int id : broker.broker_ids())
            REQUIRE_FALSE(broker.pause_broker(id));
    }

    Broker& broker;
    Writer writer;
};

}  // namespace

TEST_CASE("a Writer with nothing to do does nothing") {
    Broker broker({.topics = {{"t", 1}}});
    Counted w(broker);
    SUBCASE("new") {}
    SUBCASE("after a write") {
        w.write_one();
    }
    CHECK(handlers_of(w.io) < few_handlers);
}

TEST_CASE("while writes wait for room, the loop has next to nothing to do") {
    Broker broker({.topics = {{"t", 1}}});
    Counted w(broker, tight());
    w.write_one();
    w.pause();
    w.fill();
    bool one = false, many = false, whole = false, flushed = false;
    const std::vector<Message> messages(200, {.value = Bytes(kilobyte)});
    const auto batch = broker.batches("t", 0);
    w.writer.async_write({.value = kilobyte}, 1, w.ends(one));
    w.writer.async_write_messages(messages, w.ends(many));
    w.writer.async_write_batch("t", 0, batch, w.ends(whole));
    w.writer.async_flush(w.ends(flushed));
    CHECK(handlers_of(w.io) < few_handlers);
    CHECK_FALSE((one || many || whole || flushed));
}

TEST_CASE("while a broker does not answer, or is away, the loop has next to nothing to do") {
    Broker broker({.topics = {{"t", 1}}});
    Counted w(broker);
    w.write_one();
    bool flushed = false, closed = false;
    auto most = few_handlers;
    SUBCASE("requests are out, and more is held back") {
        w.pause();
        for (int i = 0; i < 100; ++i) {
            REQUIRE_FALSE(w.writer.try_write({.value = kilobyte}));
            w.io.restart();
            w.io.run_for(2ms);
        }
        w.writer.async_flush(w.ends(flushed));
    }
    SUBCASE("it closes, and has records") {
        w.pause();
        REQUIRE_FALSE(w.writer.try_write({.value = kilobyte}));
        w.writer.async_close(10s, w.ends(closed));
    }
    SUBCASE("it is gone") {
        for (const int id : broker.broker_ids())
            REQUIRE_FALSE(broker.stop_broker(id));
        REQUIRE_FALSE(w.writer.try_write({.value = kilobyte}));
        w.writer.async_flush(w.ends(flushed));
        most = 200;  // attempts to connect, at most every ten milliseconds, are some handlers each
    }
    CHECK(handlers_of(w.io) < most);
    CHECK_FALSE((flushed || closed));
}

TEST_CASE("while a write waits for its topic, the loop has next to nothing to do") {
    Broker broker({.topics = {{"t", 1}}});
    Counted w(broker);
    bool written = false;
    w.writer.async_write({.topic = "nowhere", .value = kilobyte}, 1, w.ends(written));
    CHECK(handlers_of(w.io) < 50);
    CHECK_FALSE(written);
}

TEST_CASE("while a transaction waits for its coordinator, the loop has next to nothing to do") {
    Broker broker({.topics = {{"t", 1}}});
    Counted w(broker, transactional());
    w.finish([&](auto end) { w.writer.async_init_transactions(end); });
    w.finish([&](auto end) { w.writer.async_begin_transaction(end); });
    w.write_one();
    w.pause();
    bool committed = false, aborted = false;
    SUBCASE("commit") {
        REQUIRE_FALSE(w.writer.try_write({.value = kilobyte}));
        w.writer.async_commit_transaction(w.ends(committed));
    }
    SUBCASE("abort") {
        w.writer.async_abort_transaction(w.ends(aborted));
    }
    CHECK(handlers_of(w.io) < few_handlers);
    CHECK_FALSE((committed || aborted));
}

TEST_CASE("however many writes wait, each costs the same") {
    using kafka::test::growth;
    using kafka::test::most_growth;
    Broker broker({.topics = {{"t", 1}}});
    const auto as_it_is = [](std::size_t count) { return count; };
    const auto write = [&](Counted& w, std::size_t count) {
        std::size_t written = 0;
        for (std::size_t i = 0; i < count; ++i)
            w.writer.async_write({.value = kilobyte}, i, [&](std::error_code ec) {
                CHECK_FALSE(ec);
                ++written;
            });
        w.run([&] { return written == count; });
    };
    SUBCASE("for their topic") {
        const auto grown = growth(500, as_it_is, [&](std::size_t count) {
            Counted w(broker);
            write(w, count);
        });
        CHECK(grown < most_growth);
    }
    SUBCASE("for room") {
        const auto grown = growth(500, as_it_is, [&](std::size_t count) {
            Counted w(broker, tight());
            write(w, count);
        });
        CHECK(grown < most_growth);
    }
    SUBCASE("until they are cancelled") {
        const auto grown = growth(500, as_it_is, [&](std::size_t count) {
            Counted w(broker, tight());
            w.write_one();
            w.pause();
            w.fill();
            std::list<asio::cancellation_signal> signals;
            std::size_t cancelled = 0;
            for (std::size_t i = 0; i < count; ++i)
                w.writer.async_write({.value = kilobyte}, i,
                                     asio::bind_cancellation_slot(
                                         signals.emplace_back().slot(), [&](std::error_code ec) {
                                             CHECK(ec == asio::error::operation_aborted);
                                             ++cancelled;
                                         }));
            for (auto& signal : signals)
                signal.emit(asio::cancellation_type::all);
            w.run([&] { return cancelled == count; });
            for (const int id : broker.broker_ids())
                REQUIRE_FALSE(broker.resume_broker(id));
        });
        CHECK(grown < most_growth);
    }
}

TEST_CASE("however many topics a Writer writes to, each costs the same") {
    using kafka::test::growth;
    using kafka::test::most_growth;
    // What there was of the square showed with thousands at once, and with hundreds in a row.
    constexpr std::size_t few = 250, many = 1000;
    BrokerOptions options;
    for (std::size_t i = 0; i < kafka::test::times * many; ++i)
        options.topics.push_back({"t" + std::to_string(i), 1});
    Broker broker(std::move(options));
    const auto as_it_is = [](std::size_t count) { return count; };
    const auto name = [](std::size_t i) { return "t" + std::to_string(i); };
    SUBCASE("all at once") {
        const auto grown = growth(many, as_it_is, [&](std::size_t count) {
            Counted w(broker, {});
            std::size_t written = 0;
            for (std::size_t i = 0; i < count; ++i)
                w.writer.async_write({.topic = name(i), .value = "one"}, i,
                                     [&](std::error_code ec) {
                                         CHECK_FALSE(ec);
                                         ++written;
                                     });
            w.run([&] { return written == count; });
            w.finish([&](auto end) { w.writer.async_flush(end); });
        });
        CHECK(grown < most_growth);
    }
    SUBCASE("one after the other") {
        const auto grown = growth(few, as_it_is, [&](std::size_t count) {
            Counted w(broker, {});
            for (std::size_t i = 0; i < count; ++i)
                w.finish([&](auto end) {
                    w.writer.async_write({.topic = name(i), .value = "one"}, i, end);
                });
            w.finish([&](auto end) { w.writer.async_flush(end); });
        });
        CHECK(grown < most_growth);
    }
    SUBCASE("none of which there is") {
        const auto grown = growth(few, as_it_is, [&](std::size_t count) {
            Counted w(broker, {.max_block = std::chrono::milliseconds(50)});
            std::size_t failed = 0;
            for (std::size_t i = 0; i < count; ++i)
                w.writer.async_write({.topic = "no-" + name(i), .value = "one"}, i,
                                     [&](std::error_code ec) { failed += ec ? 1 : 0; });
            w.run([&] { return failed == count; });
        });
        CHECK(grown < most_growth);
    }
}
