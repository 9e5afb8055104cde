// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.hpp"
#include "figure.hpp"

namespace limits {
namespace {

using kafka_bench::now_ns;

constexpr std::int64_t run_ns = 400'000'000;

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

struct Pair {
    int client = -1, server = -1;

    Pair() {
        const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* const any = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        if (bind(listener, any, size) != 0 || listen(listener, 1) != 0 ||
            getsockname(listener, any, &size) != 0) {
            fail("loopback");
        }
        client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(client, any, size) != 0) fail("connect");
        server = accept(listener, nullptr, nullptr);
        close(listener);
        const int on = 1;
        for (const int end : {client, server})
            setsockopt(end, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;
    ~Pair() {
        close(client);
        close(server);
    }
};

/// The processors that this process may run on: the first for one end, the last for the other.
void pin(bool last) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < 2) return;
    int chosen = -1;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (!CPU_ISSET(cpu, &allowed)) continue;
        chosen = cpu;
        if (!last) break;
    }
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(chosen), &one);
    pthread_setaffinity_np(pthread_self(), sizeof one, &one);
}

double cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

struct Sent {
    double gb_a_second = 0, sender_s_a_gb = 0, receiver_s_a_gb = 0;
};

Sent send_for_a_while(std::size_t write_size) {
    const Pair pair;
    double sender = 0, receiver = 0, bytes = 0;
    std::thread reading([&] {
        pin(true);
        std::vector<char> buffer(256 << 10);
        const auto before = cpu_seconds();
        for (ssize_t got = 0; (got = recv(pair.server, buffer.data(), buffer.size(), 0)) > 0;)
            bytes += static_cast<double>(got);
        receiver = cpu_seconds() - before;
    });
    std::int64_t taken = 0;
    std::thread writing([&] {
        pin(false);
        const std::vector<char> buffer(write_size, 'x');
        const auto before = cpu_seconds();
        const auto begin = now_ns();
        while ((taken = now_ns() - begin) < run_ns)
            if (send(pair.client, buffer.data(), buffer.size(), MSG_NOSIGNAL) < 0) fail("send");
        sender = cpu_seconds() - before;
        shutdown(pair.client, SHUT_WR);
    });
    writing.join();
    reading.join();
    return {bytes / static_cast<double>(taken), sender / bytes * 1e9, receiver / bytes * 1e9};
}

constexpr std::ptrdiff_t question_size = 200, answer_size = 64;

/// Until the other end says that there are no more questions.
void answer(int socket) {
    pin(true);
    std::array<char, question_size> buffer{};
    while (recv(socket, buffer.data(), question_size, MSG_WAITALL) == question_size)
        if (send(socket, buffer.data(), answer_size, MSG_NOSIGNAL) < 0) return;
}

void ask(int socket) {
    std::array<char, question_size> buffer{};
    if (send(socket, buffer.data(), question_size, MSG_NOSIGNAL) < 0) fail("send");
    if (recv(socket, buffer.data(), answer_size, MSG_WAITALL) < 0) fail("recv");
}

/// Runs `asking`, of a socket, beside a thread that answers.
template <class Asking>
void ask_and_answer(Asking asking) {
    const Pair pair;
    std::thread other([&] { answer(pair.server); });
    std::thread([&] {
        pin(false);
        asking(pair.client);
        shutdown(pair.client, SHUT_WR);
    }).join();
    other.join();
}

double round_trip_us() {
    constexpr std::size_t trips = 5000;
    std::vector<std::int64_t> times;
    ask_and_answer([&](int socket) {
        for (std::size_t i = 0; i < trips; ++i) {
            const auto begin = now_ns();
            ask(socket);
            times.push_back(now_ns() - begin);
        }
    });
    std::nth_element(times.begin(), times.begin() + trips / 2, times.end());
    return static_cast<double>(times[trips / 2]) / 1e3;
}

/// Processor time of a thread that wakes up each millisecond and then asks, or does nothing.
double each_millisecond_us(bool asks) {
    constexpr std::int64_t times = 1000, millisecond = 1'000'000;
    double taken = 0;
    ask_and_answer([&](int socket) {
        const auto begin = now_ns();
        const auto before = cpu_seconds();
        for (std::int64_t i = 1; i <= times; ++i) {
            const auto due = begin + i * millisecond;
            const timespec at{due / 1'000'000'000, due % 1'000'000'000};
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
            if (asks) ask(socket);
        }
        taken = cpu_seconds() - before;
    });
    return taken / times * 1e6;
}

}  // namespace

Figures loopback() {
    Figures figures;
    for (const std::size_t kibibytes : {4U, 16U, 64U, 256U, 1024U}) {
        const auto name = "loopback, writes of " + std::to_string(kibibytes) + " KiB";
        const auto sent = send_for_a_while(kibibytes << 10);
        figures.push_back({name, sent.gb_a_second, "GB/s"});
        figures.push_back({name + ", sender's CPU", sent.sender_s_a_gb, "s/GB"});
        figures.push_back({name + ", receiver's CPU", sent.receiver_s_a_gb, "s/GB"});
    }
    figures.push_back({"round trip, 200 B there, 64 B back, p50", round_trip_us(), "us"});
    const auto waking = each_millisecond_us(false);
    figures.push_back({"waking up each ms, CPU", waking, "us"});
    figures.push_back(
        {"a round trip each ms, CPU beyond that", each_millisecond_us(true) - waking, "us"});
    return figures;
}

std::string congestion_control() {
    const Pair pair;
    std::array<char, 32> name{};
    socklen_t size = name.size() - 1;
    if (getsockopt(pair.client, IPPROTO_TCP, TCP_CONGESTION, name.data(), &size) != 0) return "";
    return name.data();
}

}  // namespace limits
