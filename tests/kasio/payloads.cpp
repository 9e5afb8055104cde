// SPDX-License-Identifier: Apache-2.0
#include "payloads.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <doctest/doctest.h>
#include <unistd.h>

using namespace kasio;

namespace {

struct File {
    explicit File(const std::string& content)
        : path((std::filesystem::temp_directory_path() /
                ("kasio-payloads-" + std::to_string(::getpid())))
                   .string()) {
        std::ofstream(path, std::ios::binary) << content;
    }
    ~File() { std::filesystem::remove(path); }
    std::string path;
};

}  // namespace

TEST_CASE("values of a size are capital letters, and differ") {
    auto payloads = Payloads::of_size(100);
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const auto value = payloads.next();
        CHECK(value.size() == 100);
        CHECK(std::all_of(value.begin(), value.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
        seen.insert(std::string(value));
    }
    CHECK(seen.size() > 90);
}

TEST_CASE("values of a file are what stands between its delimiters") {
    const File file("one;two\n;three");
    Payloads payloads;
    REQUIRE_FALSE(Payloads::of_file(file.path, ";", 100, payloads));
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i)
        seen.insert(std::string(payloads.next()));
    CHECK(seen == std::set<std::string>{"one", "two\n", "three"});
}

TEST_CASE("a file of values that cannot be used is named") {
    Payloads payloads;
    CHECK(Payloads::of_file("/not/there", "\n", 100, payloads).status == Exit::files);
    const File empty("");
    const auto problem = Payloads::of_file(empty.path, "\n", 100, payloads);
    CHECK(problem.status == Exit::bad_data);
    CHECK(problem.sentence == empty.path + " is empty");
    const File wide("123456789\n");
    CHECK(Payloads::of_file(wide.path, "\n", 8, payloads).status == Exit::bad_data);
}

TEST_CASE("keys are the numbers below their count") {
    CHECK_FALSE(Keys(0).any());
    Keys keys(12);
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i)
        seen.insert(std::string(keys.next()));
    CHECK(seen.size() == 12);
    CHECK(seen.contains("0"));
    CHECK(seen.contains("11"));
}
