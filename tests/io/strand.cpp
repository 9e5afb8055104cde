// SPDX-License-Identifier: Apache-2.0
#include "io/strand.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <thread>
#include <vector>

#include <asio/bind_executor.hpp>
#include <asio/dispatch.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>
#include <asio/thread_pool.hpp>
#include <doctest/doctest.h>

#include <kafka/protocol/heartbeat.hpp>

using kafka::io::Strand;

namespace {

Strand strand_on(asio::io_context& io) {
    return Strand(asio::any_io_executor(io.get_executor()));
}

// Notes in the order of its ends, through the given executor.
class Noted final : public kafka::detail::PendingCall {
public:
    Noted(std::vector<int>& order, int number, bool here)
        : PendingCall(kafka::protocol::HeartbeatRequest::info, nullptr),
          order_(order),
          number_(number),
          here_(here) {}
    [[nodiscard]] bool runs_here() const noexcept override { return here_; }

private:
    void post_self(std::unique_ptr<PendingCall>, const std::error_code&) override {
        order_.push_back(-number_);
    }
    void run_self(std::unique_ptr<PendingCall>, const std::error_code&) override {
        order_.push_back(number_);
    }

    std::vector<int>& order_;
    int number_;
    bool here_;
};

std::unique_ptr<Noted> noted(std::vector<int>& order, int number, bool here = true) {
    return std::make_unique<Noted>(order, number, here);
}

}  // namespace

TEST_CASE("what is dispatched from the strand's loop runs at once, what is posted later") {
    asio::io_context io;
    const auto strand = strand_on(io);
    std::vector<int> order;
    asio::post(io, [&] {
        asio::dispatch(strand, [&] { order.push_back(1); });
        asio::post(strand, [&] { order.push_back(3); });
        order.push_back(2);
    });
    io.run();
    CHECK(order == std::vector{1, 2, 3});
}

TEST_CASE("a function from elsewhere never runs inside the function that hands it over") {
    asio::io_context io;
    const auto strand = strand_on(io);
    bool ran = false;
    asio::dispatch(strand, [&] { ran = true; });
    CHECK(!ran);
    io.run();
    CHECK(ran);
}

TEST_CASE("what is brought from inside runs after the function that brings it, in order") {
    asio::io_context io;
    const auto strand = strand_on(io);
    std::vector<int> order;
    asio::post(io, [&] {
        asio::dispatch(strand, [&] {
            asio::dispatch(strand, [&] { order.push_back(2); });
            asio::post(strand, [&] {
                order.push_back(3);
                asio::dispatch(strand, [&] { order.push_back(5); });
            });
            strand.run([&] { order.push_back(4); });
            order.push_back(1);
        });
        order.push_back(6);
    });
    io.run();
    CHECK(order == std::vector{1, 2, 3, 4, 5, 6});
}

TEST_CASE("functions of several threads run one at a time and in the order of each") {
    asio::io_context io;
    const auto strand = strand_on(io);
    auto guard = asio::make_work_guard(io);
    std::vector<std::thread> loops, callers;
    for (int i = 0; i < 3; ++i)
        loops.emplace_back([&] { io.run(); });
    constexpr int threads = 4, calls = 5000;
    std::atomic<int> inside{0}, overlaps{0};
    std::vector<int> last(threads, -1);  // the strand's: for TSan
    int wrong = 0, done = 0;
    for (int t = 0; t < threads; ++t)
        callers.emplace_back([&, t] {
            for (int i = 0; i < calls; ++i) {
                const auto work = [&, t, i] {
                    if (++inside != 1) ++overlaps;
                    auto& before = last[static_cast<std::size_t>(t)];
                    if (before != i - 1) ++wrong;
                    before = i;
                    ++done;
                    --inside;
                };
                if (i % 2 == 0)
                    asio::post(strand, work);
                else
                    asio::dispatch(strand, work);
            }
        });
    // Meanwhile the loop's own threads enter at once.
    std::atomic<int> entered{0};
    for (int i = 0; i < calls; ++i)
        asio::post(io, [&] {
            strand.run([&] {
                if (++inside != 1) ++overlaps;
                ++entered;
                --inside;
            });
        });
    for (auto& thread : callers)
        thread.join();
    guard.reset();
    for (auto& thread : loops)
        thread.join();
    CHECK(overlaps == 0);
    CHECK(wrong == 0);
    CHECK(done == threads * calls);
    CHECK(entered == calls);
}

TEST_CASE("an exception from a function leaves the strand in use") {
    asio::io_context io;
    const auto strand = strand_on(io);
    std::vector<int> order;
    asio::post(io, [&] {
        asio::dispatch(strand, [&] {
            asio::dispatch(strand, [&]() -> void { throw std::runtime_error("second"); });
            asio::dispatch(strand, [&] { order.push_back(3); });
            order.push_back(1);
            throw std::runtime_error("first");
        });
    });
    CHECK_THROWS_WITH(io.run(), "first");
    CHECK(order == std::vector{1});
    CHECK_THROWS_WITH(io.run(), "second");
    asio::post(io, [&] { asio::dispatch(strand, [&] { order.push_back(4); }); });
    io.run();
    CHECK(order == std::vector{1, 3, 4});
}

TEST_CASE("a stay gives way to the loop after a while") {
    asio::io_context io;
    const auto strand = strand_on(io);
    int left = 1000, done = 0, at_other = 0;
    std::function<void()> again = [&] {
        ++done;
        if (--left > 0) asio::dispatch(strand, again);
    };
    asio::post(io, [&] { asio::dispatch(strand, again); });
    asio::post(io, [&] { at_other = done; });
    io.run();
    CHECK(done == 1000);
    CHECK(at_other > 0);
    CHECK(at_other < 200);
}

TEST_CASE("functions that did not run are destroyed with the loop") {
    const auto token = std::make_shared<int>(0);
    std::optional<Strand> strand;
    {
        asio::io_context io;
        strand.emplace(strand_on(io));
        // One that brings another when it goes.
        struct Last {
            Strand strand;
            std::shared_ptr<int> token;
            bool armed = true;
            Last(Strand s, std::shared_ptr<int> t) : strand(std::move(s)), token(std::move(t)) {}
            Last(Last&& other) noexcept
                : strand(other.strand),
                  token(std::move(other.token)),
                  armed(std::exchange(other.armed, false)) {}
            ~Last() {
                if (armed) asio::post(strand, [token = token] { FAIL("it ran"); });
            }
            void operator()() { FAIL("it ran"); }
        };
        asio::post(*strand, [token] { FAIL("it ran"); });
        asio::dispatch(*strand, Last(*strand, token));
        asio::dispatch(*strand, [token] { FAIL("it ran"); });
        CHECK(token.use_count() == 4);
    }
    CHECK(token.use_count() == 1);
}

TEST_CASE("a function may hold the last owner of its strand") {
    asio::io_context io;
    bool ran = false;
    {
        auto strand = std::make_shared<Strand>(strand_on(io));
        asio::post(io, [&ran, strand]() mutable {
            auto& own = *strand;
            own.execute([&ran, strand = std::move(strand)]() mutable {
                strand.reset();
                ran = true;
            });
        });
    }
    io.run();
    CHECK(ran);
}

TEST_CASE("the end of a call follows its turn at once where it may, once") {
    asio::io_context io;
    const auto strand = strand_on(io);
    std::vector<int> order;
    asio::post(io, [&] {
        strand.run([&] {
            strand.complete(noted(order, 1, false), {});
            strand.complete(noted(order, 2), {});
            strand.complete(noted(order, 3), {});
            asio::dispatch(strand, [&] { order.push_back(0); });
        });
    });
    SUBCASE("but not inside a function of the user's") {
        io.run();
        CHECK(order == std::vector{-1, -3, 0, 2});
        order.clear();
        asio::post(io,
                   [&] { asio::dispatch(strand, [&] { strand.complete(noted(order, 4), {}); }); });
        io.restart();
        io.run();
        CHECK(order == std::vector{-4});
    }
    SUBCASE("and is not forgotten when a function throws") {
        order.clear();
        asio::post(io, [&] {
            strand.run([&] {
                strand.complete(noted(order, 5), {});
                throw std::runtime_error("thrown");
            });
        });
        io.run_one();
        order.clear();
        CHECK_THROWS_WITH(io.run(), "thrown");
        CHECK(order == std::vector{-5});
    }
}

TEST_CASE("timers work on it, and a tracked copy keeps the loop running") {
    asio::io_context io;
    const auto strand = strand_on(io);
    asio::steady_timer timer(asio::any_io_executor(strand), std::chrono::milliseconds(1));
    bool fired = false;
    timer.async_wait([&](std::error_code ec) { fired = !ec; });
    io.run();
    CHECK(fired);

    io.restart();
    auto work = asio::make_work_guard(asio::any_io_executor(strand));
    CHECK(io.poll() == 0);
    CHECK(!io.stopped());
    work.reset();
    io.poll();
    CHECK(io.stopped());
}

TEST_CASE("it may lie on a strand of the user's, or on a pool") {
    SUBCASE("a strand") {
        asio::io_context io;
        const auto users = asio::make_strand(io);
        const Strand strand{asio::any_io_executor(users)};
        bool inside = false, at_once = false;
        asio::post(users, [&] {
            asio::dispatch(strand, [&] { inside = users.running_in_this_thread(); });
            at_once = inside;
        });
        io.run();
        CHECK(inside);
        CHECK(at_once);
        inside = false;
        asio::post(
            io, [&] { asio::dispatch(strand, [&] { inside = users.running_in_this_thread(); }); });
        io.restart();
        io.run();
        CHECK(inside);
    }
    SUBCASE("a pool") {
        asio::thread_pool pool(3);
        const Strand strand{asio::any_io_executor(pool.get_executor())};
        int done = 0;
        for (int i = 0; i < 1000; ++i)
            asio::post(pool, [&, strand] { asio::dispatch(strand, [&] { ++done; }); });
        pool.join();
        CHECK(done == 1000);
    }
}
