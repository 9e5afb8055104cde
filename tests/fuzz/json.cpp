// SPDX-License-Identifier: Apache-2.0
// The JSON form of messages: the input as text, or the text of a valid message that the input
// changes. What can be read can be written, and is the same when it is read again.
#include <algorithm>
#include <string>
#include <string_view>

#include <kafka/protocol/json.hpp>

#include "fuzz/messages.hpp"
#include "protocol/bytes.hpp"

namespace kafka::fuzz {
namespace {

void check_failure(const Failure& failure) {
    check(failure.code == errc::invalid_argument || failure.code == errc::unsupported_version,
          "JSON fails with one of its documented errors");
    check(!failure.detail.empty() && failure.detail.size() < 8192, "a failure has words, not many");
}

// Null where the text is no such message.
protocol::AnyMessage read(const Choice& choice, std::string_view any, bool lenient) {
    const auto& info = *choice.info;
    const auto exact = test::ExactBytes::of(as_bytes(any));
    const auto text = as_text(exact.bytes());
    auto message = choice.make();
    const auto failure = protocol::from_json(info, message.get(), choice.version, text,
                                             {.missing_is_default = lenient});
    check(protocol::print(info, message.get(), choice.version).size() >= 2, "a message has text");
    if (failure) {
        check_failure(failure);
        check(failure.detail.find(info.name) != std::string::npos, "an error names its message");
        return {nullptr, [](void*) {}};
    }
    const auto written = protocol::to_json(info, message.get(), choice.version);
    check(static_cast<bool>(written), "what was read can be written");
    auto copy = choice.make();
    const auto again = protocol::from_json(info, copy.get(), choice.version, *written);
    check(!again, again.message().c_str());
    check(protocol::equal(info, message.get(), copy.get()), "and is the same when read again");
    check(*protocol::to_json(info, copy.get(), choice.version) == *written,
          "equal messages have equal text");
    return message;
}

void read_log(std::string_view line) {
    const auto exact = test::ExactBytes::of(as_bytes(line));
    const auto logged = protocol::read_request_log(as_text(exact.bytes()));
    if (!logged) return check_failure(logged.failure());
    check(logged->api && logged->request, "a logged request has its API and its message");
}

// As a broker's log has it.
std::string log_line(const Choice& choice, std::string_view text) {
    return "[2026-01-01] {\"requestHeader\":{\"requestApiKey\":" +
           std::to_string(choice.info->api_key) +
           ",\"requestApiVersion\":" + std::to_string(choice.version) +
           ",\"correlationId\":1,\"clientId\":\"c\"},\"request\":" + std::string(text) +
           ",\"response\":null} (kafka.request.logger)";
}

// Pieces of JSON: what a change puts in place of bytes.
constexpr std::string_view pieces[] = {"null",        "true",
                                       "-1",          "0",
                                       "1e400",       "\"\"",
                                       "[]",          "{}",
                                       "[",           "]",
                                       "{",           "}",
                                       ",",           ":",
                                       "\"",          "\\u00",
                                       "NaN",         "\xff",
                                       "\"tag\":",    "9999999999",
                                       "\"AA==\"",    "unknownTaggedFields",
                                       "SizeInBytes", "-0.0"};

void change(std::string& text, Script& script) {
    const auto place = script.number<std::uint16_t>() % (text.size() + 1);
    const auto left = text.size() - place;
    switch (script.byte() % 4) {
        case 0:
            text.insert(place, pieces[script.byte() % std::size(pieces)]);
            break;
        case 1:
            text.erase(place, 1 + script.byte() % 32);
            break;
        case 2: {
            const auto size = std::min<std::size_t>(1 + script.byte() % 8, left);
            text.replace(place, size, pieces[script.byte() % std::size(pieces)]);
            break;
        }
        default: {  // a part of it again: fields twice, deeper arrays
            const auto part = text.substr(place, script.byte());
            text.insert(script.number<std::uint16_t>() % (text.size() + 1), part);
        }
    }
}

void run(Input input) {
    Script script(input);
    const auto& choice = choose(all_messages(), script);
    const auto how = script.byte();
    const bool lenient = how & 1;
    if (!(how & 2)) {
        const auto text = as_text(script.rest());
        read(choice, text, lenient);
        read_log(text);
        read_log(log_line(choice, text));
        return;
    }
    const auto message = random_message(choice, script.number<std::uint16_t>());
    const auto written = protocol::to_json(*choice.info, message.get(), choice.version);
    check(static_cast<bool>(written), "a random message has JSON");
    const auto unchanged = read(choice, *written, false);
    check(unchanged && protocol::equal(*choice.info, message.get(), unchanged.get()),
          "what is written is read");
    auto text = *written;
    for (int changes = 0; !script.empty() && changes < 8; ++changes) {
        change(text, script);
        read(choice, text, lenient);
    }
    if (choice.info->kind == protocol::MessageKind::request) read_log(log_line(choice, text));
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> seeds;
    for (std::uint16_t i = 0; i < all_messages().size(); ++i) {
        const auto& choice = all_messages()[i];
        if (choice.version != choice.info->versions.max && i % 5 != 0) continue;
        const auto message = random_message(choice, i);
        const auto text = protocol::to_json(*choice.info, message.get(), choice.version);
        check(static_cast<bool>(text), "a seed has JSON");
        Bytes plain;
        put(plain, i);
        plain.push_back(static_cast<std::uint8_t>(i % 2));
        put(plain, as_bytes(*text));
        if (plain.size() < 4000) seeds.push_back(std::move(plain));
        Bytes changed;
        put(changed, i);
        changed.push_back(static_cast<std::uint8_t>(2 + i % 2));
        put(changed, i);
        for (std::uint8_t kind = 0; kind < 4; ++kind)
            put(changed, Bytes{0, static_cast<std::uint8_t>(i * 7 + kind), kind, 3, 1, 0});
        seeds.push_back(std::move(changed));
    }
    Bytes deep{0, 0, 1};
    put(deep, as_bytes("{\"topics\":" + std::string(2000, '[')));
    seeds.push_back(std::move(deep));
    return seeds;
}

const Registration registration({"json", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
