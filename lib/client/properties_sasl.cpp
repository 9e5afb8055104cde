// SPDX-License-Identifier: Apache-2.0
// From `sasl.*` to a mechanism.
#include <charconv>
#include <optional>

#include <kafka/sasl_aws.hpp>
#include <kafka/sasl_kerberos.hpp>

#include "base/escape.hpp"
#include "client/jaas.hpp"
#include "client/property_table.hpp"
#include "client/property_tokens.hpp"

namespace kafka::properties {
namespace {

using Given = Settings::Given;
using sasl::MechanismPtr;

std::string_view module_of(std::string_view mechanism) noexcept {
    if (mechanism == "PLAIN") return "PlainLoginModule";
    if (mechanism.starts_with("SCRAM")) return "ScramLoginModule";
    if (mechanism == "GSSAPI") return "Krb5LoginModule";
    return mechanism == "OAUTHBEARER" ? "OAuthBearerLoginModule" : "IAMLoginModule";
}

std::string_view mechanism_of(std::string_view module) noexcept {
    if (module == "PlainLoginModule") return "PLAIN";
    if (module == "ScramLoginModule") return "SCRAM-SHA-512 or SCRAM-SHA-256";
    if (module == "Krb5LoginModule") return "GSSAPI";
    if (module == "OAuthBearerLoginModule") return "OAUTHBEARER";
    return module == "IAMLoginModule" ? "AWS_MSK_IAM" : "";
}

std::string_view options_of(std::string_view mechanism) noexcept {
    if (mechanism == "PLAIN") return "username and password";
    if (mechanism == "GSSAPI")
        return "serviceName, principal, useKeyTab, keyTab, useTicketCache and ticketCache";
    if (mechanism == "OAUTHBEARER")
        return "clientId, clientSecret, scope, extension_NAME and unsecuredLoginStringClaim_sub";
    return "username, password and tokenauth";
}

class Reader {
public:
    explicit Reader(Settings& settings) : settings_(settings) {}

    Result<MechanismPtr> read() {
        const auto* mechanism = settings_.take("sasl.mechanism");
        if (auto failure = read_jaas()) return failure;
        if (!mechanism && ((login_.given && login_.module != "Krb5LoginModule") ||
                           (!login_.given && settings_.find("sasl.username")))) {
            const auto of_module = std::string(mechanism_of(login_.module));
            return refuse(
                "sasl.mechanism is missing, and its default is GSSAPI: set it to " +
                (of_module.empty() ? "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512" : of_module));
        }
        name_ = mechanism ? mechanism->value.text : "GSSAPI";
        if (login_.given && login_.module != module_of(name_))
            return refuse(place_of(*login_.given->property) + ": " + escaped(login_.module, 80) +
                          " is not the module of sasl.mechanism=" + std::string(name_) +
                          ", which is " + std::string(module_of(name_)));
        auto made = make();
        if (made && login_.given)
            if (auto failure = login_.left(name_)) return failure;
        return made;
    }

private:
    Failure read_jaas() {
        const auto* given = settings_.find("sasl.jaas.config");
        if (!given) return {};
        settings_.take("sasl.jaas.config");
        auto parsed = parse_jaas(given->value.text);
        if (!parsed)
            return refuse(place_of(*given->property) + ": " + parsed.failure().detail +
                          " (expected MODULE required NAME=\"VALUE\" ... ;)");
        login_.given = given;
        login_.module = std::move(parsed->module);
        login_.options = std::move(parsed->options);
        if (mechanism_of(login_.module).empty())
            return refuse(place_of(*given->property) + ": the login module '" +
                          escaped(login_.module, 80) +
                          "' is not known; known are PlainLoginModule, ScramLoginModule, "
                          "OAuthBearerLoginModule, Krb5LoginModule and IAMLoginModule");
        return {};
    }

    Result<MechanismPtr> make() {
        if (name_ == "GSSAPI") return kerberos();
        if (name_ == "OAUTHBEARER") {
            auto provider = token_provider(settings_, login_);
            if (!provider) return provider.take_failure();
            return sasl::make_mechanism(*std::move(provider));
        }
        if (name_ == "AWS_MSK_IAM") return aws();
        return password();
    }

    Failure missing(std::string_view what) const {
        return refuse("sasl.mechanism=" + std::string(name_) + ": " +
                      (login_.given ? std::string(what) + " is missing in sasl.jaas.config"
                                    : "sasl." + std::string(what) + " is missing"));
    }

    Result<MechanismPtr> password() {
        std::string user;
        Secret secret;
        bool token = false;
        if (login_.given) {
            user = login_.take_text("username");
            secret = login_.take("password");
            if (name_ != "PLAIN") token = login_.take_text("tokenauth") == "true";
        } else {
            user = settings_.take_text("sasl.username");
            secret = settings_.take_secret("sasl.password");
        }
        if (user.empty()) return missing("username");
        if (secret.empty()) return missing("password");
        if (name_ == "PLAIN")
            return sasl::make_mechanism(
                sasl::Plain{.user = std::move(user), .password = std::move(secret)});
        return sasl::make_mechanism(sasl::Scram{.user = std::move(user),
                                                .password = std::move(secret),
                                                .hash = name_ == "SCRAM-SHA-256"
                                                            ? sasl::Scram::Hash::sha256
                                                            : sasl::Scram::Hash::sha512,
                                                .delegation_token = token});
    }

    Result<MechanismPtr> kerberos() {
        sasl::Gssapi config;
        if (const auto* service = settings_.take("sasl.kerberos.service.name"))
            config.service = service->value.text;
        if (login_.given) {
            const auto service = login_.take_text("serviceName");
            if (!service.empty() && settings_.find("sasl.kerberos.service.name") &&
                service != config.service)
                return refuse(
                    "serviceName in sasl.jaas.config and sasl.kerberos.service.name "
                    "differ: leave out one");
            if (!service.empty()) config.service = service;
            config.principal = login_.take_text("principal");
            const bool keytab = login_.take_text("useKeyTab") == "true";
            auto file = login_.take_text("keyTab");
            if (file.starts_with("file:")) file.erase(0, file.starts_with("file:///") ? 7 : 5);
            if (keytab && file.empty())
                return refuse(place_of(*login_.given->property) +
                              ": useKeyTab=true, and no keyTab: say which file");
            if (keytab) config.keytab = std::move(file);
            const bool tickets = login_.take_text("useTicketCache") == "true";
            const auto cache = login_.take_text("ticketCache");
            if (tickets && !cache.empty()) config.ccache = "FILE:" + cache;
            // What else Java asks for is so here anyway.
            for (const char* moot :
                 {"storeKey", "doNotPrompt", "renewTGT", "debug", "isInitiator",
                  "refreshKrb5Config", "clearPass", "useFirstPass", "tryFirstPass", "storePass"})
                static_cast<void>(login_.take(moot));
        } else {
            config.principal = settings_.take_text("sasl.kerberos.principal");
            config.keytab = settings_.take_text("sasl.kerberos.keytab");
        }
        if (config.service.empty()) return missing("kerberos.service.name");
        return sasl::make_mechanism(std::move(config));
    }

    Result<MechanismPtr> aws() {
        if (const auto* handler = settings_.take("sasl.client.callback.handler.class"))
            if (!handler->value.text.ends_with("IAMClientCallbackHandler"))
                return refuse(place_of(*handler->property) +
                              ": this names a Java class, which cannot be loaded here; for "
                              "AWS_MSK_IAM it may be IAMClientCallbackHandler, or be left out");
        static_cast<void>(login_.take("awsDebugCreds"));
        return sasl::make_mechanism(sasl::AwsMskIam{});
    }

    Settings& settings_;
    JaasOptions login_;
    std::string_view name_;
};

}  // namespace

Secret JaasOptions::take(std::string_view name) {
    const auto found = options.find(name);
    if (found == options.end()) return {};
    auto value = std::move(found->second);
    options.erase(found);
    return value;
}

std::string JaasOptions::take_text(std::string_view name) {
    return std::string(take(name).reveal_text());
}

Failure JaasOptions::left(std::string_view mechanism) const {
    if (options.empty()) return {};
    auto sentence = place_of(*given->property) + ": ";
    if (mechanism == "AWS_MSK_IAM")
        return refuse(sentence + module +
                      " takes no options here: credentials come from AWS_ACCESS_KEY_ID, "
                      "AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of the environment");
    // Not by its name: it may be what follows a blank in a password without quotes.
    return refuse(sentence + "there is an option that " + module + " does not have; it has " +
                  std::string(options_of(mechanism)));
}

Result<MechanismPtr> sasl_from(Settings& settings) {
    return Reader(settings).read();
}

}  // namespace kafka::properties
