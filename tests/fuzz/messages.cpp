// SPDX-License-Identifier: Apache-2.0
#include "fuzz/messages.hpp"

#include "protocol/bytes.hpp"
#include "protocol/random.hpp"

namespace kafka::fuzz {
namespace {

void add(std::vector<Choice>& to, const protocol::MessageInfo& info,
         protocol::AnyMessage (*make)()) {
    for (int v = info.versions.min; v <= info.versions.max; ++v)
        to.push_back({&info, make, v});
}

// The default grows with the input, and an equal message may have a shorter form: the same bound
// for both.
constexpr protocol::DecodeLimits limits{.max_memory = 16 * 1024 * 1024};

}  // namespace

const std::vector<Choice>& requests() {
    static const auto all = [] {
        std::vector<Choice> choices;
        for (const auto& api : protocol::apis())
            add(choices, *api.request, api.make_request);
        return choices;
    }();
    return all;
}

const std::vector<Choice>& responses() {
    static const auto all = [] {
        std::vector<Choice> choices;
        for (const auto& api : protocol::apis())
            add(choices, *api.response, api.make_response);
        return choices;
    }();
    return all;
}

const std::vector<Choice>& all_messages() {
    static const auto all = [] {
        auto choices = requests();
        choices.insert(choices.end(), responses().begin(), responses().end());
        for (const auto& part : protocol::parts())
            add(choices, *part.info, part.make);
        return choices;
    }();
    return all;
}

const Choice& choose(const std::vector<Choice>& from, Script& script) {
    return from[script.number<std::uint16_t>() % from.size()];
}

protocol::AnyMessage random_message(const Choice& choice, std::uint64_t seed) {
    auto message = choice.make();
    protocol::randomize(*choice.info, message.get(), choice.version,
                        {.seed = seed, .most_elements = 2, .unknown_tags = true});
    return message;
}

Bytes encoded(const Choice& choice, const void* message) {
    protocol::Gather out;
    const auto failure = protocol::encode(*choice.info, message, choice.version, out);
    check(!failure, failure.message().c_str());
    const auto flat = out.flat();
    return {flat.bytes().begin(), flat.bytes().end()};
}

protocol::AnyMessage take(const Choice& choice, Input bytes) {
    auto message = choice.make();
    const auto& info = *choice.info;
    const auto failure = protocol::decode_all(info, message.get(), choice.version,
                                              test::ExactBytes::of(bytes), limits);
    check(protocol::print(info, message.get(), choice.version).size() >= 2, "a message has text");
    if (failure) {
        check(failure.code == errc::malformed_message || failure.code == errc::limit_exceeded,
              "a decoder fails with one of its documented errors");
        check(failure.detail.find(info.name) != std::string::npos, "an error names its message");
        return {nullptr, [](void*) {}};
    }
    check(protocol::equal(info, message.get(), message.get()), "a message equals itself");
    // What could be read can be written, and that is the same message again.
    const auto written = encoded(choice, message.get());
    auto copy = choice.make();
    const auto again = protocol::decode_all(info, copy.get(), choice.version,
                                            test::ExactBytes::of(written), limits);
    check(!again, again.message().c_str());
    check(protocol::equal(info, message.get(), copy.get()),
          "decode, encode, decode gives the same message");
    check(encoded(choice, copy.get()) == written, "equal messages have equal bytes");
    return message;
}

std::vector<Bytes> seeds_of(const std::vector<Choice>& from) {
    std::vector<Bytes> seeds;
    for (std::size_t i = 0; i < from.size(); ++i) {
        Bytes seed;
        put(seed, static_cast<std::uint16_t>(i));
        put(seed, encoded(from[i], random_message(from[i], i).get()));
        seeds.push_back(std::move(seed));
    }
    return seeds;
}

}  // namespace kafka::fuzz
