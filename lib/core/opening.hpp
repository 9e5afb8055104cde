// SPDX-License-Identifier: Apache-2.0
// How a connection is opened, from the host's name to the authenticated connection, and how it
// authenticates again (KIP-368). Without I/O: says what to do next and is told what came of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <kafka/protocol/api_versions.hpp>
#include <kafka/protocol/sasl_authenticate.hpp>
#include <kafka/protocol/sasl_handshake.hpp>
#include <kafka/result.hpp>
#include <kafka/slice.hpp>

#include "core/handshake.hpp"
#include "core/time.hpp"

namespace kafka::core {

struct OpeningPlan {
    bool tls = false;
    std::string mechanism;  ///< of SASL; empty: none
    std::string software_name, software_version;
};

/// start(), then one of the resume functions, as each step says, until `done` or `failed`. What is
/// asked for ends: at most 4 connections and `most_rounds` rounds of SASL.
class Opening {
public:
    enum class Step : std::uint8_t {
        prepare,  ///< load what TLS needs; then resumed()
        resolve,  ///< the host's name; then resumed()
        connect,  ///< to one of its addresses, after closing what is connected; then resumed()
        secure,   ///< the TLS handshake; then resumed()
        send,     ///< question(); then answered()
        turn,     ///< the SASL exchange's, with challenge(), a fresh exchange where that is null;
                  ///< then turned()
        done,     ///< the connection may be used
        failed,   ///< failure(), refusal()
    };
    static constexpr int most_rounds = 32;

    explicit Opening(OpeningPlan plan);

    /// Before start(); see Handshake::expect().
    void expect(std::string cluster_id, std::int32_t node_id) {
        handshake_.expect(std::move(cluster_id), node_id);
    }

    Step start();
    Step resumed();
    /// With the body of the answer.
    Step answered(const Slice& body);
    /// With the exchange's response; none if the exchange is satisfied.
    Step turned(std::optional<Secret> response);
    /// The step failed. `heard`: the peer has sent something on this connection. May go on with
    /// another connection.
    Step failed(Failure failure, bool heard = false);
    /// Begins again with SASL, on the open connection.
    Step reauthenticate();

    struct Question {
        const protocol::MessageInfo* info;
        const void* message;
        std::int16_t version;
    };
    [[nodiscard]] Question question() const noexcept;
    [[nodiscard]] const Slice& challenge() const noexcept { return challenge_; }
    [[nodiscard]] const Failure& failure() const noexcept { return failure_; }
    /// The failure is the broker's word on an exchange: its message, as it came. The exchange may
    /// have more to say.
    [[nodiscard]] const std::optional<std::string>& refusal() const noexcept { return refusal_; }
    /// What is being done, for people: "waiting for the answer to ApiVersions v4".
    [[nodiscard]] std::string doing() const;
    /// Between `resolve` and a connection: whoever does that knows more about it.
    [[nodiscard]] bool reaching() const noexcept {
        return phase_ == Phase::resolve || phase_ == Phase::connect;
    }
    /// The API of question(), with its version; empty where nothing is asked.
    [[nodiscard]] std::string api() const;

    /// After `done`.
    [[nodiscard]] const protocol::ApiVersionsResponse& versions() const noexcept {
        return versions_;
    }
    /// For how long the broker takes the authentication for good; 0: as long as the connection.
    [[nodiscard]] std::int64_t session_lifetime_ms() const noexcept { return lifetime_; }

private:
    enum class Phase : std::uint8_t {
        idle,
        prepare,
        resolve,
        connect,
        secure,
        versions,
        mechanism,
        turn,
        authenticate,
        open,
    };

    Step go(Phase phase, Step step) noexcept {
        phase_ = phase;
        return step;
    }
    Step fail(Failure failure);
    Step on_versions(const Slice& body);
    Step on_mechanism(const Slice& body);
    Step on_authenticated(const Slice& body);

    const OpeningPlan plan_;
    Phase phase_ = Phase::idle;
    bool asked_versions_ = false;  // on an earlier connection
    bool opened_ = false;
    int rounds_ = 0;
    Handshake handshake_;
    protocol::ApiVersionsResponse versions_;
    protocol::SaslHandshakeRequest mechanism_;
    protocol::SaslAuthenticateRequest authenticate_;
    std::int16_t authenticate_version_ = 0;
    Slice challenge_;
    std::int64_t lifetime_ = 0;
    Failure failure_;
    std::optional<std::string> refusal_;
};

/// When to authenticate again: after 85 to 95 percent of the lifetime, as Java's client does, so
/// that clients which connected together do not come together. `random` lies in [0, 1). never if
/// the lifetime is none; not before a second is over, however short it is.
[[nodiscard]] Time reauthentication_time(std::int64_t lifetime_ms, Time authenticated,
                                         double random) noexcept;

}  // namespace kafka::core
