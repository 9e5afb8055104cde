// SPDX-License-Identifier: Apache-2.0
// yardstick: the broker that clients are measured against (README.md).
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker.hpp"
#include "connection.hpp"

namespace yardstick {
namespace {

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "yardstick: %s: %s\n", what, std::strerror(errno));
    std::exit(1);
}

/// On a free port of loopback, which goes to `port`.
int listen_on_loopback(std::uint16_t& port) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (listener < 0 || bind(listener, any, size) != 0 || listen(listener, 128) != 0 ||
        getsockname(listener, any, &size) != 0) {
        fail("listening");
    }
    port = ntohs(address.sin_port);
    return listener;
}

void serve(Broker& broker, std::int32_t node, int fd) {
    // The peer sees the end only after it was noted why: it may be what ends this program.
    const int kept = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    try {
        Socket socket(fd, broker.tls ? &*broker.tls : nullptr);
        Connection(broker, node, socket).serve();
    } catch (const Gone& gone) {
        if (!gone.why.empty()) broker.stats.error(gone.why);
    }
    close(kept);
}

void accept_all(Broker& broker, std::int32_t node, int listener) {
    for (;;) {
        const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) continue;
        const int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        broker.stats.connections.fetch_add(1);
        std::thread([&broker, node, fd] { serve(broker, node, fd); }).detach();
    }
}

void wait_for_end_of_input() {
    char ignored[256];
    for (;;) {
        const auto got = read(STDIN_FILENO, ignored, sizeof ignored);
        if (got == 0 || (got < 0 && errno != EINTR)) return;
    }
}

}  // namespace
}  // namespace yardstick

int main(int argc, char** argv) {
    using namespace yardstick;
    std::signal(SIGPIPE, SIG_IGN);
    // Never destroyed: connections use it until the process ends.
    auto& broker = *new Broker(parse_options(argc, argv));
    std::vector<int> listeners;
    broker.ports.resize(static_cast<std::size_t>(broker.options.brokers));
    for (auto& port : broker.ports)
        listeners.push_back(listen_on_loopback(port));
    for (std::size_t i = 0; i < listeners.size(); ++i) {
        std::thread([&broker, i, fd = listeners[i]] {
            accept_all(broker, static_cast<std::int32_t>(i) + 1, fd);
        }).detach();
    }
    std::string ready = "READY ";
    for (std::size_t i = 0; i < broker.ports.size(); ++i)
        ready += (i ? ",127.0.0.1:" : "127.0.0.1:") + std::to_string(broker.ports[i]);
    std::printf("%s\n", ready.c_str());
    std::fflush(stdout);
    wait_for_end_of_input();
    const auto line = broker.stats.json(broker.verifier ? &*broker.verifier : nullptr);
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
    _exit(0);
}
