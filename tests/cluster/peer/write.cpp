// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "commands.hpp"
#include "ends.hpp"
#include "numbered.hpp"
#include "runtime.hpp"
#include "usage.hpp"
#include "writer_settings.hpp"

namespace kafka::peer {
namespace {

using namespace std::chrono_literals;

// Every key belongs to one thread, so that the order of its records is known.
class Writing {
public:
    Writing(Writer& writer, const Settings& settings)
        : writer_(writer),
          records_(static_cast<std::uint64_t>(settings.number("records", 1'000))),
          keys_(static_cast<std::uint32_t>(settings.number("keys", 100))),
          threads_(static_cast<std::uint32_t>(settings.number("threads", 2))),
          filler_(static_cast<std::uint32_t>(settings.number("filler", 40))),
          time_(settings.number("time", 0)),
          rate_(static_cast<double>(settings.number("rate", 0))) {
        if (keys_ == 0 || threads_ == 0 || keys_ % threads_ != 0 || records_ % keys_ != 0)
            throw std::invalid_argument("records are shared evenly by keys, these by threads");
    }

    void start() {
        for (std::uint32_t i = 0; i < threads_; ++i)
            running_.emplace_back([this, i] { run(i); });
    }
    void hurry() { hurried_ = true; }
    void join() {
        for (auto& thread : running_)
            thread.join();
    }
    [[nodiscard]] std::uint64_t taken() const { return taken_; }
    /// When a thread was done, the last one that was.
    [[nodiscard]] std::int64_t last() const { return last_; }
    /// Why a thread gave up, if one did. After join().
    [[nodiscard]] std::error_code error() const { return error_; }

private:
    void run(std::uint32_t number) {
        Numbered numbered(filler_, time_);
        const auto share = keys_ / threads_;
        const auto end = records_ / threads_;
        const auto began = Clock::now();
        for (std::uint64_t i = 0; i < end; ++i) {
            if (rate_ > 0 && i % burst == 0) pace(began, i, i >= end - end / 20);
            const Numbers numbers{number * share + static_cast<std::uint32_t>(i % share),
                                  static_cast<std::uint32_t>(i / share)};
            const auto& record = numbered.make(numbers);
            // A row of them is promised to end, however the pauses fall.
            const bool more = i % burst != burst - 1 && i + 1 < end;
            if (!take(record, numbers.cookie(), more)) return;
            ++taken_;
        }
        last_ = milliseconds_of(Clock::now());
    }

    bool take(const Record& record, std::uint64_t cookie, bool more) {
        for (;;) {
            const auto error = writer_.try_write(record, cookie, more);
            if (!error) return true;
            if (error != errc::buffer_full && error != errc::topic_not_ready) {
                if (!failed_.exchange(true)) error_ = error;
                return false;
            }
            std::this_thread::sleep_for(1ms);
        }
    }

    // The last ones are kept for what happens last.
    void pace(Clock::time_point began, std::uint64_t taken, bool kept) const {
        const auto due =
            began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
                        static_cast<double>(taken) * threads_ / rate_));
        while (!hurried_ && (kept || Clock::now() < due))
            std::this_thread::sleep_for(1ms);
    }

    static constexpr std::uint64_t burst = 10;

    Writer& writer_;
    const std::uint64_t records_;
    const std::uint32_t keys_, threads_, filler_;
    const std::int64_t time_;
    const double rate_;  // records a second, of all threads
    std::atomic<bool> hurried_{false}, failed_{false};
    std::atomic<std::uint64_t> taken_{0};
    std::atomic<std::int64_t> last_{0};
    std::error_code error_;
    std::vector<std::thread> running_;
};

// True when all that was taken has ended.
bool write_all(const Settings& settings, Ends& ends, JsonLine& said) {
    Runtime runtime(2);
    auto config = writer_config(settings);
    const auto patience = config.delivery_timeout + 30s;
    config.on_records = ends.hook();
    Writer writer(runtime.io.get_executor(), settings.client(), std::move(config));
    Writing writing(writer, settings);
    writing.start();
    // Lines lead: anything asks for the state, "hurry" ends the pace.
    for (std::string line; std::getline(std::cin, line);) {
        if (line == "hurry") break;
        JsonLine state;
        state.add("taken", writing.taken()).add("ended", ends.count()).print();
    }
    writing.hurry();
    writing.join();
    const auto joined = Clock::now();
    const auto taken = writing.taken();
    // Their ends come by themselves.
    while (ends.count() < taken && Clock::now() < joined + patience)
        std::this_thread::sleep_for(2ms);
    const bool ended = ends.count() == taken;
    const auto closed =
        Runtime::wait<std::error_code>([&](auto done) { writer.async_close(10s, done); });
    said.add("taken", taken).add("ended", ends.count());
    said.add("all_ended", ended).add("taken_at", writing.last());
    said.add("last_took", Clock::now() - joined).add("stats", describe(writer.stats()));
    said.add("error", writing.error() ? writing.error().message() : "");
    said.add("close_error", closed ? closed.message() : "");
    return ended;
}

}  // namespace

int write(const Settings& settings) {
    Ends ends(settings.text("ends"));
    JsonLine said;
    const auto before = Usage::now();
    const bool ended = write_all(settings, ends, said);
    said.add("before", before.line()).add("after", Usage::now().line());
    const bool logged = ends.finish(said);
    said.print();
    return ended && logged ? 0 : 1;
}

}  // namespace kafka::peer
