// SPDX-License-Identifier: Apache-2.0
#include "client.hpp"

#include <array>
#include <mutex>

namespace kafka_bench {
namespace {

// What librdkafka complained of last while it went on trying. Written by its callbacks, read by the
// watch.
std::mutex trouble_lock;
std::string trouble;

void on_error(rd_kafka_t* client, int error, const char* reason, void*) {
    const std::scoped_lock lock{trouble_lock};
    trouble = reason;
    if (error == RD_KAFKA_RESP_ERR__FATAL) {
        std::array<char, 512> text{};
        rd_kafka_fatal_error(client, text.data(), text.size());
        fail("librdkafka: " + std::string{text.data()});
    }
}

/// Some of librdkafka's sentences end a line.
std::string sentence(const char* text) {
    std::string result = text;
    while (!result.empty() && result.back() == '\n') {
        result.pop_back();
    }
    return result;
}

}  // namespace

Settings::Settings(Run& run) : run_{run}, conf_{rd_kafka_conf_new()} {
    const Options& options = run.options();
    rd_kafka_conf_set_error_cb(conf_, on_error);
    // Errors come through the callback; without it they would also be lines on standard error.
    rd_kafka_conf_set_log_cb(conf_, [](const rd_kafka_t*, int, const char*, const char*) {});
    set("bootstrap.servers", options.bootstrap);
    if (!options.ca.empty()) {
        set("security.protocol", "ssl");
        set("ssl.ca.location", options.ca);
    }
}

Settings::~Settings() {
    if (conf_ != nullptr) {
        rd_kafka_conf_destroy(conf_);
    }
}

void Settings::set(const std::string& name, const std::string& value) {
    std::array<char, 512> text{};
    if (rd_kafka_conf_set(conf_, name.c_str(), value.c_str(), text.data(), text.size()) !=
        RD_KAFKA_CONF_OK) {
        refuse("librdkafka refuses " + name + "=" + value + ": " + sentence(text.data()));
    }
    if (name != "bootstrap.servers") {
        run_.setting(name, value);
    }
}

rd_kafka_t* Settings::create(rd_kafka_type_t type) {
    std::array<char, 512> text{};
    rd_kafka_t* const client = rd_kafka_new(type, conf_, text.data(), text.size());
    if (client == nullptr) {
        refuse("librdkafka refuses: " + sentence(text.data()));
    }
    conf_ = nullptr;
    return client;
}

void Watch::check(std::uint64_t done) {
    constexpr std::int64_t patience_ns = 120'000'000'000;
    if (done != done_) {
        done_ = done;
        since_ns_ = now_ns();
    } else if (now_ns() - since_ns_ > patience_ns) {
        const std::scoped_lock lock{trouble_lock};
        fail("no progress for 120 s: " + std::to_string(done) + " records are done" +
             (trouble.empty() ? "" : ", " + trouble));
    }
}

}  // namespace kafka_bench
