// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "commands.hpp"
#include "ends.hpp"
#include "numbered.hpp"
#include "runtime.hpp"
#include "usage.hpp"
#include "writer_settings.hpp"

namespace kafka::peer {
namespace {

using namespace std::chrono_literals;

// A record of each key is a transaction, committed and aborted in turn. Everything on one thread.
class Transactions {
public:
    Transactions(Writer& writer, const Settings& settings)
        : writer_(writer),
          keys_(static_cast<std::uint32_t>(settings.number("keys", 100))),
          count_(static_cast<std::uint32_t>(settings.number("records", 1'000) / keys_)),
          numbered_(static_cast<std::uint32_t>(settings.number("filler", 40)),
                    settings.number("time", 0)),
          rate_(static_cast<double>(settings.number("rate", 0)) / keys_),
          outcomes_(settings.text("outcomes")) {}

    void run() {
        std::error_code error = errc::request_timed_out;
        for (int i = 0; i < tries && error == errc::request_timed_out; ++i)
            error = step("init", [&](auto done) {
                writer_.async_init_transactions(options(), std::move(done));
            });
        const auto began = Clock::now();
        for (std::uint32_t i = 0; !error && i < count_; ++i) {
            pace(began, i);
            error = transact(i);
            ++ended_;
        }
        last_ = milliseconds_of(Clock::now());
        // An empty one: what was left of the last one is settled before it begins.
        if (!error) error = begin();
        if (!error) error = abort();
        error_ = error;
        outcomes_.close();
    }
    void hurry() { hurried_ = true; }

    /// That are over. At any time.
    [[nodiscard]] std::uint64_t ended() const { return ended_; }
    // After run().
    [[nodiscard]] bool logged() const { return !outcomes_.fail(); }
    [[nodiscard]] std::uint64_t taken() const { return taken_; }
    [[nodiscard]] std::int64_t last() const { return last_; }
    [[nodiscard]] std::string error() const {
        return error_ ? diagnostics_.to_string(error_) : std::string();
    }
    [[nodiscard]] JsonLine failures() const {
        JsonLine line;
        for (const auto& [text, times] : failures_)
            line.add(text, times);
        return line;
    }

private:
    static constexpr int tries = 5;

    TransactionOptions options() { return {.timeout = std::nullopt, .diagnostics = &diagnostics_}; }

    template <class Start>
    std::error_code step(const char* name, Start start) {
        diagnostics_.clear();
        const auto error = Runtime::wait<std::error_code>(start);
        if (error && failures_.size() < 20)
            ++failures_[std::string(name) + ": " + diagnostics_.to_string(error)];
        return error;
    }
    std::error_code begin() {
        std::error_code error = errc::request_timed_out;
        for (int i = 0; i < tries && error == errc::request_timed_out; ++i)
            error = step("begin", [&](auto done) {
                writer_.async_begin_transaction(options(), std::move(done));
            });
        return error;
    }
    // A time-out tells of the cluster's word only: the transaction is over.
    std::error_code abort() {
        const auto error = step("abort", [&](auto done) {
            writer_.async_abort_transaction(options(), std::move(done));
        });
        return error == errc::request_timed_out ? std::error_code() : error;
    }

    // An error that it returns is the end.
    std::error_code transact(std::uint32_t number) {
        if (const auto error = begin()) return error;
        auto error = write(number);
        bool commits = number % 2 == 0;
        if (!error && commits)
            error = step("commit", [&](auto done) {
                writer_.async_commit_transaction(options(), std::move(done));
            });
        if (error == errc::outcome_unknown) return told(number, "unknown");
        if (error && error != errc::transaction_failed) {
            (void)told(number, "unknown");
            return error;
        }
        if (!error && commits) return told(number, "committed");
        error = abort();
        (void)told(number, error ? "unknown" : "aborted");
        return error;
    }
    std::error_code told(std::uint32_t number, const char* outcome) {
        outcomes_ << number << ' ' << outcome << '\n';
        return {};
    }

    std::error_code write(std::uint32_t number) {
        for (std::uint32_t key = 0; key < keys_; ++key) {
            const Numbers numbers{key, number};
            const auto& record = numbered_.make(numbers);
            for (;;) {
                const auto error = writer_.try_write(record, numbers.cookie(), key + 1 < keys_);
                if (!error) break;
                if (error != errc::buffer_full && error != errc::topic_not_ready) {
                    ++failures_["write: " + error.message()];
                    return error;
                }
                std::this_thread::sleep_for(1ms);
            }
            ++taken_;
        }
        return {};
    }

    // The last ones are kept for what happens last.
    void pace(Clock::time_point began, std::uint32_t number) const {
        if (rate_ <= 0) return;
        const bool kept = number >= count_ - count_ / 20;
        const auto due = began + std::chrono::duration_cast<Clock::duration>(
                                     std::chrono::duration<double>(number / rate_));
        while (!hurried_ && (kept || Clock::now() < due))
            std::this_thread::sleep_for(1ms);
    }

    Writer& writer_;
    const std::uint32_t keys_, count_;
    Numbered numbered_;
    const double rate_;  // transactions a second
    std::ofstream outcomes_;
    Diagnostics diagnostics_;
    std::map<std::string, std::uint64_t> failures_;
    std::error_code error_;
    std::uint64_t taken_ = 0;
    std::int64_t last_ = 0;
    std::atomic<std::uint64_t> ended_{0};
    std::atomic<bool> hurried_{false};
};

// True when all that was taken has ended.
bool transact_all(const Settings& settings, Ends& ends, JsonLine& said) {
    Runtime runtime(2);
    auto config = writer_config(settings);
    config.transactional_id = settings.text("transactional.id");
    config.transaction_timeout = settings.time("transaction.timeout.ms", 60'000);
    config.on_records = ends.hook();
    Writer writer(runtime.io.get_executor(), settings.client(), std::move(config));
    Transactions transactions(writer, settings);
    std::thread thread([&] { transactions.run(); });
    const auto keys = static_cast<std::uint64_t>(settings.number("keys", 100));
    for (std::string line; std::getline(std::cin, line);) {
        if (line == "hurry") break;
        JsonLine().add("ended", transactions.ended() * keys).print();
    }
    transactions.hurry();
    thread.join();
    const auto joined = Clock::now();
    const auto closed =
        Runtime::wait<std::error_code>([&](auto done) { writer.async_close(10s, done); });
    said.add("taken", transactions.taken()).add("ended", ends.count());
    said.add("taken_at", transactions.last()).add("last_took", Clock::now() - joined);
    said.add("stats", describe(writer.stats())).add("failures", transactions.failures());
    said.add("error", transactions.error()).add("close_error", closed ? closed.message() : "");
    return ends.count() == transactions.taken() && transactions.logged();
}

}  // namespace

int transact(const Settings& settings) {
    Ends ends(settings.text("ends"));
    JsonLine said;
    const auto before = Usage::now();
    const bool ended = transact_all(settings, ends, said);
    said.add("before", before.line()).add("after", Usage::now().line());
    const bool logged = ends.finish(said);
    said.print();
    return ended && logged ? 0 : 1;
}

}  // namespace kafka::peer
