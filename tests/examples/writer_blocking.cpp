// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <iostream>

#include <kafka/blocking.hpp>

int main(int argc, char** argv) try {
    std::atomic<int> stored = 0;
    kafka::WriterConfig config{.topic = "orders"};
    config.on_records = [&](const kafka::WrittenRecords& records) {  // on the writer's thread
        if (!records.error) stored += static_cast<int>(records.cookies.size());
    };
    kafka::blocking::Writer writer({.bootstrap = argc > 1 ? argv[1] : "localhost"}, config);
    for (int i = 0; i < 100'000; ++i)
        writer.write({.value = std::to_string(i)});  // from any number of threads
    writer.close();
    std::cout << stored << " records are stored\n";
} catch (const kafka::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
