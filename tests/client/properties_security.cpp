// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <ostream>

#include <doctest/doctest.h>
#include <unistd.h>

#include <kafka/properties.hpp>

#include "client/jaas.hpp"

using kafka::Properties;

namespace {

kafka::ConnConfig read(const Properties& properties) {
    auto config = kafka::conn_config(properties);
    INFO(config.failure().detail);
    REQUIRE(config.has_value());
    return *config;
}

kafka::TlsConfig tls(Properties properties) {
    properties.push_back({"security.protocol", "SSL"});
    const auto config = read(properties);
    REQUIRE(config.tls);
    CHECK(config.sasl == nullptr);
    return config.tls->config();
}

// The mechanism in words.
std::string sasl(Properties properties) {
    properties.push_back({"security.protocol", "SASL_SSL"});
    const auto config = read(properties);
    REQUIRE(config.sasl != nullptr);
    CHECK(config.tls);
    return config.sasl->to_string();
}

std::string refused(const Properties& properties) {
    const auto config = kafka::conn_config(properties);
    REQUIRE_FALSE(config.has_value());
    CHECK(config.failure().code == kafka::errc::invalid_argument);
    return config.failure().detail;
}

std::string sasl_refused(Properties properties) {
    properties.push_back({"security.protocol", "sasl_ssl"});
    return refused(properties);
}

bool has(const std::string& text, std::string_view part) {
    CAPTURE(text);
    return text.find(part) != text.npos;
}

// A file with these first bytes, until the end of the test.
class File {
public:
    explicit File(std::string_view content) {
        const int fd = ::mkstemp(name_);
        REQUIRE(fd >= 0);
        REQUIRE(::write(fd, content.data(), content.size()) ==
                static_cast<ssize_t>(content.size()));
        ::close(fd);
    }
    ~File() { ::unlink(name_); }
    [[nodiscard]] std::string name() const { return name_; }

private:
    char name_[32] = "/tmp/kafka-store-XXXXXX";
};

constexpr const char* package = "org.apache.kafka.common.security.";

Properties jaas(const std::string& mechanism, const std::string& module) {
    return {{"sasl.mechanism", mechanism}, {"sasl.jaas.config", package + module}};
}

}  // namespace

TEST_CASE("the security protocol says whether there are TLS and SASL") {
    CHECK_FALSE(read({{"security.protocol", "PLAINTEXT"}}).tls);
    CHECK(read({{"security.protocol", "ssl"}}).tls);
    const auto config = read({{"security.protocol", "SASL_PLAINTEXT"},
                              {"sasl.mechanism", "SCRAM-SHA-256"},
                              {"sasl.username", "u"},
                              {"sasl.password", "p"}});
    CHECK_FALSE(config.tls);
    CHECK(config.sasl->name() == "SCRAM-SHA-256");
    CHECK_FALSE(config.allow_plaintext_credentials);

    kafka::ConnConfig defaults;
    defaults.tls.emplace();
    CHECK(kafka::conn_config({}, defaults)->tls);
    const Properties plain{{"security.protocol", "PLAINTEXT"}};
    CHECK_FALSE(kafka::conn_config(plain, defaults)->tls);
}

TEST_CASE("settings that have no effect with the protocol are refused with the way out") {
    CHECK(refused({{"sasl.mechanism", "PLAIN", "f:1"}}) ==
          "f:1: sasl.mechanism: this has no effect with security.protocol=PLAINTEXT, which is the "
          "default: set security.protocol to SASL_SSL (or SASL_PLAINTEXT), or leave it out");
    CHECK(refused({{"security.protocol", "SSL"}, {"sasl.password", "x"}}) ==
          "sasl.password: this has no effect with security.protocol=SSL: set security.protocol to "
          "SASL_SSL, or leave it out");
    CHECK(refused({{"ssl.ca.location", "x"}}) ==
          "ssl.ca.location: this has no effect with security.protocol=PLAINTEXT, which is the "
          "default: set security.protocol to SSL or SASL_SSL, or leave it out");
    CHECK(has(refused({{"ssl.ca.location", "x"},
                       {"security.protocol", "SASL_PLAINTEXT"},
                       {"sasl.mechanism", "PLAIN"},
                       {"sasl.username", "u"},
                       {"sasl.password", "p"}}),
              "set security.protocol to SASL_SSL, or leave it out"));
    CHECK(has(sasl_refused({{"sasl.mechanism", "GSSAPI"}, {"sasl.username", "u"}}),
              "sasl.username: this has no effect with sasl.mechanism=GSSAPI: leave it out"));
    CHECK(has(refused({{"security.protocol", "SSL"}, {"ssl.keystore.password", "x"}}),
              "with the other ssl settings: leave it out"));
}

TEST_CASE("what is optional is left out where it has no effect") {
    const auto config = read({{"sasl.username", "u", "KAFKA_SASL_USERNAME", true},
                              {"sasl.password", "p", "KAFKA_SASL_PASSWORD", true},
                              {"ssl.key.password", "p", "KAFKA_SSL_KEY_PASSWORD", true}});
    CHECK_FALSE(config.tls);
    CHECK(config.sasl == nullptr);
    CHECK(has(sasl({{"sasl.mechanism", "GSSAPI"}, {"sasl.username", "u", "", true}}), "GSSAPI"));
    CHECK(has(sasl({{"sasl.mechanism", "PLAIN"},
                    {"sasl.username", "u"},
                    {"sasl.password", "p", "", true}}),
              "user=u"));
}

TEST_CASE("credentials without TLS need a word of their own, and only there") {
    const Properties plain{{"security.protocol", "SASL_PLAINTEXT"},
                           {"sasl.mechanism", "PLAIN"},
                           {"sasl.username", "u"},
                           {"sasl.password", "p"},
                           {"allow.plaintext.credentials", "true"}};
    CHECK(read(plain).allow_plaintext_credentials);
    auto encrypted = plain;
    encrypted[0].value = "SASL_SSL";
    CHECK(has(refused(encrypted), "has no effect with security.protocol=SASL_SSL"));
}

TEST_CASE("authorities come from a file, a folder or a text") {
    CHECK(tls({{"ssl.ca.location", "ca.pem"}}).ca_file == "ca.pem");
    CHECK(tls({{"ssl.ca.location", "/tmp"}}).ca_directory == "/tmp");
    CHECK(tls({{"ssl.ca.location", "probe"}}).ca_file.empty());
    CHECK(tls({{"ssl.ca.pem", "-----BEGIN"}}).ca_pem == "-----BEGIN");
    CHECK(tls({{"ssl.truststore.certificates", "x"}, {"ssl.truststore.type", "PEM"}}).ca_pem ==
          "x");
    CHECK(tls({{"ssl.truststore.location", "ca.x"}, {"ssl.truststore.type", "pem"}}).ca_file ==
          "ca.x");
    CHECK(has(refused({{"security.protocol", "SSL"},
                       {"ssl.ca.location", "a"},
                       {"ssl.truststore.location", "b"}}),
              "say the same in two ways"));
}

TEST_CASE("Java's stores are refused with the command that makes something else of them") {
    const File jks(std::string_view("\xFE\xED\xFE\xED\0\0\0\2", 8));
    const File pkcs12("\x30\x82\x01\x02");
    const File pem("-----BEGIN CERTIFICATE-----");
    auto text = refused({{"security.protocol", "SSL"}, {"ssl.truststore.location", jks.name()}});
    CHECK(has(text, "`keytool -list -rfc -keystore " + jks.name() + " >ca.pem`"));
    text = refused({{"security.protocol", "SSL"}, {"ssl.keystore.location", jks.name()}});
    CHECK(has(text, "`keytool -importkeystore -srckeystore " + jks.name()));
    text = refused({{"security.protocol", "SSL"}, {"ssl.truststore.location", pkcs12.name()}});
    CHECK(has(text, "`openssl pkcs12 -in " + pkcs12.name() + " -nokeys -out ca.pem`"));
    text = refused({{"security.protocol", "SSL"},
                    {"ssl.keystore.location", "not.there"},
                    {"ssl.keystore.type", "JKS"}});
    CHECK(has(text, "JKS"));
    CHECK(has(refused({{"security.protocol", "SSL"}, {"ssl.keystore.location", "not.there.jks"}}),
              "JKS"));
    CHECK(tls({{"ssl.truststore.location", pem.name()}}).ca_file == pem.name());
    CHECK(tls({{"ssl.keystore.location", pkcs12.name()}}).pkcs12_file == pkcs12.name());
    CHECK(tls({{"ssl.keystore.location", "not.there.p12"}}).pkcs12_file == "not.there.p12");
    CHECK(tls({{"ssl.keystore.location", pem.name()}}).certificate_file == pem.name());
}

TEST_CASE("our certificate and key come from files, texts or one PKCS12 file") {
    auto config = tls({{"ssl.certificate.location", "c"},
                       {"ssl.key.location", "k"},
                       {"ssl.key.password", " p "}});
    CHECK(config.certificate_file == "c");
    CHECK(config.key_file == "k");
    CHECK(config.password.reveal_text() == " p ");
    config = tls({{"ssl.keystore.certificate.chain", "C"},
                  {"ssl.keystore.key", "K"},
                  {"ssl.keystore.type", "PEM"}});
    CHECK(config.certificate_pem == "C");
    CHECK(config.key_pem.reveal_text() == "K");
    config = tls({{"ssl.keystore.location", "a.p12"},
                  {"ssl.keystore.password", "p"},
                  {"ssl.key.password", "p"}});
    CHECK(config.password.reveal_text() == "p");

    const kafka::Property ssl{"security.protocol", "SSL"};
    CHECK(has(refused({ssl, {"ssl.key.location", "k"}}), "set ssl.certificate.location too"));
    CHECK(has(refused({ssl, {"ssl.keystore.location", "a.p12"}, {"ssl.key.location", "k"}}),
              "say the same in two ways"));
    CHECK(has(refused({ssl,
                       {"ssl.keystore.location", "a.p12"},
                       {"ssl.keystore.password", "p"},
                       {"ssl.key.password", "q"}}),
              "a PKCS12 file has one password"));
}

TEST_CASE("the checks of certificates can be switched off by name only") {
    CHECK(tls({}).verify_peer);
    CHECK(tls({}).verify_host);
    CHECK(tls({{"ssl.endpoint.identification.algorithm", "https"}}).verify_host);
    for (const auto* off : {"", "none"}) {
        const auto config = tls({{"ssl.endpoint.identification.algorithm", off}});
        CHECK(config.verify_peer);
        CHECK_FALSE(config.verify_host);
    }
    CHECK_FALSE(tls({{"enable.ssl.certificate.verification", "false"}}).verify_peer);
    const kafka::Property ssl{"security.protocol", "SSL"};
    CHECK(has(refused({ssl, {"ssl.endpoint.identification.algorithm", "ldap"}}),
              "expected https or none"));
    CHECK(has(refused({ssl,
                       {"ssl.endpoint.identification.algorithm", "https"},
                       {"enable.ssl.certificate.verification", "false"}}),
              "leave one of them out"));
    CHECK(tls({{"ssl.server.name", "kafka.example"}}).server_name == "kafka.example");
}

TEST_CASE("versions and ciphers of TLS are those that can be had") {
    using enum kafka::TlsVersion;
    CHECK(tls({{"ssl.enabled.protocols", "TLSv1.2,TLSv1.3"}}).min_version == tls_1_2);
    CHECK(tls({{"ssl.enabled.protocols", "TLSv1.3"}}).min_version == tls_1_3);
    CHECK(tls({{"ssl.protocol", "TLS"}}).min_version == tls_1_2);
    const kafka::Property ssl{"security.protocol", "SSL"};
    CHECK(has(refused({ssl, {"ssl.enabled.protocols", "TLSv1.2"}}), "cannot be ruled out"));
    CHECK(has(refused({ssl, {"ssl.enabled.protocols", "TLSv1.1,TLSv1.3"}}),
              "'TLSv1.1' cannot be had"));
    const auto config =
        tls({{"ssl.cipher.suites", "TLS_AES_128_GCM_SHA256,ECDHE-RSA-AES128-GCM-SHA256"}});
    CHECK(config.cipher_suites == "TLS_AES_128_GCM_SHA256");
    CHECK(config.ciphers == "ECDHE-RSA-AES128-GCM-SHA256");
    CHECK(has(refused({ssl, {"ssl.cipher.suites", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}}),
              "openssl ciphers"));
}

TEST_CASE("mechanisms come from sasl.username and the like") {
    const kafka::Property user{"sasl.username", "alice"}, password{"sasl.password", "x"};
    CHECK(has(sasl({{"sasl.mechanisms", "PLAIN"}, user, password}), "PLAIN user=alice"));
    CHECK(has(sasl({{"sasl.mechanism", "scram-sha-512"}, user, password}), "SCRAM-SHA-512"));
    CHECK(has(sasl({{"sasl.kerberos.service.name", "broker"},
                    {"sasl.kerberos.principal", "me@X"},
                    {"sasl.kerberos.keytab", "/k"}}),
              "service=broker principal=me@X keytab=/k"));
    CHECK(has(sasl({{"sasl.mechanism", "AWS_MSK_IAM"},
                    {"sasl.client.callback.handler.class",
                     "software.amazon.msk.auth.iam.IAMClientCallbackHandler"}}),
              "AWS_MSK_IAM"));
    CHECK(has(sasl_refused({{"sasl.mechanism", "PLAIN"}, user}), "sasl.password is missing"));
    CHECK(has(sasl_refused({{"sasl.mechanism", "PLAIN"}, password}), "sasl.username is missing"));
    CHECK(has(sasl_refused({user, password}),
              "sasl.mechanism is missing, and its default is GSSAPI: set it to PLAIN"));
    CHECK(has(sasl_refused({{"sasl.mechanism", "DIGEST-MD5"}}), "expected PLAIN, SCRAM-SHA-256"));
}

TEST_CASE("mechanisms come from a JAAS login module") {
    CHECK(has(sasl(jaas("PLAIN",
                        "plain.PlainLoginModule required\n  username=\"a \\\"b\\\"\"\n"
                        "  password=\"p;=\";")),
              "user=a \"b\""));
    CHECK(has(sasl(jaas("SCRAM-SHA-256",
                        "scram.ScramLoginModule REQUIRED username=alice "
                        "password='x' tokenauth=true ;")),
              "delegation_token=true"));
    CHECK(has(sasl({{"sasl.jaas.config",
                     "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true "
                     "storeKey=true keyTab=\"/etc/k\" principal=\"me@X\" serviceName=\"srv\";"}}),
              "service=srv principal=me@X keytab=/etc/k"));
    CHECK(has(sasl({{"sasl.kerberos.service.name", "kafka"},
                    {"sasl.jaas.config",
                     "com.sun.security.auth.module.Krb5LoginModule required "
                     "useTicketCache=true ticketCache=\"/tmp/t\";"}}),
              "ccache=FILE:/tmp/t"));
    CHECK(has(sasl({{"sasl.mechanism", "AWS_MSK_IAM"},
                    {"sasl.jaas.config", "software.amazon.msk.auth.iam.IAMLoginModule required;"}}),
              "AWS_MSK_IAM"));
    // As some distributions ship it, under another package.
    CHECK(has(sasl({{"sasl.mechanism", "PLAIN"},
                    {"sasl.jaas.config",
                     "kafkashaded.org.apache.kafka.common.security.plain."
                     "PlainLoginModule required username=\"a\" password=\"b\";"}}),
              "user=a"));
}

TEST_CASE("a JAAS line that cannot be used is refused") {
    CHECK(has(sasl_refused(jaas("PLAIN", "plain.PlainLoginModule required username=a password=b")),
              "the ';' at the end is missing"));
    CHECK(has(sasl_refused(jaas("PLAIN", "plain.PlainLoginModule username=\"a\";")),
              "'required' belongs between"));
    CHECK(has(sasl_refused(jaas("PLAIN", "plain.PlainLoginModule required username=\"a;")),
              "ends before its quote"));
    CHECK(has(
        sasl_refused(jaas("PLAIN", "plain.PlainLoginModule required username=a; x.Y required;")),
        "only one login module"));
    CHECK(has(sasl_refused(jaas("PLAIN", "scram.ScramLoginModule required username=a password=b;")),
              "ScramLoginModule is not the module of sasl.mechanism=PLAIN"));
    CHECK(has(sasl_refused(jaas("PLAIN", "x.OtherLoginModule required;")), "is not known"));
    CHECK(has(sasl_refused(jaas("PLAIN",
                                "plain.PlainLoginModule required username=a password=b "
                                "user_alice=c;")),
              "an option that PlainLoginModule does not have; it has username and password"));
    CHECK(has(sasl_refused({{"sasl.mechanism", "AWS_MSK_IAM"},
                            {"sasl.jaas.config",
                             "software.amazon.msk.auth.iam.IAMLoginModule "
                             "required awsProfileName=\"x\";"}}),
              "AWS_ACCESS_KEY_ID"));
    CHECK(has(sasl_refused({{"sasl.jaas.config",
                             "org.apache.kafka.common.security.plain.PlainLoginModule required "
                             "username=a password=b;"}}),
              "sasl.mechanism is missing, and its default is GSSAPI: set it to PLAIN"));
    auto both = jaas("PLAIN", "plain.PlainLoginModule required username=a password=b;");
    both.push_back({"sasl.username", "a"});
    CHECK(has(sasl_refused(both), "no effect with sasl.jaas.config, which says it all"));
    for (const auto* text :
         {"", ";", "a", "a required", "a required b", "a required b=", "=", "a required =x;",
          "a required b=\"", "a required b=\"\\", "/*", "//", "a required b=1 b=2;"})
        CHECK(has(sasl_refused({{"sasl.mechanism", "PLAIN"}, {"sasl.jaas.config", text}}),
                  "at character"));
}

TEST_CASE("any bytes of a JAAS line are read without harm") {
    unsigned read = 0;
    for (unsigned seed = 0; seed < 5000; ++seed) {
        std::string text = seed % 2 == 0 ? "" : "a required ";
        auto state = seed * 2654435761U + 1;
        constexpr std::string_view alphabet = "a=; \"'\\\n/*07b";
        for (int i = 0; i < 16; ++i) {
            state = state * 1664525U + 1013904223U;
            text += alphabet[(state >> 16) % alphabet.size()];
        }
        const std::vector<char> block(text.begin(), text.end());
        const auto login = kafka::properties::parse_jaas({block.data(), block.size()});
        read += login.has_value();
        if (!login) CHECK(login.failure().detail.starts_with("at character "));
    }
    CHECK(read > 0);
}

TEST_CASE("tokens come from an identity provider, a file, or are made unsigned") {
    const kafka::Property mechanism{"sasl.mechanism", "OAUTHBEARER"};
    const kafka::Property url{"sasl.oauthbearer.token.endpoint.url", "https://idp.example/token"};
    CHECK(has(sasl({mechanism,
                    url,
                    {"sasl.oauthbearer.method", "oidc"},
                    {"sasl.oauthbearer.client.id", "id"},
                    {"sasl.oauthbearer.client.secret", "s"},
                    {"sasl.oauthbearer.extensions", "logicalCluster=lkc,pool=p"},
                    {"https.ca.location", "/ca.pem"},
                    {"sasl.login.refresh.window.factor", "0.7"}}),
              "OAUTHBEARER"));
    CHECK(
        has(sasl({mechanism,
                  url,
                  {"sasl.login.callback.handler.class",
                   "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler"},
                  {"sasl.jaas.config",
                   "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required "
                   "clientId=\"id\" clientSecret=\"s\" scope=\"x\" extension_a=\"b\";"}}),
            "OAUTHBEARER"));
    CHECK(has(sasl({mechanism,
                    url,
                    {"sasl.oauthbearer.grant.type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                    {"sasl.oauthbearer.assertion.private.key.file", "/key.pem"},
                    {"sasl.oauthbearer.assertion.claim.iss", "me"},
                    {"sasl.oauthbearer.assertion.claim.exp.seconds", "60"}}),
              "OAUTHBEARER"));
    CHECK(has(sasl({mechanism,
                    {"enable.sasl.oauthbearer.unsecure.jwt", "true"},
                    {"sasl.oauthbearer.config", "principal=alice lifeSeconds=60 extension_a=b"}}),
              "OAUTHBEARER"));
    CHECK(has(sasl(jaas("OAUTHBEARER",
                        "oauthbearer.OAuthBearerLoginModule required "
                        "unsecuredLoginStringClaim_sub=\"alice\";")),
              "OAUTHBEARER"));

    CHECK(has(sasl_refused({mechanism}), "it is not said where tokens come from"));
    CHECK(has(sasl_refused({mechanism, url}), "sasl.oauthbearer.client.id is missing"));
    CHECK(has(sasl_refused({mechanism, {"sasl.oauthbearer.method", "oidc"}}),
              "token.endpoint.url is missing"));
    CHECK(has(sasl_refused({mechanism, {"sasl.oauthbearer.token.endpoint.url", "ftp://x"}}),
              "expected https://"));
    CHECK(has(sasl_refused({mechanism,
                            {"enable.sasl.oauthbearer.unsecure.jwt", "true"},
                            {"sasl.oauthbearer.config", "principle=alice"}}),
              "'principle' cannot be set"));
    CHECK(has(sasl_refused({mechanism, url, {"enable.sasl.oauthbearer.unsecure.jwt", "true"}}),
              "two ways to come by a token"));
    CHECK(has(sasl_refused({mechanism, {"sasl.login.callback.handler.class", "com.example.Mine"}}),
              "names a Java class"));
}

TEST_CASE("a token in a file is sent, and a file without one is named when it is needed") {
    const auto first = [](const std::string& file) {
        const auto config = read({{"security.protocol", "SASL_SSL"},
                                  {"sasl.mechanism", "OAUTHBEARER"},
                                  {"sasl.oauthbearer.client.id", "unused"},
                                  {"sasl.oauthbearer.token.endpoint.url", "file://" + file}});
        auto exchange = config.sasl->start({"broker", 9092});
        REQUIRE(exchange.has_value());
        return (*exchange)->step({}, std::chrono::system_clock::now());
    };
    const File file("opaque.token\n");
    const auto step = first(file.name());
    REQUIRE(step.has_value());
    CHECK(has(std::string(step->response.reveal_text()), "auth=Bearer opaque.token\x01"));
    const File empty("\n");
    CHECK(has(first(empty.name()).failure().detail, "does not hold a token"));
    CHECK(has(first("/not/there").failure().detail, "/not/there"));
}
