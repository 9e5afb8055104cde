// SPDX-License-Identifier: Apache-2.0
// bench-corpus: writes the file of records that drivers, the yardstick and bench/run share. Its
// layout is in bench/drivers/README.md.
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include <kafka/slice.hpp>

#include "base/crc32c.hpp"

namespace {

// xorshift64*: fast, and the same file for a seed everywhere.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 0x1234567) {}
    std::uint32_t below(std::uint32_t bound) {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        const auto high = (state_ * 0x2545f4914f6cdd1d) >> 32;
        return static_cast<std::uint32_t>((high * bound) >> 32);
    }
    template <std::size_t n>
    std::string_view one_of(const std::string_view (&texts)[n]) {
        return texts[below(n)];
    }

private:
    std::uint64_t state_;
};

constexpr std::string_view levels[] = {"INFO", "INFO", "INFO", "INFO", "WARN", "ERROR", "DEBUG"};
constexpr std::string_view services[] = {"checkout", "payments", "search",
                                         "basket",   "accounts", "catalogue"};
constexpr std::string_view paths[] = {"/v1/orders", "/v1/items", "/v2/users", "/v1/search",
                                      "/health"};
constexpr std::string_view statuses[] = {"200", "200", "200", "201", "204", "304", "404", "500"};
constexpr std::string_view words[] = {
    "request", "completed", "in",     "cache",   "miss",     "for",   "user",      "retry",
    "queue",   "depth",     "above",  "limit",   "accepted", "token", "refreshed", "upstream",
    "timeout", "row",       "loaded", "session", "expired",  "slow",  "query",     "connection"};

constexpr std::size_t prefix_size = 35;  // {"seq":"%08x","crc":"%08x",

void append_number(std::string& to, std::uint32_t number) {
    char digits[12];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    to.append(digits, end);
}

// What follows the prefix, exactly `size` bytes.
void append_rest(std::string& to, std::size_t size, Random& random) {
    const auto begin = to.size();
    to += "\"lvl\":\"";
    to += random.one_of(levels);
    to += "\",\"svc\":\"";
    to += random.one_of(services);
    constexpr std::size_t small = 150;  // has no room for more than a message
    if (size >= small) {
        to += "\",\"path\":\"";
        to += random.one_of(paths);
        to += '/';
        append_number(to, random.below(5000));
        to += "\",\"status\":\"";
        to += random.one_of(statuses);
    }
    // Long messages are several lines of a log in one.
    to += "\",\"msg\":\"";
    while (to.size() - begin < size) {
        for (auto left = 5 + random.below(8); left > 0; --left) {
            to += random.one_of(words);
            to += ' ';
        }
        to += "ms=";
        append_number(to, random.below(400));
        to += ' ';
    }
    to.resize(begin + size);
    to.back() = '}';
    if (size > 1) to[to.size() - 2] = '"';
}

void append_hex(std::string& to, std::uint32_t number) {
    for (int shift = 28; shift >= 0; shift -= 4)
        to += "0123456789abcdef"[number >> shift & 15];
}

void append_u32(std::string& to, std::uint32_t number) {
    to.append(reinterpret_cast<const char*>(&number), sizeof number);  // little-endian hosts only
}

struct Options {
    std::uint32_t size = 0, count = 0, seed = 1, keys = 0;
    std::string file;
};

int usage(std::string_view what) {
    std::fprintf(stderr,
                 "bench-corpus: %.*s\n"
                 "size=BYTES (at least 37) count=RECORDS file=PATH [seed=1] [keys=0|1]\n",
                 static_cast<int>(what.size()), what.data());
    return 2;
}

bool parse(Options& options, std::string_view argument) {
    const auto equals = argument.find('=');
    if (equals == std::string_view::npos) return false;
    const auto name = argument.substr(0, equals), text = argument.substr(equals + 1);
    if (name == "file") {
        options.file = text;
        return true;
    }
    auto* number = name == "size"    ? &options.size
                   : name == "count" ? &options.count
                   : name == "seed"  ? &options.seed
                   : name == "keys"  ? &options.keys
                                     : nullptr;
    if (!number) return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
    return error == std::errc{} && end == text.data() + text.size();
}

void append_record(std::string& to, std::uint32_t index, const Options& options, Random& random) {
    std::string key, header;
    if (options.keys) {
        // A thousand keys for each million records or so: some come often.
        key = "user-";
        append_hex(key, random.below(random.below(4) ? 100'000 : 100) * 2'654'435'761U);
        header = "span-";
        append_hex(header, random.below(0xffffffff));
    }
    append_u32(to, static_cast<std::uint32_t>(key.size()));
    append_u32(to, options.size);
    append_u32(to, static_cast<std::uint32_t>(header.size()));
    to += key;
    to += "{\"seq\":\"";
    append_hex(to, index);
    to += "\",\"crc\":\"";
    const auto checksum_at = to.size();
    to += "00000000\",";
    const auto rest_at = to.size();
    append_rest(to, options.size - prefix_size, random);
    const auto checksum = kafka::crc32c(kafka::as_bytes(std::string_view(to).substr(rest_at)));
    std::string hex;
    append_hex(hex, checksum);
    to.replace(checksum_at, hex.size(), hex);
    to += header;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        if (!parse(options, argv[i])) return usage(argv[i] + std::string(": not understood"));
    }
    if (options.size < prefix_size + 2 || options.size > 100'000'000)
        return usage("size= is missing or out of range");
    if (options.count == 0) return usage("count= is missing");
    if (options.keys > 1) return usage("keys= is 0 or 1");
    if (options.file.empty()) return usage("file= is missing");
    auto* const file = std::fopen(options.file.c_str(), "wbe");
    if (!file) {
        std::perror(options.file.c_str());
        return 1;
    }
    std::string out = "KABC0001";
    append_u32(out, options.count);
    append_u32(out, options.keys);
    Random random(options.seed);
    constexpr std::size_t enough = 1 << 20;
    bool written = true;
    for (std::uint32_t i = 0; i < options.count; ++i) {
        append_record(out, i, options, random);
        if (out.size() >= enough || i + 1 == options.count) {
            written = written && std::fwrite(out.data(), 1, out.size(), file) == out.size();
            out.clear();
        }
    }
    if (std::fclose(file) != 0 || !written) {
        std::perror(options.file.c_str());
        return 1;
    }
    return 0;
}
