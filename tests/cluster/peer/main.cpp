// SPDX-License-Identifier: Apache-2.0
// A program that the Python tests here run: a client of a real cluster.
//
//   cluster-peer login|stay|topic|stream|write|transact|read NAME=VALUE...
//
// Answers with JSON lines. `stream` is led by lines on its standard input: anything asks for its
// state, "stop" lets calls end before it closes, "close" or the end of input closes at once.
#include <cstdio>
#include <exception>
#include <map>
#include <span>
#include <string>

#include "commands.hpp"

int main(int argc, char** argv) {
    using namespace kafka::peer;
    const std::map<std::string, int (*)(const Settings&)> commands{
        {"login", login}, {"stay", stay},         {"topic", topic}, {"stream", stream},
        {"write", write}, {"transact", transact}, {"read", read}};
    try {
        const auto found = argc > 1 ? commands.find(argv[1]) : commands.end();
        if (found != commands.end())
            return found->second(
                Settings(std::span(argv, static_cast<std::size_t>(argc)).subspan(2)));
        std::fprintf(stderr,
                     "usage: cluster-peer login|stay|topic|stream|write|transact|read "
                     "NAME=VALUE...\n");
    } catch (const std::exception& e) {
        std::fprintf(stderr, "cluster-peer: %s\n", e.what());
    }
    return 2;
}
