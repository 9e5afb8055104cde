// SPDX-License-Identifier: Apache-2.0
// Memory that is handed over with its owner: kept until the end is told, and not copied.
#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include <kafka/error.hpp>
#include <kafka/protocol/produce.hpp>
#include <kafka/protocol/record_batch_builder.hpp>

#include "client/writer_loop.hpp"
#include "client/writer_transaction_loop.hpp"

using namespace kafka;
using namespace kafka::testing;

namespace {

/// Bytes that tell when nobody needs them any more.
class Owned final : public SliceOwner {
public:
    Owned(std::string text, std::atomic<int>& gone) : text_(std::move(text)), gone_(gone) {}

    /// Only the slice keeps it.
    static Slice slice(std::string text, std::atomic<int>& gone) {
        auto* owned = new Owned(std::move(text), gone);
        const auto bytes = as_bytes(owned->text_);
        Slice slice(owned, bytes.data(), bytes.size());
        owned->drop();
        return slice;
    }

private:
    void destroy() noexcept override {
        std::fill(text_.begin(), text_.end(), '!');  // who still reads it is found out
        ++gone_;
        delete this;
    }

    std::string text_;
    std::atomic<int>& gone_;
};

constexpr std::size_t large = 200'000;

std::string filled(char with, std::size_t size = large) {
    return std::string(size, with) + "end";
}

/// Within seconds.
bool becomes(const std::atomic<int>& number, int wanted) {
    for (int i = 0; i < 5000 && number != wanted; ++i)
        std::this_thread::sleep_for(1ms);
    return number == wanted;
}

void pause_all(Broker& broker) {
    for (const int id : broker.broker_ids())
        REQUIRE_FALSE(broker.pause_broker(id));
}
void resume_all(Broker& broker) {
    for (const int id : broker.broker_ids())
        REQUIRE_FALSE(broker.resume_broker(id));
}

WriterConfig roomy(Told& told) {
    WriterConfig config{.topic = "t", .on_records = told.hook()};
    config.max_request_size = 1 << 21;
    return config;
}

}  // namespace

TEST_CASE("a large value with an owner is kept by it until its end, in its place in the order") {
    Broker broker({.topics = {{"t", 1}}});
    Told told;
    WriterLoop w(broker.bootstrap(), roomy(told));
    REQUIRE_FALSE(w.first({.value = "first"}, 0));
    REQUIRE_FALSE(w.flush());
    pause_all(broker);
    std::atomic<int> gone = 0;
    std::vector<Message> messages{message("a"), message("", "key"), message("b"), message("")};
    messages[1].value = Owned::slice(filled('x'), gone);
    messages[1].headers = {{"h", "v"}};
    messages[3].value = Owned::slice(filled('y'), gone);
    Wait<WriteResults> wait;
    w.writer.async_write_messages(messages, wait.handler());
    messages.clear();
    const auto slice = Owned::slice(filled('z'), gone);
    REQUIRE_FALSE(w.writer.try_write({.value = "c"}, 1));
    REQUIRE_FALSE(w.writer.try_write({.value = slice.bytes(), .owner = slice.owner()}, 2));
    const std::vector<Record> row{
        {.value = "d"}, {.value = slice.bytes(), .owner = slice.owner()}, {.value = "e"}};
    std::error_code ec;
    REQUIRE(w.writer.try_write(row, 3, ec) == 3);
    CHECK_FALSE(wait.done(20ms));
    CHECK(gone == 0);
    // They count, and are not there twice.
    CHECK(w.writer.stats().buffered_bytes > 4 * large);
    CHECK(w.writer.stats().buffered_bytes < 5 * large);
    resume_all(broker);
    REQUIRE_FALSE(wait.get());
    CHECK(becomes(gone, 2));
    REQUIRE_FALSE(w.close());
    CHECK(w.writer.stats().buffered_bytes == 0);
    CHECK(gone == 2);  // `slice` is here
    CHECK(told.ends().size() == 6);
    CHECK(values_in(broker, "t", 0) == std::vector<std::string>{"first", "a", filled('x'), "b",
                                                                filled('y'), "c", filled('z'), "d",
                                                                filled('z'), "e"});
    protocol::RecordReader reader(broker.batches("t", 0));
    while (const auto* record = reader.next()) {
        if (record->key.null()) continue;
        CHECK(record->key.text() == "key");
        CHECK(record->headers.last("h")->text() == "v");
    }
}

TEST_CASE("small values, and those for a codec, are copied at once") {
    Broker broker({.topics = {{"t", 1}}});
    for (const auto codec : {Compression::none, Compression::lz4}) {
        CAPTURE(to_string(codec));
        Told told;
        auto config = roomy(told);
        config.compression = codec;
        WriterLoop w(broker.bootstrap(), std::move(config));
        REQUIRE_FALSE(w.first({.value = "first"}, 0));
        REQUIRE_FALSE(w.flush());
        pause_all(broker);
        std::atomic<int> gone = 0;
        {
            const auto size = codec == Compression::none ? 1000 : large;
            const auto slice = Owned::slice(filled('x', size), gone);
            REQUIRE_FALSE(w.writer.try_write({.value = slice.bytes(), .owner = slice.owner()}, 1));
        }
        CHECK(gone == 1);
        resume_all(broker);
        REQUIRE_FALSE(w.close());
        CHECK(told.ends().size() == 2);
    }
}

TEST_CASE("values that find no room wait with their owners; what can never fit is refused") {
    Broker broker({.topics = {{"t", 2}}});
    Told told;
    auto config = roomy(told);
    config.buffer_memory = 600'000;
    WriterLoop w(broker.bootstrap(), std::move(config));
    REQUIRE_FALSE(w.first({.value = "first"}, 1000));
    REQUIRE_FALSE(w.flush());
    pause_all(broker);
    std::atomic<int> gone = 0;
    constexpr int count = 12;
    std::vector<Wait<>> waits(count);
    for (int i = 0; i < count; ++i) {
        const auto slice = Owned::slice(filled(static_cast<char>('a' + i)), gone);
        w.writer.async_write({.partition = 0, .value = slice.bytes(), .owner = slice.owner()},
                             static_cast<std::uint64_t>(i),
                             waits[static_cast<std::size_t>(i)].handler());
    }
    CHECK_FALSE(waits.back().done(50ms));
    CHECK(w.writer.stats().buffered_bytes <= 600'000);
    CHECK(gone == 0);
    const auto huge = Owned::slice(filled('h', 700'000), gone);
    CHECK(w.writer.try_write({.value = huge.bytes(), .owner = huge.owner()}, 99) ==
          broker_errc::message_too_large);
    resume_all(broker);
    for (auto& wait : waits)
        CHECK_FALSE(wait.get());
    REQUIRE_FALSE(w.close());
    CHECK(becomes(gone, count));
    const auto values = values_in(broker, "t", 0);
    const auto found = std::find(values.begin(), values.end(), filled('a'));
    REQUIRE(values.end() - found >= count);
    for (int i = 0; i < count; ++i)
        CHECK(found[i] == filled(static_cast<char>('a' + i)));
}

TEST_CASE("what was handed over is let go of when it is dropped, given up or abandoned") {
    Broker broker({.topics = {{"t", 1}}});
    std::atomic<int> gone = 0;
    const auto write = [&](WriterLoop& w, int times) {
        for (int i = 0; i < times; ++i) {
            const auto slice = Owned::slice(filled('x'), gone);
            REQUIRE_FALSE(w.writer.try_write({.value = slice.bytes(), .owner = slice.owner()}, 1));
        }
    };
    {
        Told told;
        auto config = roomy(told);
        config.buffer_memory = 2'400'000;  // eleven of them
        config.on_full = OnFull::drop_oldest;
        WriterLoop w(broker.bootstrap(), std::move(config));
        REQUIRE_FALSE(w.first({.value = "first"}, 0));
        REQUIRE_FALSE(w.flush());
        pause_all(broker);
        write(w, 20);
        CHECK(becomes(gone, 9));
        w.writer.abort_buffered();
    }
    CHECK(becomes(gone, 20));  // the writer is destroyed
    resume_all(broker);
    gone = 0;
    Told told;
    WriterLoop w(broker.bootstrap(), roomy(told));
    REQUIRE_FALSE(w.first({.value = "first"}, 0));
    REQUIRE_FALSE(w.flush());
    pause_all(broker);
    write(w, 3);
    CHECK(w.close(50ms) == errc::delivery_timed_out);
    CHECK(becomes(gone, 3));
    resume_all(broker);
}

TEST_CASE("a large value is sent again after a failure, and fails alone if it is too large") {
    Broker broker({.topics = {{"t", 1}}});
    Told told;
    WriterLoop w(broker.bootstrap(), roomy(told));
    REQUIRE_FALSE(w.first({.value = "first"}, 0));
    broker.add(
        Rule::on<protocol::ProduceRequest>().error(broker_errc::not_leader_or_follower).times(2));
    std::atomic<int> gone = 0;
    auto slice = Owned::slice(filled('x'), gone);
    REQUIRE_FALSE(w.first({.value = slice.bytes(), .owner = slice.owner()}, 1));
    REQUIRE(told.wait(2));
    broker.add(Rule::on<protocol::ProduceRequest>().error(broker_errc::message_too_large).times(1));
    REQUIRE_FALSE(w.first({.value = slice.bytes(), .owner = slice.owner()}, 2));
    REQUIRE(told.wait(3));
    REQUIRE_FALSE(w.first({.value = "last"}, 3));
    REQUIRE_FALSE(w.close());
    CHECK_FALSE(told.ends().at(1).error);
    CHECK(told.ends().at(2).error == broker_errc::message_too_large);
    CHECK(values_in(broker, "t", 0) == std::vector<std::string>{"first", filled('x'), "last"});
    CHECK(w.writer.stats().retries >= 2);
    slice = {};
    CHECK(becomes(gone, 1));
}

TEST_CASE("a batch that was made elsewhere is kept by its owner, and not written to") {
    Broker broker({.topics = {{"t", 1}}});
    Told told;
    WriterLoop w(broker.bootstrap(), roomy(told));
    REQUIRE_FALSE(w.first({.value = "first"}, 0));
    REQUIRE_FALSE(w.flush());
    protocol::RecordBatchBuilder builder;
    std::vector<std::string> expected{"first"};
    for (const char with : {'a', 'b', 'c', 'd'}) {
        expected.push_back(filled(with, 60'000));
        REQUIRE(builder.append(
            protocol::RecordRef{.value = expected.back(), .timestamp = 1'700'000'000'000}));
    }
    const auto sealed = builder.seal({});
    const std::string text(as_text(sealed));
    std::atomic<int> gone = 0;
    Wait<WriteResults> wait;
    auto slice = Owned::slice(text, gone);
    // It is cut in two once, which needs all of it in one piece.
    broker.add(Rule::on<protocol::ProduceRequest>().error(broker_errc::message_too_large).times(1));
    w.writer.async_write_batch("t", 0, slice, wait.handler());
    REQUIRE_FALSE(wait.get());
    CHECK(as_text(slice.bytes()) == text);
    CHECK(wait.result().messages.size() == 4);
    CHECK(gone == 0);
    slice = {};
    CHECK(becomes(gone, 1));
    REQUIRE_FALSE(w.close());
    CHECK(w.writer.stats().splits == 1);
    CHECK(w.writer.stats().buffered_bytes == 0);
    CHECK(values_in(broker, "t", 0) == expected);
}

TEST_CASE("large values take part in transactions") {
    Broker broker({.topics = {{"t", 1}}});
    std::atomic<int> gone = 0;
    Transactional w(broker);
    REQUIRE_FALSE(w.init());
    REQUIRE_FALSE(w.begin());
    Message large_one;
    large_one.value = Owned::slice(filled('x'), gone);
    REQUIRE_FALSE(w.write({message("small"), large_one}));
    REQUIRE_FALSE(w.commit());
    CHECK(committed(broker) == Values{"small", filled('x')});
    large_one = {};
    CHECK(becomes(gone, 1));
}
