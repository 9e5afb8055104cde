// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include <kafka/sasl_kerberos.hpp>

namespace kafka::peer {
namespace {

std::string contents(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::invalid_argument("cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string without(const std::string& text, std::string_view beginning) {
    return text.starts_with(beginning) ? text.substr(beginning.size()) : text;
}

}  // namespace

Settings::Settings(std::span<char*> words) {
    for (const std::string word : words) {
        const auto at = word.find('=');
        if (at == std::string::npos) throw std::invalid_argument(word + " is not NAME=VALUE");
        words_[word.substr(0, at)] = word.substr(at + 1);
    }
}

const std::string& Settings::text(const std::string& name) const {
    const auto at = words_.find(name);
    if (at == words_.end()) throw std::invalid_argument(name + " is missing");
    return at->second;
}

std::string Settings::text(const std::string& name, const std::string& otherwise) const {
    return has(name) ? text(name) : otherwise;
}

std::int64_t Settings::number(const std::string& name, std::int64_t otherwise) const {
    return has(name) ? std::stoll(text(name)) : otherwise;
}

TlsConfig Settings::tls() const {
    TlsConfig config;
    config.ca_file = text("ssl.ca.location", "");
    config.certificate_file = text("ssl.certificate.location", "");
    config.key_file = text("ssl.key.location", "");
    config.pkcs12_file = text("ssl.keystore.location", "");
    config.password = Secret(text("ssl.key.password", text("ssl.keystore.password", "")));
    config.verify_host = text("ssl.endpoint.identification.algorithm", "https") == "https";
    return config;
}

sasl::TokenProvider Settings::tokens() const {
    if (text("sasl.oauthbearer.method", "") != "oidc")
        return sasl::unsecured_token(
            {.subject = without(text("sasl.oauthbearer.config"), "principal=")});
    const auto& url = text("sasl.oauthbearer.token.endpoint.url");
    if (url.starts_with("file://"))
        return sasl::fixed_token({.value = Secret(contents(without(url, "file://")))});
    sasl::ClientCredentials config;
    config.endpoint.url = url;
    config.endpoint.ca_file = text("ssl.ca.location", "");
    config.endpoint.allow_http_on_loopback = true;
    config.client_id = text("sasl.oauthbearer.client.id");
    config.client_secret = Secret(text("sasl.oauthbearer.client.secret"));
    config.scope = text("sasl.oauthbearer.scope", "");
    return sasl::token_from(std::move(config));
}

sasl::MechanismPtr Settings::mechanism() const {
    const auto& name = text("sasl.mechanism");
    const auto user = text("sasl.username", "");
    const Secret password(text("sasl.password", ""));
    if (name == "PLAIN") return make_mechanism(sasl::Plain{.user = user, .password = password});
    if (name.starts_with("SCRAM-")) {
        const bool longer = name == "SCRAM-SHA-512";
        return make_mechanism(
            sasl::Scram{.user = user,
                        .password = password,
                        .hash = longer ? sasl::Scram::Hash::sha512 : sasl::Scram::Hash::sha256});
    }
    if (name == "OAUTHBEARER") return make_mechanism(sasl::OAuthBearer{.provider = tokens()});
    if (name == "GSSAPI")
        return make_mechanism(sasl::Gssapi{.service = text("sasl.kerberos.service.name", "kafka"),
                                           .principal = text("sasl.kerberos.principal", ""),
                                           .keytab = text("sasl.kerberos.keytab", "")});
    throw std::invalid_argument("no mechanism " + name);
}

ConnConfig Settings::conn() const {
    ConnConfig config;
    const auto protocol = text("security.protocol", "PLAINTEXT");
    if (protocol.ends_with("SSL")) config.tls = tls();
    if (protocol.starts_with("SASL_")) config.sasl = mechanism();
    config.connect_timeout = time("socket.connection.setup.timeout.ms", 10'000);
    config.request_timeout = time("request.timeout.ms", 30'000);
    return config;
}

ClientConfig Settings::client() const {
    ClientConfig config;
    config.bootstrap = text("bootstrap.servers");
    config.conn = conn();
    config.metadata_max_age = time("metadata.max.age.ms", config.metadata_max_age.count());
    return config;
}

}  // namespace kafka::peer
