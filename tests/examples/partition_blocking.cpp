// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include <kafka/blocking.hpp>

int main(int argc, char** argv) try {
    kafka::blocking::Dialer dialer;
    auto conn = dialer.dial_leader(argc > 1 ? argv[1] : "localhost", "greetings", 0);
    auto written = conn.write("hello, world", {.compression = kafka::Compression::gzip});
    conn.seek(written.base_offset, kafka::Whence::absolute);
    std::cout << conn.read_message().value.text() << '\n';
} catch (const kafka::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
