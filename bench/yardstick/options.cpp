// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <kafka/codec.hpp>

namespace yardstick {
namespace {

[[noreturn]] void refuse(const std::string& sentence) {
    std::fprintf(stderr, "yardstick: %s\n", sentence.c_str());
    std::exit(2);
}

std::int64_t number(std::string_view name, std::string_view text, std::int64_t least,
                    std::int64_t most) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
        refuse(std::string(name) + "=" + std::string(text) + ": a number from " +
               std::to_string(least) + " to " + std::to_string(most) + " is needed");
    }
    return value;
}

void set_codec(Options& options, std::string_view text) {
    const auto colon = text.find(':');
    const auto codec = kafka::compression_from_name(text.substr(0, colon));
    if (!codec)
        refuse("codec=" + std::string(text) + ": none, gzip, snappy, lz4 or zstd is needed");
    if (!kafka::codec::available(*codec)) {
        refuse("codec=" + std::string(text) + ": not compiled in");
    }
    options.codec = *codec;
    if (colon != std::string_view::npos) {
        const auto range = kafka::codec::level_range(*codec);
        options.codec_level =
            static_cast<int>(number("codec", text.substr(colon + 1), range.lowest, range.highest));
    }
}

bool set(Options& options, std::string_view name, std::string_view text) {
    if (name == "brokers") {
        options.brokers = static_cast<int>(number(name, text, 1, 100));
    } else if (name == "partitions") {
        options.partitions = static_cast<std::int32_t>(number(name, text, 1, 100'000));
    } else if (name == "profile") {
        if (text != "new" && text != "old") refuse("profile= is new or old");
        options.newest = text == "new";
    } else if (name == "verify") {
        options.verify = number(name, text, 0, 1) == 1;
    } else if (name == "corpus") {
        options.corpus = text;
    } else if (name == "codec") {
        set_codec(options, text);
    } else if (name == "log_batch") {
        options.log_batch = static_cast<std::size_t>(number(name, text, 128, 100'000'000));
    } else if (name == "log_rounds") {
        options.log_rounds = number(name, text, 0, 1'000'000);
    } else if (name == "delay_us") {
        options.delay_us = number(name, text, 0, 60'000'000);
    } else if (name == "certificate") {
        options.certificate = text;
    } else if (name == "key") {
        options.key = text;
    } else {
        return false;
    }
    return true;
}

}  // namespace

Options parse_options(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        const auto equals = argument.find('=');
        if (equals == std::string_view::npos ||
            !set(options, argument.substr(0, equals), argument.substr(equals + 1))) {
            refuse(std::string(argument) + ": there is no such option");
        }
    }
    if (options.verify && options.corpus.empty()) refuse("verify=1 needs corpus=");
    if (options.certificate.empty() != options.key.empty())
        refuse("TLS needs certificate= and key=");
    // OpenSSL has no reading and writing of one connection by two threads.
    if (options.tls() && options.delay_us) refuse("delay_us= does not go with TLS");
    return options;
}

}  // namespace yardstick
