// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <set>

#include <unistd.h>

namespace kafka_bench {
namespace {

template <typename Number>
Number number(std::string_view name, std::string_view text, Number least, Number most) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
        refuse(std::string{name} + "=" + std::string{text} + ": a number from " +
               std::to_string(least) + " to " + std::to_string(most) + " is needed");
    }
    return value;
}

[[noreturn]] void refuse_value(std::string_view name, std::string_view text, const char* allowed) {
    refuse(std::string{name} + "=" + std::string{text} + ": " + allowed + " is needed");
}

void set_mode(Options& options, std::string_view text) {
    for (const Mode mode : {Mode::produce, Mode::consume, Mode::latency, Mode::start}) {
        if (text == to_string(mode)) {
            options.mode = mode;
            return;
        }
    }
    refuse_value("mode", text, "produce, consume, latency or start");
}

void set_codec(Options& options, std::string_view text) {
    const std::size_t colon = text.find(':');
    options.codec = text.substr(0, colon);
    if (options.codec != "none" && options.codec != "gzip" && options.codec != "snappy" &&
        options.codec != "lz4" && options.codec != "zstd") {
        refuse_value("codec", text, "none, gzip, snappy, lz4 or zstd, or one of them and :LEVEL");
    }
    if (colon != std::string_view::npos) {
        options.codec_level = number<int>("codec", text.substr(colon + 1), -131'072, 22);
    }
}

void set_acks(Options& options, std::string_view text) {
    if (text == "all" || text == "-1") {
        options.acks = -1;
    } else if (text == "1" || text == "0") {
        options.acks = text == "1" ? 1 : 0;
    } else {
        refuse_value("acks", text, "all, 1 or 0");
    }
}

void set_linger(Options& options, std::string_view text) {
    options.linger_us.reset();
    if (text != "default") {
        options.linger_us = number<std::uint32_t>("linger_us", text, 0, 60'000'000);
    }
}

void set_settings(Options& options, std::string_view text) {
    if (text != "tuned" && text != "defaults") {
        refuse_value("settings", text, "tuned or defaults");
    }
    options.tuned = text == "tuned";
}

/// False for an unknown name.
bool set(Options& options, std::string_view name, std::string_view text) {
    constexpr std::uint64_t many = 1'000'000'000'000;
    if (name == "way") {
        options.way = text;
    } else if (name == "mode") {
        set_mode(options, text);
    } else if (name == "bootstrap") {
        options.bootstrap = text;
    } else if (name == "topic") {
        options.topic = text;
    } else if (name == "partitions") {
        options.partitions = number<std::int32_t>(name, text, 1, 100'000);
    } else if (name == "corpus") {
        options.corpus = text;
    } else if (name == "messages") {
        options.messages = number<std::uint64_t>(name, text, 1, many);
    } else if (name == "warmup") {
        options.warmup = number<std::uint64_t>(name, text, 0, many);
    } else if (name == "acks") {
        set_acks(options, text);
    } else if (name == "codec") {
        set_codec(options, text);
    } else if (name == "batch") {
        options.batch = number<std::uint32_t>(name, text, 1, 1'000'000'000);
    } else if (name == "linger_us") {
        set_linger(options, text);
    } else if (name == "in_flight") {
        options.in_flight = number<std::uint32_t>(name, text, 1, 1'000'000);
    } else if (name == "idempotent") {
        options.idempotent = number<int>(name, text, 0, 1) == 1;
    } else if (name == "threads") {
        options.threads = number<std::uint32_t>(name, text, 1, 1024);
    } else if (name == "clients") {
        options.clients = number<std::uint32_t>(name, text, 1, 1024);
    } else if (name == "settings") {
        set_settings(options, text);
    } else if (name == "fetch") {
        options.fetch = number<std::uint32_t>(name, text, 1, 1'000'000'000);
    } else if (name == "rate") {
        options.rate = static_cast<double>(number<std::uint32_t>(name, text, 1, 100'000'000));
    } else if (name == "ca") {
        options.ca = text;
    } else {
        return false;
    }
    return true;
}

}  // namespace

void refuse(const std::string& sentence) {
    std::fprintf(stderr, "%s\n", sentence.c_str());
    std::exit(2);
}

void fail(const std::string& sentence) {
    std::fprintf(stderr, "%s\n", sentence.c_str());
    std::fflush(nullptr);
    // No destructors: a client's other threads may be anywhere.
    _exit(1);
}

std::string_view to_string(Mode mode) {
    switch (mode) {
        case Mode::produce:
            return "produce";
        case Mode::consume:
            return "consume";
        case Mode::latency:
            return "latency";
        case Mode::start:
            return "start";
    }
    return "";
}

Options parse_options(std::span<const char* const> arguments) {
    Options options;
    std::set<std::string, std::less<>> seen;
    for (const char* const argument : arguments) {
        const std::string_view text{argument};
        const std::size_t equals = text.find('=');
        const std::string_view name = text.substr(0, equals);
        if (equals == std::string_view::npos) {
            refuse(std::string{text} + ": options have the form NAME=VALUE");
        }
        if (!seen.emplace(name).second) {
            refuse(std::string{name} + " is given twice");
        }
        if (!set(options, name, text.substr(equals + 1))) {
            refuse("there is no option " + std::string{name});
        }
    }
    if (options.way.empty()) {
        refuse("way= is needed; the only argument `ways` lists them");
    }
    if (options.bootstrap.empty()) {
        refuse("bootstrap= is needed");
    }
    if (options.clients > 1 && (options.mode != Mode::produce || options.threads > 1)) {
        refuse("clients= is for mode=produce with one thread");
    }
    if (options.mode != Mode::consume && options.corpus.empty()) {
        refuse("corpus= is needed to produce");
    }
    return options;
}

}  // namespace kafka_bench
