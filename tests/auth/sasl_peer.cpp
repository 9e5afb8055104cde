// SPDX-License-Identifier: Apache-2.0
// A program that the Python tests here run: it fetches a token from an endpoint, or authenticates
// by Kerberos with the server side of Cyrus SASL.
//
//   sasl-peer credentials|jwt|gssapi NAME=VALUE...
//
// Prints what came out as NAME=VALUE lines. Exits with 1 and the failure's text when it failed.
#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>

#include <kafka/sasl_kerberos.hpp>
#include <kafka/sasl_oauth.hpp>

#if KAFKA_HAVE_CYRUS
#include <sasl/sasl.h>
#endif

namespace {

using namespace kafka::sasl;
using kafka::Failure;
using kafka::Result;
using kafka::Secret;

using Arguments = std::map<std::string, std::string>;

Time now() {
    return Time::clock::now();
}

void print(std::string_view name, std::string_view value) {
    std::printf("%s=%s\n", std::string(name).c_str(), std::string(value).c_str());
}

int fail(const Failure& failure) {
    print("failure", failure.message());
    return 1;
}

void print_expiry(std::optional<Time> expires) {
    if (!expires) return;
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(*expires - now());
    print("expires_in", std::to_string(left.count()));
}

int fetch(const TokenProvider& provider) {
    const auto token = provider(now());
    if (!token) return fail(token.failure());
    print("token", token->value.reveal_text());
    print_expiry(token->expires);
    for (const auto& [key, value] : token->extensions)
        print(key, value);
    return 0;
}

TokenEndpoint endpoint(Arguments& given) {
    TokenEndpoint endpoint;
    endpoint.url = given["url"];
    endpoint.ca_file = given["ca"];
    endpoint.ca_pem = given["ca_pem"];
    endpoint.allow_http_on_loopback = given.contains("loopback");
    if (given.contains("timeout"))
        endpoint.timeout = std::chrono::seconds(std::stoi(given["timeout"]));
    return endpoint;
}

int credentials(Arguments& given) {
    ClientCredentials config;
    config.endpoint = endpoint(given);
    config.client_id = given["id"];
    config.client_secret = Secret(given["secret"]);
    config.scope = given["scope"];
    config.credentials_in_body = given.contains("in_body");
    config.encode_credentials = given.contains("encode");
    config.extensions = {{"cluster", "one"}};
    return fetch(token_from(std::move(config)));
}

int jwt(Arguments& given) {
    JwtBearer config;
    config.endpoint = endpoint(given);
    config.private_key_file = given["key_file"];
    config.private_key = Secret(given["key"]);
    config.passphrase = Secret(given["passphrase"]);
    if (given["algorithm"] == "ES256") config.algorithm = JwtBearer::Algorithm::es256;
    config.key_id = "key-1";
    config.issuer = "issuer";
    config.subject = "alice";
    config.audience = "https://idp.example";
    config.with_id = true;
    config.claims = {{"team", "blue"}};
    config.scope = given["scope"];
    return fetch(token_from(std::move(config)));
}

#if KAFKA_HAVE_CYRUS

/// The broker's side of GSSAPI, by Cyrus SASL with the keytab in KRB5_KTNAME.
class Server {
public:
    Server(const std::string& service, const std::string& host) {
        if (sasl_server_new(service.c_str(), host.c_str(), nullptr, nullptr, nullptr, nullptr, 0,
                            &connection_) != SASL_OK)
            return;
        sasl_security_properties_t properties{};
        properties.maxbufsize = 65536;  // no layer is wanted: max_ssf stays 0
        sasl_setprop(connection_, SASL_SEC_PROPS, &properties);
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() { sasl_dispose(&connection_); }

    /// SASL_OK or SASL_CONTINUE, with the answer in `out`.
    int step(std::string_view in, std::string& out) {
        const char* data = nullptr;
        unsigned size = 0;
        const auto length = static_cast<unsigned>(in.size());
        const int code =
            begun_ ? sasl_server_step(connection_, in.data(), length, &data, &size)
                   : sasl_server_start(connection_, "GSSAPI", in.data(), length, &data, &size);
        begun_ = true;
        out.assign(data ? data : "", data ? size : 0);
        return code;
    }
    std::string user() {
        const void* name = nullptr;
        sasl_getprop(connection_, SASL_USERNAME, &name);
        return name ? static_cast<const char*>(name) : "";
    }
    std::string problem() { return sasl_errdetail(connection_); }

private:
    sasl_conn_t* connection_ = nullptr;
    bool begun_ = false;
};

int authenticate(const MechanismPtr& mechanism, const std::string& service,
                 const std::string& host) {
    auto exchange = mechanism->start({host, 9092});
    if (!exchange) return fail(exchange.failure());
    Server server(service, host);
    std::string challenge;
    bool verdict = false;
    for (int round = 0; round < 10; ++round) {
        const auto bytes = kafka::as_bytes(challenge);
        const auto step = (*exchange)->step(bytes, now());
        if (!step) return fail(step.failure());
        if (step->done) {
            if (!verdict) return fail({kafka::errc::sasl_authentication_failed, "done too early"});
            print("user", server.user());
            print_expiry((*exchange)->expires());
            return 0;
        }
        const int code = server.step(step->response.reveal_text(), challenge);
        if (code != SASL_OK && code != SASL_CONTINUE)
            return fail((*exchange)->refused(kafka::broker_errc::sasl_authentication_failed,
                                             server.problem()));
        verdict = code == SASL_OK;
    }
    return fail({kafka::errc::sasl_authentication_failed, "no end"});
}

int gssapi(Arguments& given) {
    if (sasl_server_init(nullptr, "sasl-peer") != SASL_OK) return 2;
    Gssapi config;
    if (given.contains("service")) config.service = given["service"];
    config.principal = given["principal"];
    config.keytab = given["keytab"];
    config.ccache = given["ccache"];
    const auto mechanism = make_mechanism(config);
    print("mechanism", mechanism->to_string());
    // Twice: the second finds the tickets of the first.
    int code = 0;
    for (int i = 0; i < 2 && code == 0; ++i)
        code = authenticate(mechanism, config.service, given["host"]);
    // No sasl_done(): it unloads the plugins, and a leak checker cannot follow them then.
    return code;
}

#else

int gssapi(Arguments&) {
    print("skip", "built without Cyrus SASL");
    return 0;
}

#endif

}  // namespace

int main(int argc, char** argv) {
    Arguments given;
    for (int i = 2; i < argc; ++i) {
        const std::string_view argument(argv[i]);
        const auto equals = argument.find('=');
        given.emplace(argument.substr(0, equals),
                      equals == argument.npos ? "" : argument.substr(equals + 1));
    }
    const std::string_view what = argc > 1 ? argv[1] : "";
    if (what == "credentials") return credentials(given);
    if (what == "jwt") return jwt(given);
    if (what == "gssapi") return gssapi(given);
    std::fputs("usage: sasl-peer credentials|jwt|gssapi NAME=VALUE...\n", stderr);
    return 2;
}
