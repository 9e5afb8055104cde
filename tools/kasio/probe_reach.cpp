// SPDX-License-Identifier: Apache-2.0
// From a name to a TCP connection.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <netdb.h>
#include <sys/socket.h>

#include <kafka/error.hpp>

#include "probe_steps.hpp"
#include "probe_wait.hpp"

namespace kasio {
namespace {

using std::chrono::milliseconds;

// What getaddrinfo said: 0, or EAI_...; `errno_value` with EAI_SYSTEM.
struct Answer {
    int status = 0;
    int errno_value = 0;
    std::vector<std::string> numbers;
};

Answer ask_system(const std::string& host) {
    Answer answer;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    answer.status = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
    answer.errno_value = errno;
    if (answer.status != 0) return answer;
    for (const auto* each = list; each; each = each->ai_next) {
        char text[NI_MAXHOST];
        if (::getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof text, nullptr, 0,
                          NI_NUMERICHOST) != 0)
            continue;
        if (std::find(answer.numbers.begin(), answer.numbers.end(), text) == answer.numbers.end())
            answer.numbers.emplace_back(text);
    }
    ::freeaddrinfo(list);
    return answer;
}

void judge_answer(const Answer& answer, const std::string& host, ProbeStep& step) {
    if (answer.status == 0 && !answer.numbers.empty()) return;
    std::string said = answer.status == 0            ? "no address"
                       : answer.status == EAI_SYSTEM ? std::strerror(answer.errno_value)
                                                     : ::gai_strerror(answer.status);
    const auto failed = make_error_code(kafka::errc::resolve_failed);
    switch (answer.status) {
        case EAI_AGAIN:
            step.complain(Verdict::failed,
                          "'" + host + "' could not be looked up (getaddrinfo: " + said + ")",
                          "see that the DNS servers of this machine (/etc/resolv.conf) can be "
                          "reached and know the name",
                          failed);
            return;
        default:
            step.complain(
                Verdict::failed,
                "this machine knows no address of '" + host + "' (getaddrinfo: " + said + ")",
                "see that the name is spelt right; if it is, have it entered into the "
                "DNS or /etc/hosts",
                failed);
            return;
    }
}

// What the configuration's own resolver says.
asio::awaitable<std::optional<Answer>> ask_own(const kafka::Resolver& resolver, Address host,
                                               milliseconds timeout) {
    const Later<Answer> later;
    resolver(host.host, host.port,
             [later](std::error_code error, std::vector<std::string> numbers) {
                 later.set({.status = error ? EAI_NONAME : 0, .numbers = std::move(numbers)});
             });
    co_return co_await later.wait(timeout);
}

}  // namespace

bool is_loopback(std::string_view number) {
    std::error_code no_number;
    const auto address = asio::ip::make_address(std::string(number), no_number);
    return !no_number && address.is_loopback();
}

bool is_private(std::string_view number) {
    std::error_code no_number;
    const auto address = asio::ip::make_address(std::string(number), no_number);
    if (no_number) return false;
    if (address.is_v6()) {
        const auto bytes = address.to_v6().to_bytes();
        return address.to_v6().is_link_local() || (bytes[0] & 0xfe) == 0xfc;
    }
    const auto bits = address.to_v4().to_uint();
    const auto within = [bits](std::uint32_t net, int size) {
        return bits >> (32 - size) == net >> (32 - size);
    };
    return within(0x0a000000, 8) || within(0xac100000, 12) || within(0xc0a80000, 16) ||
           within(0x64400000, 10) || within(0xa9fe0000, 16);
}

asio::awaitable<Resolved> resolve_name(const ProbeOptions& options, Address target) {
    const auto host = target.host;
    Resolved result;
    result.step.stage = Stage::name;
    std::error_code no_number;
    static_cast<void>(asio::ip::make_address(host, no_number));
    if (!no_number) {
        result.step.verdict = Verdict::ok;
        result.step.found = "a number, nothing to look up";
        result.numbers.push_back(host);
        co_return result;
    }
    const StopWatch watch;
    std::optional<Answer> answer;
    if (options.conn.resolver) {
        answer = co_await ask_own(options.conn.resolver, target, options.timeout);
    } else {
        std::function<Answer()> work = [host] { return ask_system(host); };
        answer = co_await off_thread(std::move(work), options.timeout);
    }
    result.step.took = watch.time();
    if (!answer) {
        result.step.complain(Verdict::failed,
                             "the look-up of '" + host + "' has no end (no answer in " +
                                 std::to_string(options.timeout.count()) + " ms)",
                             "see that the DNS servers of this machine (/etc/resolv.conf) answer",
                             make_error_code(kafka::errc::resolve_failed));
        co_return result;
    }
    judge_answer(*answer, host, result.step);
    if (result.step.verdict == Verdict::failed) co_return result;
    result.step.verdict = Verdict::ok;
    result.numbers = std::move(answer->numbers);
    std::string found;
    for (const auto& number : result.numbers) {
        if (!found.empty()) found += ", ";
        found += number + (number.find(':') == std::string::npos ? " (A)" : " (AAAA)");
    }
    result.step.found = std::move(found);
    co_return result;
}

asio::awaitable<ProbeStep> connect_tcp(Address number, milliseconds timeout) {
    ProbeStep step;
    step.stage = Stage::connect;
    step.found = to_string(number);
    auto executor = co_await asio::this_coro::executor;
    auto socket = std::make_shared<asio::ip::tcp::socket>(executor);
    asio::error_code error;
    const auto address = asio::ip::make_address(number.host, error);
    const StopWatch watch;
    bool late = false;
    if (!error) {
        auto expired = std::make_shared<bool>(false);
        asio::steady_timer timer(executor, timeout);
        timer.async_wait([socket, expired](const asio::error_code& cancelled) {
            if (cancelled) return;
            *expired = true;
            asio::error_code ignored;
            socket->close(ignored);
        });
        const asio::ip::tcp::endpoint endpoint(address, number.port);
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await socket->async_connect(endpoint, token);
        timer.cancel();
        late = *expired;
    }
    step.took = watch.time();
    if (!error) {
        step.verdict = Verdict::ok;
        co_return step;
    }
    if (late || error == asio::error::timed_out) {
        step.complain(Verdict::failed,
                      to_string(number) + " does not answer (nothing in " +
                          std::to_string(timeout.count()) + " ms)",
                      "see that the machine is up and that no firewall on the way drops what goes "
                      "to port " +
                          std::to_string(number.port),
                      make_error_code(kafka::errc::connect_timed_out));
    } else if (error == asio::error::connection_refused) {
        step.complain(Verdict::failed,
                      "nobody listens at " + to_string(number) + " (" + error.message() + ")",
                      "see that the broker runs, that it listens on that address (listeners) and "
                      "that the port is right",
                      error);
    } else if (error == asio::error::network_unreachable ||
               error == asio::error::host_unreachable) {
        step.complain(
            Verdict::failed,
            "this machine has no way to " + to_string(number) + " (" + error.message() + ")",
            "see that this machine is in the right network (VPN, routes, IPv6)", error);
    } else {
        step.complain(Verdict::failed,
                      "no connection to " + to_string(number) + " (" + error.message() + ")",
                      "see that a firewall on this machine or on the way lets it through", error);
    }
    co_return step;
}

asio::awaitable<void> in_parallel(std::vector<std::function<asio::awaitable<void>()>> jobs) {
    auto executor = co_await asio::this_coro::executor;
    struct Shared {
        std::size_t left;
        asio::steady_timer done;
        std::exception_ptr error;
    };
    auto shared = std::make_shared<Shared>(Shared{
        jobs.size(), asio::steady_timer(executor, asio::steady_timer::time_point::max()), nullptr});
    for (auto& job : jobs) {
        asio::co_spawn(executor, job, [shared](std::exception_ptr error) {
            if (error) shared->error = error;
            if (--shared->left == 0) shared->done.cancel();
        });
    }
    if (shared->left > 0) {
        asio::error_code ignored;
        auto token = asio::redirect_error(asio::use_awaitable, ignored);
        co_await shared->done.async_wait(token);
    }
    if (shared->error) std::rethrow_exception(shared->error);
}

}  // namespace kasio
