// SPDX-License-Identifier: Apache-2.0
// Tokens and the JSON around them: from identity providers, brokers and, for the development
// broker, clients.
#include "auth/token.hpp"

#include <string>

#include "auth/base64.hpp"
#include "auth/json.hpp"
#include "auth/oidc.hpp"
#include "auth/server.hpp"
#include "fuzz/script.hpp"

namespace kafka::fuzz {
namespace {

const sasl::Time now = sasl::Time(std::chrono::seconds(1'700'000'000));

void run_base64(Input input) {
    for (const auto form : {auth::Base64::standard, auth::Base64::url}) {
        const auto read = auth::read_base64(as_text(input), form);
        if (read)
            check(auth::base64(read->reveal(), form) == as_text(input), "bytes have one form only");
        const auto again = auth::read_base64(auth::base64(input, form), form);
        check(again && as_text(input) == again->reveal_text(), "what is written reads back");
    }
}

// The token begins with a letter that cannot be the end of an escape.
void run_broker_reason(Input input) {
    auto exchange =
        sasl::make_mechanism(sasl::OAuthBearer{sasl::fixed_token({Secret("secret-token-value")})})
            ->start({"host", 1});
    check(exchange && (*exchange)->step({}, now), "the client begins");
    const auto step = (*exchange)->step(input, now);
    if (!step || step->done) return;
    const auto failure = (*exchange)->refused({}, as_text(input));
    check(failure.detail.find("secret-token-value") == std::string::npos,
          "a token is not told, whoever says it");
    for (const char c : failure.detail)
        check(static_cast<unsigned char>(c) >= ' ', "a failure's text is one printable line");
}

void run(Input input) {
    run_base64(input);
    run_broker_reason(input);
    static_cast<void>(auth::read_json_object(as_text(input)));
    if (const auto jwt = auth::read_jwt(as_text(input))) {
        if (const auto time = auth::time_claim(jwt->claims, "exp"))
            check(auth::to_seconds(*time) >= 0, "times are after 1970");
    }
    for (const long status : {200L, 401L})
        static_cast<void>(auth::read_token_answer({status, Secret(input)}, now));
    const auto server = auth::make_oauth_server();
    if (const auto step = server->step(input, now); step && step->done)
        check(!server->user().empty() && server->expires() > now, "who is let in has a name");
    // The same as a token.
    Secret message(std::string_view("n,,\1auth=Bearer "));
    message.append(input).append("\1\1");
    static_cast<void>(auth::make_oauth_server()->step(message.reveal(), now));
}

std::vector<Bytes> seeds() {
    const auto part = [](std::string_view text) {
        return auth::base64(as_bytes(text), auth::Base64::url);
    };
    const auto jwt = part(R"({"alg":"none"})") + "." +
                     part(R"({"sub":"alice","exp":1800000000,"scope":"a b"})") + ".";
    std::vector<Bytes> seeds;
    for (const auto& text :
         {jwt, "n,,\1auth=Bearer " + jwt + "\1\1", "n,a=alice,\1auth=Bearer " + jwt + "\1k=v\1\1",
          std::string(R"({"access_token":"abc","expires_in":300,"x":[1,{"y":null}]})"),
          std::string(R"({"error":"invalid_client","error_description":"\u00e4\ud83d\ude00"})"),
          std::string(R"({"status":"invalid_token","scope":"secret-token-value"})"),
          std::string(R"({"exp":1e300,"a":-0.5E-1,"t":true,"f":false})"),
          std::string("Zm9vYg==")}) {
        const auto bytes = as_bytes(text);
        seeds.emplace_back(bytes.begin(), bytes.end());
    }
    return seeds;
}

const Registration registration({"token", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
