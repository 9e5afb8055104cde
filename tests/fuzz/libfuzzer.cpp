// SPDX-License-Identifier: Apache-2.0
// The one target of this program under libFuzzer. --write-seeds=FOLDER writes its seeds and ends.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "fuzz/target.hpp"

using namespace kafka::fuzz;

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
    constexpr const char* option = "--write-seeds=";
    for (int i = 1; i < *argc; ++i) {
        const char* given = (*argv)[i];
        if (std::strncmp(given, option, std::strlen(option)) != 0) continue;
        if (write_seeds(targets().front(), given + std::strlen(option))) std::exit(0);
        std::perror(given);
        std::exit(1);
    }
    return 0;
}

// libFuzzer hands over a heap block of exactly `size` bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    targets().front().run({data, size});
    return 0;
}
