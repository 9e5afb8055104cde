// SPDX-License-Identifier: Apache-2.0
// SCRAM's messages, from either side, and the whole client against a hostile broker.
#include <string>
#include <string_view>

#include "auth/scram_message.hpp"
#include "auth/server.hpp"
#include "fuzz/script.hpp"

namespace kafka::fuzz {
namespace {

constexpr std::string_view nonce = "client-nonce";

void run_readers(std::string_view text) {
    if (const auto first = auth::read_client_first(text))
        check(first->text() == text, "a client's first message that is taken is written alike");
    if (const auto first = auth::read_server_first(text, nonce, 1'000'000)) {
        check(first->iterations >= 4096 && first->iterations <= 1'000'000,
              "iterations are within their limits");
        check(first->nonce.size() > nonce.size() && first->nonce.starts_with(nonce),
              "the nonce extends ours");
        check(!first->salt.empty() && first->salt.size() <= auth::max_scram_salt,
              "the salt is within its limits");
        check(text.starts_with(first->text()), "what was read writes as it was");
    }
    if (const auto last = auth::read_client_final(text))
        check(text.starts_with(last->without_proof + ",p="), "the proof stands last");
    if (const auto signature = auth::read_server_final(text))
        check(!signature->empty(), "a signature is not empty");
    if (const auto name = auth::unescape_scram_name(text))
        check(auth::escape_scram_name(*name).size() >= name->size(), "escaping never shortens");
}

// Two challenges, of which no sequence may lead to success: the password is not in them.
void run_client(Script script) {
    sasl::Scram config{"user", Secret("password"), sasl::Scram::Hash::sha256};
    config.max_iterations = 4096;  // a derivation is slow enough
    auto exchange =
        auth::make_scram_with_nonce(std::move(config), std::string(nonce))->start({"host", 1});
    if (!exchange) return;
    check((*exchange)->step({}, {}).has_value(), "the client begins");
    const auto first = (*exchange)->step(script.bytes(script.number<std::uint16_t>()), {});
    if (!first) return;
    const auto last = (*exchange)->step(script.rest(), {});
    check(!last, "nobody proves to know the password by chance");
}

void run_server(Input input) {
    const auto server = auth::make_scram_server(
        auth::Hash::sha256,
        [](std::string_view, bool) -> std::optional<auth::ScramCredential> {
            return auth::ScramCredential{Secret("salt"), 4096, Secret(std::string(32, 's')),
                                         Secret(std::string(32, 'k'))};
        },
        "server-nonce");
    Script script(input);
    const auto first = server->step(script.bytes(script.number<std::uint16_t>()), {});
    if (!first) return;
    check(!first->done, "nobody is let in by a first message");
    check(!server->step(script.rest(), {}), "nobody proves to know the password by chance");
}

void run(Input input) {
    run_readers(as_text(input));
    run_client(Script(input));
    run_server(input);
}

Bytes with_length(std::string_view first, std::string_view last) {
    Bytes seed;
    seed.reserve(first.size() + last.size() + 2);  // g++ 12 sees a false overrun without
    put(seed, static_cast<std::uint16_t>(first.size()));
    put(seed, as_bytes(first));
    put(seed, as_bytes(last));
    return seed;
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> seeds;
    for (const std::string_view text :
         {"n,,n=user,r=client-nonce", "n,a=b=2Cc,n=us=3Der,r=x,tokenauth=true",
          "r=client-nonce-server,s=c2FsdA==,i=4096", "r=client-nonce-server,s=c2FsdA==,i=1000001",
          "r=client-nonce-server,s=c2FsdA==,i=010001", "r=client-nonce,s=c2FsdA==,i=4096,x=y",
          "m=x,r=client-nonce1,s=c2FsdA==,i=4095",
          "c=biws,r=client-nonceserver-nonce,p=c2FsdA==", "v=c2FsdA==", "e=other-error"}) {
        const auto bytes = as_bytes(text);
        seeds.emplace_back(bytes.begin(), bytes.end());
    }
    seeds.push_back(with_length("r=client-nonce-server,s=c2FsdA==,i=4096", "v=c2FsdA=="));
    seeds.push_back(
        with_length("n,,n=user,r=client-nonce", "c=biws,r=client-nonceserver-nonce,p=c2FsdA=="));
    return seeds;
}

const Registration registration({"scram", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
