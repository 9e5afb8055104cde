// SPDX-License-Identifier: Apache-2.0
// How clients of the brokers log in: the state of a connection that has to, and the exchanges that
// all brokers share.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <kafka/testing/broker_options.hpp>

#include "auth/server.hpp"
#include "testing/now.hpp"
#include "testing/seeded_random.hpp"

namespace kafka::testing {

struct SaslState {
    enum class Phase : std::uint8_t { handshake, exchange, done };

    Phase phase = Phase::handshake;
    bool raw = false;    // tokens come without Kafka's headers (SaslHandshake v0)
    bool again = false;  // re-authentication (KIP-368)
    std::string mechanism;
    std::string wanted;  // of a re-authentication
    std::unique_ptr<auth::ServerExchange> exchange;
    std::string user;
    Time since{};          // of the last success
    Time expires = never;  // of the session
};

class SaslServer {
public:
    SaslServer(const BrokerSasl& options, std::uint64_t seed) : options_(options), random_(seed) {}

    [[nodiscard]] const BrokerSasl& options() const noexcept { return options_; }
    [[nodiscard]] bool has(std::string_view mechanism) const noexcept;
    /// Null for a mechanism that is not known.
    [[nodiscard]] std::unique_ptr<auth::ServerExchange> begin(std::string_view mechanism);
    /// From the next login on. An empty password removes the user.
    void set_password(const std::string& user, const std::string& password);

private:
    [[nodiscard]] std::optional<std::string> password_of(std::string_view user) const;
    [[nodiscard]] std::optional<auth::ScramCredential> credential_of(auth::Hash hash,
                                                                     std::string_view user);

    BrokerSasl options_;
    SeededRandom random_;
    // PBKDF2 is done once for each.
    std::map<std::pair<auth::Hash, std::string>, auth::ScramCredential> credentials_;
};

}  // namespace kafka::testing
