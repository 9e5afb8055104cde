// SPDX-License-Identifier: Apache-2.0
// What a call costs this library's own code: async_call over a transport whose peer is in memory,
// in a real io_context. Nanoseconds and allocations a call, from the start of one to its handler;
// the peer, which copies an answer, is in it. The kernel is not: polling it is left out.
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <vector>

#include <asio/dispatch.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <benchmark/benchmark.h>
#include <sys/epoll.h>

#include <kafka/conn.hpp>
#include <kafka/protocol/api_versions.hpp>
#include <kafka/protocol/headers.hpp>
#include <kafka/protocol/heartbeat.hpp>

#include "allocations.hpp"
#include "base/big_endian.hpp"
#include "core/conn_core.hpp"
#include "core/request_frame.hpp"
#include "io/session.hpp"
#include "io/transport.hpp"
#include "skip.hpp"

// An io_context asks the kernel for events between handlers. Nothing here comes from there, so that
// while calls are measured the answer is known: none.
namespace {
bool without_kernel = false;
}
extern "C" {
int __real_epoll_wait(int epfd, epoll_event* events, int maxevents, int timeout);
int __wrap_epoll_wait(int epfd, epoll_event* events, int maxevents, int timeout);

int __wrap_epoll_wait(int epfd, epoll_event* events, int maxevents, int timeout) {
    if (without_kernel && timeout == 0) return 0;
    return __real_epoll_wait(epfd, events, maxevents, timeout);
}
}

namespace kafka::bench {
namespace {

using namespace protocol;

HeartbeatRequest heartbeat() {
    return {.group_id = "billing", .generation_id = 7, .member_id = "billing-1-5f0c"};
}

/// A response as a peer sends it, but for its correlation id.
template <class Request>
std::vector<std::uint8_t> frame_of(const typename Request::response_type& response, int version) {
    std::vector<std::uint8_t> frame(8);
    if (response_header_version(Request::response_type::info, version) > 0) frame.push_back(0);
    const auto body = encode(response, version);
    if (!body) std::abort();
    frame.insert(frame.end(), body->bytes().begin(), body->bytes().end());
    store_big(frame.data(), static_cast<std::int32_t>(frame.size() - 4));
    return frame;
}

/// Answers every request at once: the first with ApiVersions, the others with Heartbeat.
class MemoryTransport final : public io::Transport {
public:
    /// Without a strand it tells its user right in the event.
    MemoryTransport(asio::io_context& io, std::optional<io::Strand> strand)
        : io_(io.get_executor()), strand_(std::move(strand)) {
        ApiVersionsResponse versions;
        for (const auto* info : {&ApiVersionsRequest::info, &HeartbeatRequest::info})
            versions.api_keys.push_back({.api_key = info->api_key,
                                         .min_version = info->versions.min,
                                         .max_version = info->stable().max});
        hello_ = frame_of<ApiVersionsRequest>(versions, ApiVersionsRequest::info.stable().max);
        answer_ = frame_of<HeartbeatRequest>({}, HeartbeatRequest::info.stable().max);
    }

    void read_some(std::span<std::uint8_t> into, std::shared_ptr<io::TransportUser> user) override {
        into_ = into;
        reader_ = std::move(user);
        if (!out_.empty()) give();
    }
    [[nodiscard]] bool write(std::span<const std::span<const std::uint8_t>> pieces,
                             io::TransportUser&) override {
        // Requests without record data are one piece each.
        for (const auto piece : pieces) {
            const auto& answer = out_.empty() && !greeted_ ? hello_ : answer_;
            greeted_ = true;
            const auto at = out_.size();
            out_.insert(out_.end(), answer.begin(), answer.end());
            std::memcpy(out_.data() + at + 4, piece.data() + 8, 4);  // the correlation id
        }
        if (reader_) give();
        return true;
    }
    void close() noexcept override {
        if (reader_) tell(std::make_error_code(std::errc::operation_canceled), 0);
    }

private:
    void give() {
        const auto count = std::min(into_.size(), out_.size());
        std::memcpy(into_.data(), out_.data(), count);
        out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(count));
        tell({}, count);
    }
    // As the end of a socket's operation: an event of the io_context, which enters the strand.
    void tell(std::error_code ec, std::size_t count) {
        asio::post(io_, [this, user = std::move(reader_), ec, count]() mutable {
            auto end = [user = std::move(user), ec, count]() mutable {
                auto* self = user.get();
                self->on_read(ec, count, std::move(user));
            };
            strand_ ? strand_->run(std::move(end)) : end();
        });
    }

    asio::io_context::executor_type io_;
    std::optional<io::Strand> strand_;
    std::vector<std::uint8_t> hello_, answer_, out_;
    std::span<std::uint8_t> into_;
    std::shared_ptr<io::TransportUser> reader_;
    bool greeted_ = false;
};

/// As many calls in a row as asked for, some of them at a time.
class Caller {
public:
    Caller() : session_(io::Session::make(io_.get_executor(), {})) {
        session_->connect(std::make_unique<MemoryTransport>(io_, session_->strand()), "memory",
                          {[this](std::error_code ec) {
                               failed_ = static_cast<bool>(ec);
                               io_.stop();
                           },
                           io_.get_executor()});
        io_.run();
    }
    ~Caller() {
        session_->close();
        io_.restart();
        io_.run();
    }
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;

    [[nodiscard]] bool failed() const noexcept { return failed_; }

    void run(int calls, int at_a_time) {
        to_start_ = to_finish_ = calls;
        for (int i = 0; i < at_a_time; ++i)
            start();
        io_.restart();
        without_kernel = true;
        io_.run();
        without_kernel = false;
    }

private:
    // What Conn::async_call does for a handler: its Conn has a socket of its own.
    void start() {
        if (to_start_ == 0) return;
        --to_start_;
        const auto done = [this](std::error_code ec, const HeartbeatResponse&) {
            failed_ = failed_ || ec;
            if (--to_finish_ == 0 || failed_) return io_.stop();
            start();
        };
        session_->call(HeartbeatRequest::info, &request_, {},
                       detail::make_call<HeartbeatResponse>(done, io_.get_executor()));
    }

    asio::io_context io_{1};
    std::shared_ptr<io::Session> session_;
    const HeartbeatRequest request_ = heartbeat();
    int to_start_ = 0;
    int to_finish_ = 0;
    bool failed_ = false;
};

void call(benchmark::State& state) {
    constexpr int calls = 1024;
    Caller caller;
    caller.run(calls, static_cast<int>(state.range(0)));
    const auto before = allocations();
    for (auto _ : state)
        caller.run(calls, static_cast<int>(state.range(0)));
    if (caller.failed()) return skip(state, "a call failed");
    state.SetItemsProcessed(state.iterations() * calls);
    state.counters["allocations"] = static_cast<double>(allocations() - before) /
                                    static_cast<double>(state.iterations()) / calls;
}

// What of a call is not this library's: Asio's event for the read, and the peer in memory, which
// keeps the request's correlation id and copies an answer.
void peer_alone(benchmark::State& state) {
    class User final : public io::TransportUser, public std::enable_shared_from_this<User> {
    public:
        explicit User(asio::io_context& io) : io_(io), transport_(io, std::nullopt) {
            const auto request = heartbeat();
            const auto version = HeartbeatRequest::info.stable().max;
            protocol::Gather frame;
            if (core::encode_frame(HeartbeatRequest::info, &request, version, "client", frame))
                std::abort();
            const auto bytes = frame.own().bytes();
            request_.assign(bytes.begin(), bytes.end());
        }
        void run(int calls) {
            left_ = calls;
            write();
            io_.restart();
            io_.run();
        }

    private:
        void write() {
            const std::span<const std::uint8_t> piece(request_);
            if (!transport_.write(std::span(&piece, 1), *this)) std::abort();
            transport_.read_some(answer_, share());
        }
        void on_read(const std::error_code&, std::size_t,
                     std::shared_ptr<TransportUser>&&) override {
            benchmark::DoNotOptimize(answer_[4]);
            if (--left_ > 0) write();
        }
        void on_written(const std::error_code&) override {}
        std::shared_ptr<TransportUser> share() override { return shared_from_this(); }

        asio::io_context& io_;
        MemoryTransport transport_;
        std::vector<std::uint8_t> request_;
        std::array<std::uint8_t, 64 * 1024> answer_{};
        int left_ = 0;
    };
    constexpr int calls = 1024;
    asio::io_context io(1);
    const auto user = std::make_shared<User>(io);
    without_kernel = true;
    for (auto _ : state)
        user->run(calls);
    without_kernel = false;
    state.SetItemsProcessed(state.iterations() * calls);
}

// The state machine's share: the message written and read, frames, queues; no Asio, no handler.
void core_alone(benchmark::State& state) {
    const auto& info = HeartbeatRequest::info;
    const auto version = info.stable().max;
    auto answer = frame_of<HeartbeatRequest>({}, version);
    const auto request = heartbeat();
    core::ConnCore core;
    core::Time now{std::chrono::hours(1)};
    const auto before = allocations();
    for (auto _ : state) {
        core::Outgoing out;
        out.info = &info;
        out.version = version;
        out.deadline = now + std::chrono::seconds(30);
        if (core::encode_frame(info, &request, version, "client", out.frame)) std::abort();
        core.submit(std::move(out));
        if (!core.stage(now)) std::abort();
        std::memcpy(answer.data() + 4, core.pieces()[0].data() + 8, 4);  // the correlation id
        core.on_written(now);
        std::memcpy(core.read_space().data(), answer.data(), answer.size());
        core.on_read(answer.size(), now);
        const auto completion = core.take();
        HeartbeatResponse response;
        if (!completion || decode(response, version, completion->body)) std::abort();
        benchmark::DoNotOptimize(response.error_code);
    }
    state.SetItemsProcessed(state.iterations());
    state.counters["allocations"] =
        static_cast<double>(allocations() - before) / static_cast<double>(state.iterations());
}

// A handler's way through the io_context, alone.
void post(benchmark::State& state) {
    asio::io_context io(1);
    for (auto _ : state) {
        int left = 1024;
        struct Again {
            asio::io_context& io;
            int& left;
            void operator()() const {
                if (--left > 0) asio::post(io, *this);
            }
        };
        asio::post(io, Again{io, left});
        io.run();
        io.restart();
    }
    state.SetItemsProcessed(state.iterations() * 1024);
}

BENCHMARK(call)->Name("async_call")->ArgName("at_a_time")->Arg(1)->Arg(16)->Arg(64);
BENCHMARK(core_alone)->Name("async_call/core_alone");
BENCHMARK(peer_alone)->Name("async_call/peer_alone");
BENCHMARK(post)->Name("asio_post");

}  // namespace
}  // namespace kafka::bench
