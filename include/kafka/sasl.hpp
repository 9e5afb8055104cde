// SPDX-License-Identifier: Apache-2.0
// SASL: how a client proves who it is (KIP-43, KIP-152). The interface of all mechanisms, and PLAIN
// and SCRAM. The others: <kafka/sasl_oauth.hpp>, <kafka/sasl_kerberos.hpp>, <kafka/sasl_aws.hpp>.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <kafka/error.hpp>
#include <kafka/export.hpp>
#include <kafka/result.hpp>
#include <kafka/secret.hpp>

namespace kafka::sasl {

/// Wall-clock time: what tokens and signatures are dated with. Mechanisms read no clock.
using Time = std::chrono::system_clock::time_point;

/// The broker to authenticate with, as the client addresses it.
struct Peer {
    std::string host;        ///< a name or an address, as configured or advertised
    std::uint16_t port = 0;  ///< TCP port
};

/// What an exchange wants after a challenge.
struct Step {
    Secret response;    ///< to be sent, even when empty; meaningless when done
    bool done = false;  ///< this side is satisfied and has nothing to send

    static Step send(Secret bytes) { return {std::move(bytes), false}; }
    static Step finished() { return {Secret(), true}; }
};

/// One authentication on one connection. The connection drives it so:
///
///   1. step() with an empty challenge gives the first response;
///   2. each response goes out in a SaslAuthenticate request, and the bytes of the answer are the
///      next challenge;
///   3. until a step is done (success), a step fails, or the broker answers with an error:
///      refused() then gives the failure to report.
///
/// Never used by two threads at once, but successive calls may come from different threads. May
/// outlive its Mechanism and may be destroyed at any point, except during a call.
class KAFKA_API Exchange {
public:
    virtual ~Exchange();

    /// True if the next step() may take long (key derivation, Kerberos, a token callback, HTTP):
    /// the connection then makes it on the blocking executor. Called before each step. Default
    /// false.
    [[nodiscard]] virtual bool blocks(Time now) noexcept;
    /// Takes the broker's challenge, gives the response. After a failure the exchange is over. The
    /// failure's text holds no secret.
    [[nodiscard]] virtual Result<Step> step(std::span<const std::uint8_t> challenge, Time now) = 0;
    /// Called when the broker ends the exchange with an error: its code, and its own message
    /// (unescaped, may be empty). Gives what the user is to be told. The default is errc's
    /// sasl_authentication_failed (or `code`, where that is another matter) with the message.
    [[nodiscard]] virtual Failure refused(std::error_code code, std::string_view message);
    /// After success: when the credentials themselves end, if that is known. A broker that wants
    /// re-authentication (KIP-368) says so separately. Default: unknown.
    [[nodiscard]] virtual std::optional<Time> expires() const noexcept;

protected:
    Exchange() = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
};

/// A way to authenticate, with its credentials: made once, shared by all connections, immutable to
/// its users and thread-safe. A mechanism of one's own derives from this class and from Exchange,
/// and needs nothing else.
class KAFKA_API Mechanism {
public:
    virtual ~Mechanism();

    /// The registered name, such as "SCRAM-SHA-512". Valid as long as the mechanism.
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;
    /// A fresh exchange with `peer`. Does not block. Fails with invalid_argument for a wrong
    /// configuration, with sasl_mechanism_unsupported for what was not compiled in.
    [[nodiscard]] virtual Result<std::unique_ptr<Exchange>> start(const Peer& peer) const = 0;
    /// The mechanism and its configuration for logs, with "****" for secrets. Default: name().
    [[nodiscard]] virtual std::string to_string() const;
    /// True if whoever reads the connection can log in afterwards: such a mechanism belongs inside
    /// TLS. Default false.
    [[nodiscard]] virtual bool reveals_secret() const noexcept;

protected:
    Mechanism() = default;
    Mechanism(const Mechanism&) = delete;
    Mechanism& operator=(const Mechanism&) = delete;
};

/// How mechanisms are handed around. Null means: no SASL.
using MechanismPtr = std::shared_ptr<const Mechanism>;

/// PLAIN (RFC 4616): name and password go to the broker as they are.
struct Plain {
    std::string user;  ///< not empty
    Secret password;   ///< not empty
    /// Act as another user, where the broker allows it. Default "": as `user`.
    std::string authorization_id = {};
};

/// SCRAM-SHA-256 and SCRAM-SHA-512 (RFC 5802, RFC 7677, KIP-84): the password stays here, and the
/// broker proves that it knows it too. Needs OpenSSL.
struct Scram {
    enum class Hash : std::uint8_t { sha256, sha512 };

    std::string user;  ///< not empty; UTF-8, sent as it is (Kafka applies no SASLprep)
    Secret password;   ///< not empty; UTF-8, used as it is
    Hash hash = Hash::sha512;
    /// `user` is the id of a delegation token and `password` its HMAC in base64 (KIP-48).
    /// Default false.
    bool delegation_token = false;
    /// More iterations than this are refused: a hostile broker could keep the client busy for
    /// hours. At least 4096, of which fewer are always refused. Default 1,000,000.
    std::int32_t max_iterations = 1'000'000;
    /// Act as another user, where the broker allows it (Kafka's allow none). Default "".
    std::string authorization_id = {};
};

[[nodiscard]] KAFKA_API MechanismPtr make_mechanism(Plain config);
/// Keys are derived once for all connections, and again when the broker shows another salt.
[[nodiscard]] KAFKA_API MechanismPtr make_mechanism(Scram config);

/// For logs: every field by its name, secrets as "****".
[[nodiscard]] KAFKA_API std::string to_string(const Plain& config);
[[nodiscard]] KAFKA_API std::string to_string(const Scram& config);

}  // namespace kafka::sasl
