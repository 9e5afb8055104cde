// SPDX-License-Identifier: Apache-2.0
#include "testing/sasl_server.hpp"

#include <algorithm>
#include <array>

namespace kafka::testing {
namespace {

constexpr std::string_view plain = "PLAIN", scram_256 = "SCRAM-SHA-256",
                           scram_512 = "SCRAM-SHA-512", oauth = "OAUTHBEARER";

std::string printable(SeededRandom& random, std::size_t size) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::string text;
    while (text.size() < size)
        text += letters[random.next() % letters.size()];
    return text;
}

}  // namespace

bool SaslServer::has(std::string_view mechanism) const noexcept {
    const auto& known = options_.mechanisms;
    return std::find(known.begin(), known.end(), mechanism) != known.end();
}

std::optional<std::string> SaslServer::password_of(std::string_view user) const {
    for (const auto& one : options_.users) {
        if (one.name == user) return one.password;
    }
    return std::nullopt;
}

void SaslServer::set_password(const std::string& user, const std::string& password) {
    std::erase_if(options_.users, [&](const BrokerUser& one) { return one.name == user; });
    if (!password.empty()) options_.users.push_back({user, password});
    credentials_.clear();
}

std::optional<auth::ScramCredential> SaslServer::credential_of(auth::Hash hash,
                                                               std::string_view user) {
    const auto key = std::pair(hash, std::string(user));
    if (const auto at = credentials_.find(key); at != credentials_.end()) return at->second;
    const auto password = password_of(user);
    if (!password) return std::nullopt;
    auto made = auth::make_scram_credential(hash, Secret(std::string_view(*password)), 4096,
                                            Secret(std::string_view(printable(random_, 24))));
    if (!made) return std::nullopt;
    return credentials_.emplace(key, std::move(*made)).first->second;
}

std::unique_ptr<auth::ServerExchange> SaslServer::begin(std::string_view mechanism) {
    if (mechanism == plain) {
        return auth::make_plain_server([this](std::string_view user) -> std::optional<Secret> {
            if (const auto password = password_of(user)) {
                return Secret(std::string_view(*password));
            }
            return std::nullopt;
        });
    }
    if (mechanism == scram_256 || mechanism == scram_512) {
        const auto hash = mechanism == scram_256 ? auth::Hash::sha256 : auth::Hash::sha512;
        // Delegation tokens are not served: nobody has one.
        return auth::make_scram_server(
            hash,
            [this, hash](std::string_view user,
                         bool token) -> std::optional<auth::ScramCredential> {
                if (token) return std::nullopt;
                return credential_of(hash, user);
            },
            printable(random_, 24));
    }
    if (mechanism == oauth) return auth::make_oauth_server({.required_scope = options_.scope});
    return nullptr;
}

}  // namespace kafka::testing
