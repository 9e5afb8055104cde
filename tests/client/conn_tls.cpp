// SPDX-License-Identifier: Apache-2.0
// Conn over TLS: whom it believes, who it says it is, and what it says when that goes wrong.
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <kafka/conn.hpp>

#include "client/tls_server.hpp"

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;
using protocol::MetadataResponse;

namespace {

bool has(const std::string& text, std::string_view part) {
    const bool found = text.find(part) != text.npos;
    if (!found) MESSAGE(("'" + text + "' lacks '" + std::string(part) + "'"));
    return found;
}

const Identity& authority() {
    static const Identity made = make_authority();
    return made;
}
const Identity& broker() {
    static const Identity made = make_identity({.name = "broker"}, &authority());
    return made;
}
TlsConfig trusting(const Identity& who = authority()) {
    TlsConfig config;
    config.ca_pem = who.certificate_pem();
    return config;
}

struct Ended {
    std::error_code code;
    Diagnostics diagnostics;
    std::string answer;            // to a Metadata request
    std::optional<TlsInfo> info;   // of the connection
    std::vector<std::string> log;  // warnings
};

// Connects, makes a call, closes.
Ended talk(const std::string& address, ConnConfig config, std::string topic = "hello") {
    asio::io_context io;
    Ended ended;
    config.log = [&](const LogRecord& record) {
        if (record.level >= LogLevel::warning) ended.log.push_back(to_string(record));
    };
    Conn conn(io, std::move(config));
    conn.async_connect(address, {.diagnostics = &ended.diagnostics}, [&](std::error_code ec) {
        ended.code = ec;
        if (ec) return;
        if (conn.tls()) ended.info = *conn.tls();
        conn.async_call(metadata_of(topic), {.diagnostics = &ended.diagnostics},
                        [&](std::error_code result, const MetadataResponse& response) {
                            ended.code = result;
                            if (!response.brokers.empty())
                                ended.answer = response.brokers.front().host;
                            conn.close();
                        });
    });
    io.run_for(20s);
    return ended;
}
Ended talk(const std::string& address, Tls tls, std::string topic = "hello") {
    ConnConfig config;
    config.tls = std::move(tls);
    return talk(address, std::move(config), std::move(topic));
}

}  // namespace

TEST_CASE("a connection over TLS carries calls, and says how it is encrypted") {
    std::string called;
    TlsServer server({.identity = broker()}, [&](TlsPeer& peer) {
        called = peer.name_called();
        serve(peer);
    });
    const auto ended = talk(server.localhost(), Tls(trusting()));
    CHECK(!ended.code);
    CHECK(ended.answer == "hello");
    REQUIRE(ended.info);
    CHECK(ended.info->version == "TLSv1.3");
    CHECK(!ended.info->cipher.empty());
    CHECK(has(ended.info->peer.subject, "CN = broker"));
    CHECK(has(ended.info->peer.issuer, "CN = Test Authority"));
    CHECK(ended.info->peer.names.size() == 3);
    CHECK(!ended.info->resumed);
    CHECK(called == "localhost");
}

TEST_CASE("a host that is a number is checked as one and not sent as a name") {
    std::string called = "unset";
    TlsServer server({.identity = broker()}, [&](TlsPeer& peer) {
        called = peer.name_called();
        serve(peer);
    });
    CHECK(!talk(server.address(), Tls(trusting())).code);
    CHECK(called.empty());
}

TEST_CASE("requests and answers of any size come through unchanged") {
    TlsServer server({.identity = broker()});
    for (const std::size_t size : {1u, 4'095u, 16'384u, 20'000u}) {
        CAPTURE(size);
        CHECK(talk(server.address(), Tls(trusting()), std::string(size, 'x')).answer.size() ==
              size);
    }
    // Many small requests are one write of many pieces.
    asio::io_context io;
    ConnConfig config;
    config.tls = trusting();
    Conn conn(io, config);
    int right = 0;
    constexpr int calls = 500;
    conn.async_connect(server.address(), [&](std::error_code ec) {
        REQUIRE(!ec);
        for (int i = 0; i < calls; ++i)
            conn.async_call(metadata_of(std::to_string(i) + std::string(100, 'y')),
                            [&, i](std::error_code, const MetadataResponse& response) {
                                right += !response.brokers.empty() &&
                                         response.brokers.front().host ==
                                             std::to_string(i) + std::string(100, 'y');
                                if (i + 1 == calls) conn.close();
                            });
    });
    io.run_for(60s);
    CHECK(right == calls);
}

TEST_CASE("BI-123: a certificate that is not to be believed is refused, with whose it is and why") {
    struct Case {
        const char* what;
        Identity identity;
        std::vector<std::string> words;
    };
    const auto stranger = make_authority("Stranger");
    const Case cases[] = {
        {"expired",
         make_identity({.name = "old", .starts_in = -7200, .ends_in = -60}, &authority()),
         {"CN = old", "CN = Test Authority", "has expired", " UTC"}},
        {"not yet valid",
         make_identity({.name = "young", .starts_in = 3600, .ends_in = 7200}, &authority()),
         {"CN = young", "not valid yet", "clock"}},
        {"another host",
         make_identity({.name = "other", .names = "DNS:kafka.example,IP:10.0.0.1"}, &authority()),
         {"CN = other", "not for this host", "kafka.example, 10.0.0.1", "127.0.0.1"}},
        {"another authority",
         make_identity({.name = "alien"}, &stranger),
         {"CN = alien", "CN = Stranger", "trusted authorities", "ca_pem"}},
        {"signed by itself",
         make_identity({.name = "lonely"}),
         {"CN = lonely", "signed by itself", "ca_pem"}},
    };
    for (const auto& one : cases) {
        CAPTURE(one.what);
        TlsServer server({.identity = one.identity});
        const auto ended = talk(server.address(), Tls(trusting()));
        CHECK(ended.code == errc::certificate_rejected);
        CHECK(is_authentication_error(ended.code));
        CHECK(!is_retriable(ended.code));
        for (const auto& word : one.words)
            CHECK(has(ended.diagnostics.detail, word));
        CHECK(has(ended.diagnostics.peer, server.address()));
        CHECK(server.connections() == 1);
    }
}

TEST_CASE("a name stands for the host where the configuration says so") {
    const auto kafka = make_identity({.name = "k", .names = "DNS:kafka.example"}, &authority());
    std::string called;
    TlsServer server({.identity = kafka}, [&](TlsPeer& peer) {
        called = peer.name_called();
        serve(peer);
    });
    auto config = trusting();
    config.server_name = "kafka.example";
    CHECK(!talk(server.address(), Tls(config)).code);
    CHECK(called == "kafka.example");
    config.server_name = "other.example";
    CHECK(has(talk(server.address(), Tls(config)).diagnostics.detail, "other.example"));
    config.verify_host = false;
    CHECK(!talk(server.address(), Tls(config)).code);
}

TEST_CASE("wildcards match one label and not a part of one") {
    const auto star = make_identity({.name = "*", .names = "DNS:*.kafka.example"}, &authority());
    const auto part = make_identity({.name = "p", .names = "DNS:b*.kafka.example"}, &authority());
    TlsServer server({.identity = star}), partial({.identity = part});
    auto config = trusting();
    config.server_name = "b1.kafka.example";
    CHECK(!talk(server.address(), Tls(config)).code);
    CHECK(talk(partial.address(), Tls(config)).code == errc::certificate_rejected);
    config.server_name = "a.b1.kafka.example";
    CHECK(talk(server.address(), Tls(config)).code == errc::certificate_rejected);
}

TEST_CASE("without verification everything is taken, and the log warns") {
    TlsServer server({.identity = make_identity({.name = "lonely", .names = ""})});
    TlsConfig config;
    config.verify_peer = false;
    const auto ended = talk(server.address(), Tls(config));
    CHECK(!ended.code);
    REQUIRE(ended.log.size() == 1);
    CHECK(has(ended.log[0], "verify_peer"));
}

TEST_CASE("the user's word on a certificate counts, in both directions") {
    TlsServer good({.identity = broker()}), bad({.identity = make_identity({.name = "lonely"})});
    auto config = trusting();
    std::vector<std::string> asked;
    config.verify = [&](const TlsVerification& v) {
        asked.push_back(v.certificate.subject + (v.ok ? " ok" : " " + v.reason));
        CHECK(v.host == "127.0.0.1");
        CHECK(!v.certificate.der.empty());
        return true;
    };
    CHECK(!talk(bad.address(), Tls(config)).code);
    CHECK(has(asked.front(), "CN = lonely self-signed"));
    asked.clear();
    CHECK(!talk(good.address(), Tls(config)).code);
    CHECK(asked == std::vector<std::string>{"CN = Test Authority ok", "CN = broker ok"});
    config.verify = [](const TlsVerification& v) { return v.depth > 0; };
    const auto refused = talk(good.address(), Tls(config));
    CHECK(refused.code == errc::certificate_rejected);
    CHECK(has(refused.diagnostics.detail, "TlsConfig::verify"));
    config.verify = [](const TlsVerification&) -> bool { throw std::runtime_error("no"); };
    CHECK(talk(good.address(), Tls(config)).code == errc::certificate_rejected);
}

TEST_CASE("mutual TLS: the broker gets the certificate it wants, or the error says that it does") {
    const auto client = make_identity({.name = "alice", .names = ""}, &authority());
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CAPTURE(version);
        TlsServer server({.identity = broker(), .clients = &authority(), .max_version = version});
        auto config = trusting();
        SUBCASE("none") {
            const auto ended = talk(server.address(), Tls(config));
            CHECK(ended.code == errc::client_certificate_rejected);
            CHECK(has(ended.diagnostics.detail, "certificate_file"));
        }
        SUBCASE("the right one") {
            config.certificate_pem = client.certificate_pem();
            config.key_pem = Secret(client.key_pem());
            CHECK(!talk(server.address(), Tls(config)).code);
        }
        SUBCASE("one of another authority") {
            const auto stranger = make_authority("Stranger");
            const auto mallory = make_identity({.name = "mallory", .names = ""}, &stranger);
            config.certificate_pem = mallory.certificate_pem();
            config.key_pem = Secret(mallory.key_pem());
            const auto ended = talk(server.address(), Tls(config));
            CHECK(ended.code == errc::client_certificate_rejected);
            CHECK(has(ended.diagnostics.detail, "CN = mallory"));
            CHECK(has(ended.diagnostics.detail, "CN = Stranger"));
        }
    }
}

TEST_CASE("certificate and key come from files, texts and PKCS#12, encrypted or not") {
    const auto client = make_identity({.name = "alice", .names = ""}, &authority());
    TlsServer server({.identity = broker(), .clients = &authority()});
    const Folder folder;
    TlsConfig config;
    config.ca_file = folder.put("ca.pem", authority().certificate_pem());
    const Secret password(std::string_view("s3cret"));
    SUBCASE("two files") {
        config.certificate_file = folder.put("cert.pem", client.certificate_pem());
        config.key_file = folder.put("key.pem", client.key_pem());
    }
    SUBCASE("one file") {
        config.certificate_file =
            folder.put("both.pem", client.key_pem() + client.certificate_pem());
    }
    SUBCASE("an encrypted key") {
        config.certificate_file = folder.put("cert.pem", client.certificate_pem());
        config.key_file = folder.put("key.pem", client.key_pem("s3cret"));
        config.password = password;
    }
    SUBCASE("one text") {
        config.certificate_pem = client.certificate_pem() + client.key_pem();
    }
    SUBCASE("an encrypted text") {
        config.certificate_pem = client.certificate_pem();
        config.key_pem = Secret(client.key_pem("s3cret"));
        config.password = password;
    }
    SUBCASE("PKCS#12") {
        config.pkcs12_file = folder.put("alice.p12", client.pkcs12("s3cret"));
        config.password = password;
    }
    SUBCASE("PKCS#12 with an empty password") {
        config.pkcs12_file = folder.put("alice.p12", client.pkcs12(""));
    }
    const auto ended = talk(server.address(), Tls(config));
    CHECK(!ended.code);
    CHECK(ended.diagnostics.detail == "");
    CHECK(ended.log.empty());
}

TEST_CASE("what cannot be loaded fails before anything is connected, and says which and why") {
    const auto client = make_identity({.name = "alice", .names = ""}, &authority());
    TlsServer server({.identity = broker()});
    const Folder folder;
    auto config = trusting();
    std::string word;
    config.certificate_pem = client.certificate_pem();
    config.key_pem = Secret(client.key_pem("s3cret"));
    SUBCASE("no password") {
        word = "the key in key_pem is encrypted and there is no password";
    }
    SUBCASE("a wrong password") {
        config.password = Secret(std::string_view("guess"));
        word = "the key in key_pem does not open with the password";
    }
    SUBCASE("another key") {
        config.key_pem = Secret(broker().key_pem());
        word = "the key does not belong to the certificate";
    }
    SUBCASE("no file") {
        config.ca_file = folder.path("absent.pem");
        word = "absent.pem': No such file";
    }
    SUBCASE("no PEM") {
        config.ca_file = folder.put("junk.pem", "junk");
        word = "holds no certificates in PEM";
    }
    SUBCASE("no PEM in a text") {
        config.certificate_pem = "junk";
        word = "certificate_pem holds no certificate in PEM";
    }
    SUBCASE("no key") {
        config.key_pem = {};
        word = "certificate_pem holds no private key";
    }
    SUBCASE("a key alone") {
        config.certificate_pem = "";
        word = "there is a key and no certificate";
    }
    SUBCASE("a wrong password of PKCS#12") {
        config.pkcs12_file = folder.put("a.p12", client.pkcs12("s3cret"));
        config.password = Secret(std::string_view("guess"));
        word = "a.p12' does not open with the password";
    }
    SUBCASE("no PKCS#12") {
        config.pkcs12_file = folder.put("a.p12", "junk");
        word = "is no PKCS#12";
    }
    SUBCASE("ciphers that nobody knows") {
        config.certificate_pem = "", config.key_pem = {};
        config.ciphers = "ROT13";
        word = "ciphers: ";
    }
    const auto ended = talk(server.address(), Tls(config));
    CHECK(ended.code == errc::invalid_argument);
    CHECK(has(ended.diagnostics.detail, word));
    CHECK(ended.diagnostics.detail.find("guess") == std::string::npos);
    CHECK(server.connections() == 0);
}

TEST_CASE("a key file that others can read is warned of") {
    const auto client = make_identity({.name = "alice", .names = ""}, &authority());
    TlsServer server({.identity = broker()});
    const Folder folder;
    auto config = trusting();
    config.certificate_file = folder.put("a.pem", client.certificate_pem() + client.key_pem());
    std::filesystem::permissions(config.certificate_file, std::filesystem::perms::group_read,
                                 std::filesystem::perm_options::add);
    const auto ended = talk(server.address(), Tls(config));
    CHECK(!ended.code);
    REQUIRE(ended.log.size() == 1);
    CHECK(has(ended.log[0], "can be read by others"));
}

TEST_CASE("files that change are read again for the next connection; broken ones are not used") {
    const auto other = make_authority("Other");
    TlsServer first({.identity = broker()}),
        second({.identity = make_identity({.name = "second"}, &other)});
    const Folder folder;
    TlsConfig config;
    config.ca_file = folder.put("ca.pem", authority().certificate_pem());
    const Tls tls(config);
    CHECK(!talk(first.address(), tls).code);
    CHECK(talk(second.address(), tls).code == errc::certificate_rejected);
    folder.put("ca.pem", other.certificate_pem());
    CHECK(!talk(second.address(), tls).code);
    CHECK(talk(first.address(), tls).code == errc::certificate_rejected);
    folder.put("ca.pem", "half of");
    const auto ended = talk(second.address(), tls);
    CHECK(!ended.code);
    REQUIRE(ended.log.size() == 1);
    CHECK(has(ended.log[0], "stays in use"));
}

TEST_CASE("a session is resumed, also in TLS 1.2, unless that is turned off") {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CAPTURE(version);
        std::vector<bool> resumed;
        TlsServer server({.identity = broker(), .max_version = version}, [&](TlsPeer& peer) {
            resumed.push_back(peer.resumed());
            serve(peer);
        });
        const Tls tls(trusting());
        for (int i = 0; i < 3; ++i) {
            const auto ended = talk(server.address(), tls);
            CHECK(!ended.code);
            REQUIRE(ended.info);
            CHECK(ended.info->resumed == (i > 0));
        }
        CHECK(resumed == std::vector<bool>{false, true, true});
        resumed.clear();
        auto config = trusting();
        config.resume_sessions = false;
        const Tls without(config);
        CHECK(!talk(server.address(), without).code);
        CHECK(!talk(server.address(), without).code);
        CHECK(resumed == std::vector<bool>{false, false});
    }
}

TEST_CASE("versions of TLS that do not meet are an error that says so") {
    TlsServer server({.identity = broker(), .max_version = TLS1_2_VERSION});
    auto config = trusting();
    config.min_version = TlsVersion::tls_1_3;
    const auto ended = talk(server.address(), Tls(config));
    CHECK(ended.code == errc::tls_failed);
    CHECK(has(ended.diagnostics.detail, "version"));
}

TEST_CASE("an SSL_CTX of the user's is used as it is") {
    TlsServer server({.identity = broker()});
    TlsConfig config;
    config.context.reset(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    // Asio keeps objects of its own in this place of a context that it made.
    int mine = 0;
    SSL_CTX_set_app_data(config.context.get(), &mine);
    const auto refused = talk(server.address(), Tls(config));
    CHECK(refused.code == errc::certificate_rejected);
    CHECK(has(refused.diagnostics.detail, "the given SSL_CTX"));
    X509_STORE_add_cert(SSL_CTX_get_cert_store(config.context.get()),
                        authority().certificate.get());
    CHECK(!talk(server.address(), Tls(config)).code);
}

TEST_CASE("TLS on one side only makes a sentence that says so") {
    SUBCASE("a plaintext listener that hangs up") {
        ScriptedServer server([](ScriptedPeer& peer) {
            peer.skip(16);
            peer.shut();
        });
        const auto ended = talk(server.address(), Tls(trusting()));
        CHECK(ended.code == errc::connection_lost);
        CHECK(has(ended.diagnostics.detail, "plaintext listener"));
    }
    SUBCASE("a plaintext listener that answers") {
        ScriptedServer server([](ScriptedPeer& peer) {
            peer.write(std::string_view("\0\0\0\x0a\0\0\0\0\0\x23\0\0\0\0", 14));
            peer.skip(100'000);
        });
        const auto ended = talk(server.address(), Tls(trusting()));
        CHECK(ended.code == errc::tls_failed);
        CHECK(has(ended.diagnostics.detail, "does not speak TLS"));
        CHECK(has(ended.diagnostics.detail, "plaintext listener"));
    }
    SUBCASE("a TLS listener that is spoken to in the clear") {
        TlsServer server({.identity = broker()});
        const auto ended = talk(server.address(), ConnConfig());
        CHECK((ended.code == errc::not_kafka || ended.code == errc::connection_lost));
        CHECK(has(ended.diagnostics.detail, "TLS listener"));
    }
}

TEST_CASE("S02: handshakes that stall or break end in time") {
    SUBCASE("a stall") {
        ScriptedServer server([](ScriptedPeer& peer) { peer.skip(100'000); });
        ConnConfig config;
        config.tls = trusting();
        config.connect_timeout = 100ms;
        const auto ended = talk(server.address(), config);
        CHECK(ended.code == errc::connect_timed_out);
        CHECK(has(ended.diagnostics.detail, "TLS handshake"));
    }
    SUBCASE("a reset") {
        // Not before the client has begun: the end of connecting would have been the reset.
        ScriptedServer server([](ScriptedPeer& peer) {
            peer.skip(1);
            peer.reset();
        });
        const auto ended = talk(server.address(), Tls(trusting()));
        CHECK(ended.code == errc::connection_lost);
    }
}

TEST_CASE("the client says good-bye when it closes, and takes an end without one for a loss") {
    bool well = false;
    TlsServer server({.identity = broker()}, [&](TlsPeer& peer) {
        peer.negotiate();
        const auto seen = peer.read();
        peer.answer(seen, ScriptedPeer::echo(seen));
        well = peer.ends_well();
    });
    CHECK(!talk(server.address(), Tls(trusting())).code);
    for (const bool good_bye : {false, true}) {
        CAPTURE(good_bye);
        TlsServer rude({.identity = broker()}, [&](TlsPeer& peer) {
            peer.negotiate();
            peer.read();
            if (good_bye) peer.say_good_bye();
            peer.shut();
        });
        CHECK(talk(rude.address(), Tls(trusting())).code == errc::connection_lost);
    }
    CHECK(well);
}

TEST_CASE("a printed configuration shows no secret") {
    auto config = trusting();
    config.ca_file = "ca.pem";
    config.certificate_pem = broker().certificate_pem();
    config.key_pem = Secret(broker().key_pem());
    config.password = Secret(std::string_view("s3cret"));
    const auto text = to_string(config);
    CHECK(has(text, "ca_file=ca.pem"));
    CHECK(has(text, "key_pem=****"));
    CHECK(has(text, "password=****"));
    CHECK(text.find("s3cret") == text.npos);
    CHECK(text.find("BEGIN") == text.npos);
}
