// SPDX-License-Identifier: Apache-2.0
// The opening of a connection against a broker that says anything: it ends, and its outcome serves
// to choose versions.
#include "core/handshake.hpp"

#include "core/versions.hpp"
#include "fuzz/messages.hpp"
#include "protocol/bytes.hpp"

namespace kafka::fuzz {
namespace {

using core::Handshake;

void run(Input input) {
    Script script(input);
    Handshake handshake("kafka-asio", "1");
    auto step = handshake.start();
    int questions = 0;
    auto last = handshake.version() + 1;
    while (step == Handshake::Step::send) {
        check(handshake.version() < last, "each question has a lower version than the last");
        last = handshake.version();
        check(++questions < 16, "the handshake ends");
        step = handshake.resume(test::ExactBytes::of(script.bytes(script.number<std::uint16_t>())));
    }
    if (step == Handshake::Step::failed) {
        check(!handshake.failure().message().empty(), "a failure has words");
        check(static_cast<bool>(handshake.failure()), "a failure has a code");
        return;
    }
    const core::VersionTable table(handshake.take_response());
    for (const auto& api : protocol::apis()) {
        const auto version = core::choose_version(*api.request, table);
        if (!version) continue;
        check(table.find(api.request->api_key).contains(*version), "the broker has the version");
        check(api.request->stable().contains(*version), "we have the version, and it is final");
    }
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> seeds;
    for (const auto& choice : responses()) {
        if (choice.info->api_key != 18) continue;
        const auto body = encoded(choice, random_message(choice, 5).get());
        const auto plain = encoded(choice, choice.make().get());
        for (const auto& answer : {body, plain}) {
            Bytes direct;
            put(direct, static_cast<std::uint16_t>(answer.size()));
            put(direct, answer);
            // Refused first: error 35 with the row of ApiVersions in the form of version 0.
            Bytes refused{0, 16, 0,  35, 0, 0, 0,
                          1, 0,  18, 0,  0, 0, static_cast<std::uint8_t>(choice.version),
                          0, 0};
            refused[1] = 14;
            put(refused, direct);
            seeds.push_back(std::move(direct));
            seeds.push_back(std::move(refused));
        }
    }
    // One that succeeds: no error, rows for ApiVersions, Fetch and Metadata, and no throttling.
    seeds.push_back({0, 14, 0, 35, 0,  0, 0, 1, 0, 18, 0, 0, 0, 0, 0,  0, 0, 24, 0, 0, 0,
                     0, 0,  3, 0,  18, 0, 0, 0, 4, 0,  1, 0, 4, 0, 99, 0, 3, 0,  0, 0, 13});
    return seeds;
}

const Registration registration({"handshake", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
