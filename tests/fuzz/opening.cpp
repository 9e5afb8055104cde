// SPDX-License-Identifier: Apache-2.0
// The opening of a connection, with TLS and SASL, where everything may fail and the broker and the
// mechanism say anything: it ends, after a bounded number of steps.
#include "core/opening.hpp"

#include "fuzz/script.hpp"
#include "fuzz/target.hpp"
#include "protocol/bytes.hpp"

namespace kafka::fuzz {
namespace {

using core::Opening;
using Step = Opening::Step;

// An input is a list of events: a byte that says whether the step succeeds, and its result.
enum Event : std::uint8_t { succeed, fail, lose, lose_later };

void walk(Opening& opening, Step step, Script& script) {
    int steps = 0, connections = 0;
    while (step != Step::done && step != Step::failed) {
        check(++steps < 500, "the opening ends");
        connections += step == Step::connect;
        check(connections <= 8, "the opening connects a few times");
        check(!opening.doing().empty(), "a step has words");
        switch (script.byte() % 8) {
            case fail:
                step = opening.failed({errc::tls_failed, "the script says so"});
                continue;
            case lose:
                step = opening.failed({errc::connection_lost, "the script says so"});
                continue;
            case lose_later:
                step = opening.failed({errc::connection_lost, "the script says so"}, true);
                continue;
            default:
                break;
        }
        switch (step) {
            case Step::send:
                check(!opening.api().empty(), "a question has a name");
                step = opening.answered(test::ExactBytes::of(script.bytes(script.byte())));
                break;
            case Step::turn:
                step = opening.turned(script.byte() % 4 ? std::optional(Secret(script.bytes(3)))
                                                        : std::nullopt);
                break;
            default:
                step = opening.resumed();
        }
    }
    if (step == Step::failed) {
        check(static_cast<bool>(opening.failure()), "a failure has a code");
        check(!opening.failure().message().empty(), "a failure has words");
        check(opening.failure().detail.size() < 2000, "which are not too many");
    }
    (void)core::reauthentication_time(opening.session_lifetime_ms(), {}, 0.5);
}

void run(Input input) {
    Script script(input);
    Opening opening(
        {(script.byte() & 1) != 0, script.byte() & 1 ? "SCRAM-SHA-512" : "", "kafka-asio", "1"});
    walk(opening, opening.start(), script);
    if (!opening.failure()) walk(opening, opening.reauthenticate(), script);
}

std::vector<Bytes> seeds() {
    // Version 0's refusal, rows for ApiVersions, SaslHandshake and SaslAuthenticate; then the
    // answers of a login of two rounds, and of another one.
    const Bytes refused{0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 0};
    const Bytes versions{0, 0, 0, 0, 0, 3, 0, 18, 0, 0, 0, 4, 0, 17, 0, 0, 0, 1, 0, 36, 0, 0, 0, 2};
    const Bytes mechanisms{0, 0, 0, 0, 0, 1, 0, 5, 'P', 'L', 'A', 'I', 'N'};
    const Bytes authenticated{0, 0, 1, 3, 'a', 'b', 0, 0, 0, 0, 0, 1, 0x86, 0xa0, 0};
    const auto answer = [](Bytes& seed, const Bytes& body) {
        seed.push_back(7);
        seed.push_back(static_cast<std::uint8_t>(body.size()));
        put(seed, Input(body));
    };
    const auto login = [&](Bytes& seed) {
        answer(seed, mechanisms);
        for (int round = 0; round < 2; ++round) {
            put(seed, Input(Bytes{7, 1, 'x', 'y', 'z'}));
            answer(seed, authenticated);
        }
        put(seed, Input(Bytes{7, 0}));
    };
    Bytes whole{1, 1, 7, 7, 7, 7};
    answer(whole, refused);
    answer(whole, versions);
    login(whole);
    login(whole);
    Bytes lost{0, 0, 7, 7, lose, 7, lose, 7};
    answer(lost, versions);
    return {whole, lost};
}

const Registration registration({"opening", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
