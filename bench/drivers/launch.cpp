// SPDX-License-Identifier: Apache-2.0
// bench-launch CORES PROGRAM ARGUMENT...: binds itself to the processors (such as 0,2), notes the
// time in KAFKA_ASIO_BENCH_EXEC_NS, and becomes the program. So mode=start counts what happens
// before `main` as well: the kernel, the dynamic linker, a runtime.
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <sched.h>
#include <unistd.h>

#include "common/clock.hpp"

namespace {

bool bind_to(std::string_view cores) {
    cpu_set_t chosen;
    CPU_ZERO(&chosen);
    while (!cores.empty()) {
        const auto comma = std::min(cores.find(','), cores.size());
        unsigned core = 0;
        const auto [end, error] = std::from_chars(cores.data(), cores.data() + comma, core);
        if (error != std::errc{} || end != cores.data() + comma || core >= CPU_SETSIZE) {
            return false;
        }
        CPU_SET(core, &chosen);
        cores.remove_prefix(std::min(comma + 1, cores.size()));
    }
    return sched_setaffinity(0, sizeof chosen, &chosen) == 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fputs("usage: bench-launch CORES PROGRAM ARGUMENT...\n", stderr);
        return 2;
    }
    if (!bind_to(argv[1])) {
        std::fprintf(stderr, "bench-launch: %s: not processors of this machine, as 0,2\n", argv[1]);
        return 2;
    }
    setenv("KAFKA_ASIO_BENCH_EXEC_NS", std::to_string(kafka_bench::now_ns()).c_str(), 1);
    execvp(argv[2], argv + 2);
    std::fprintf(stderr, "bench-launch: %s: %s\n", argv[2], std::strerror(errno));
    return 1;
}
