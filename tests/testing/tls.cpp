// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <asio/ssl/context.hpp>
#include <asio/ssl/host_name_verification.hpp>
#include <asio/ssl/stream.hpp>

#include <kafka/error.hpp>
#include <kafka/testing/broker.hpp>
#include <kafka/testing/certificates.hpp>

#include "testing/socket_peer.hpp"

namespace {

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;
using protocol::MetadataRequest;

using TlsStream = asio::ssl::stream<asio::ip::tcp::socket>;

struct TlsClient {
    explicit TlsClient(const std::string& trusted) {
        context.add_certificate_authority(asio::buffer(trusted));
        context.set_verify_mode(asio::ssl::verify_peer);
    }
    void show(const Certificate& own) {
        context.use_certificate_chain(asio::buffer(own.pem));
        context.use_private_key(asio::buffer(own.key_pem), asio::ssl::context::pem);
    }
    // Null if the handshake fails.
    std::unique_ptr<StreamPeer<TlsStream>> connect(std::uint16_t port,
                                                   const std::string& host = "localhost") {
        auto peer = std::make_unique<StreamPeer<TlsStream>>(context);
        peer->stream().next_layer().connect({asio::ip::make_address("127.0.0.1"), port});
        peer->stream().set_verify_callback(asio::ssl::host_name_verification(host));
        peer->stream().handshake(asio::ssl::stream_base::client, error);
        return error ? nullptr : std::move(peer);
    }
    asio::ssl::context context{asio::ssl::context::tls_client};
    asio::error_code error;
};

BrokerTls tls_of(const Certificate& certificate) {
    BrokerTls tls;
    tls.certificate_pem = certificate.pem;
    tls.key_pem = certificate.key_pem;
    return tls;
}

std::size_t brokers_seen(StreamPeer<TlsStream>& peer) {
    return peer.ask(MetadataRequest{}, 12).brokers.size();
}

}  // namespace

TEST_CASE("a broker speaks TLS with a certificate that its clients trust") {
    CertificateAuthority authority;
    Broker broker({.brokers = 1, .topics = {{"t", 1}}, .tls = tls_of(authority.issue())});
    TlsClient client(authority.pem());
    for (const auto* host : {"localhost", "127.0.0.1"}) {
        auto peer = client.connect(broker.ports()[0], host);
        REQUIRE(peer);
        CHECK(brokers_seen(*peer) == 1);
        // Larger than a TLS record, in both directions.
        std::vector<std::uint8_t> batch = make_batch(20'000);
        CHECK(peer->ask(produce_request(batch), 9).responses.size() == 1);
        const auto fetched = peer->ask(fetch_request(0), 12);
        CHECK(fetched.responses.at(0).partitions.at(0).records.size() >= batch.size());
    }
    CHECK(!client.connect(broker.ports()[0], "elsewhere"));
    TlsClient stranger(CertificateAuthority("another").pem());
    CHECK(!stranger.connect(broker.ports()[0]));
}

TEST_CASE("certificates can be bad in many ways") {
    CertificateAuthority authority;
    CertificateOptions options;
    std::string host = "localhost";
    bool good = false;
    SUBCASE("good") {
        good = true;
    }
    SUBCASE("RSA") {
        options.key = KeyKind::rsa_2048;
        good = true;
    }
    SUBCASE("a wildcard") {
        options.dns_names = {"*.example.com"};
        host = "kafka.example.com";
        good = true;
    }
    SUBCASE("over") {
        options.not_after = -1h;
        options.not_before = -2h;
    }
    SUBCASE("not yet") {
        options.not_before = 1h;
    }
    SUBCASE("another host") {
        options.dns_names = {"other.example.com"};
    }
    SUBCASE("self-signed") {
        options.self_signed = true;
    }
    if (!good || host == "localhost") options.ip_addresses.clear();
    Broker broker({.brokers = 1, .tls = tls_of(authority.issue(options))});
    TlsClient client(authority.pem());
    const auto peer = client.connect(broker.ports()[0], host);
    CHECK((peer != nullptr) == good);
}

TEST_CASE("a chain of authorities reaches the root") {
    CertificateAuthority root;
    CertificateAuthority middle("middle", root), lower("lower", middle);
    Broker broker({.brokers = 1, .tls = tls_of(lower.issue())});
    TlsClient client(root.pem());
    const auto peer = client.connect(broker.ports()[0]);
    REQUIRE(peer);
    CHECK(brokers_seen(*peer) == 1);
}

TEST_CASE("with mutual TLS a client is who its certificate says") {
    CertificateAuthority authority;
    auto tls = tls_of(authority.issue());
    tls.client_auth = ClientAuth::required;
    tls.client_ca_pem = authority.pem();
    Broker broker({.brokers = 1, .tls = tls, .record_history = true});
    {
        TlsClient client(authority.pem());
        client.show(authority.issue({.common_name = "alice"}));
        const auto peer = client.connect(broker.ports()[0]);
        REQUIRE(peer);
        CHECK(brokers_seen(*peer) == 1);
        CHECK(broker.history().at(0).principal == "User:CN=alice");
    }
    TlsClient anonymous(authority.pem());
    // With TLS 1.3 the client hears of it when it reads.
    if (const auto peer = anonymous.connect(broker.ports()[0])) {
        asio::error_code ignored;
        asio::write(peer->stream(), asio::buffer("\0\0\0\0", 4), ignored);
        peer->read_to_end();
    }
    TlsClient stranger(authority.pem());
    stranger.show(CertificateAuthority("another").issue({.common_name = "mallory"}));
    if (const auto peer = stranger.connect(broker.ports()[0])) peer->read_to_end();
    CHECK(broker.history().size() == 1);
}

TEST_CASE("a connection under TLS ends with a goodbye, and can be cut without") {
    CertificateAuthority authority;
    Broker broker({.brokers = 1, .tls = tls_of(authority.issue())});
    TlsClient client(authority.pem());
    const auto id = broker.add(Rule::on<MetadataRequest>().cut(10));
    auto peer = client.connect(broker.ports()[0]);
    REQUIRE(peer);
    peer->send(MetadataRequest{}, 12);
    CHECK(peer->read_to_end() == 10);
    CHECK(peer->error() == asio::error::eof);
    broker.remove(id);
    broker.add(Rule::on<MetadataRequest>().cut(10, Ending::reset));
    peer = client.connect(broker.ports()[0]);
    REQUIRE(peer);
    peer->send(MetadataRequest{}, 12);
    peer->read_to_end();
    CHECK(peer->error() != asio::error::eof);
}

TEST_CASE("a client in the clear cannot talk to a broker under TLS, and harms nobody") {
    CertificateAuthority authority;
    Broker broker({.brokers = 1, .tls = tls_of(authority.issue())});
    SocketPeer plain(broker.ports()[0]);
    plain.send(MetadataRequest{}, 12);
    plain.read_to_end();
    TlsClient client(authority.pem());
    const auto peer = client.connect(broker.ports()[0]);
    REQUIRE(peer);
    CHECK(brokers_seen(*peer) == 1);
}

TEST_CASE("TLS that cannot work is an exception") {
    CertificateAuthority authority;
    auto tls = tls_of(authority.issue());
    tls.key_pem = authority.issue().key_pem;
    CHECK_THROWS_AS(Broker({.brokers = 1, .tls = tls}), std::system_error);
    CHECK_THROWS_AS(Broker({.brokers = 1, .tls = BrokerTls{}}), std::system_error);
    CHECK_THROWS_AS(static_cast<void>(authority.issue({.ip_addresses = {"no address"}})),
                    std::system_error);
}
