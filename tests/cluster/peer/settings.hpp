// SPDX-License-Identifier: Apache-2.0
// How this program is told to connect: NAME=VALUE words, in the names of Kafka's and librdkafka's
// settings where they have one.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>

#include <kafka/client_config.hpp>
#include <kafka/conn_config.hpp>
#include <kafka/sasl_oauth.hpp>

namespace kafka::peer {

class Settings {
public:
    /// Throws std::invalid_argument where a word is none.
    explicit Settings(std::span<char*> words);

    [[nodiscard]] bool has(const std::string& name) const { return words_.count(name) > 0; }
    /// Throws std::invalid_argument if it is not there and has no default.
    [[nodiscard]] const std::string& text(const std::string& name) const;
    [[nodiscard]] std::string text(const std::string& name, const std::string& otherwise) const;
    [[nodiscard]] std::int64_t number(const std::string& name, std::int64_t otherwise) const;
    [[nodiscard]] std::chrono::milliseconds time(const std::string& name,
                                                 std::int64_t otherwise) const {
        return std::chrono::milliseconds(number(name, otherwise));
    }

    /// The connection: TLS, SASL, time-outs.
    [[nodiscard]] ConnConfig conn() const;
    [[nodiscard]] ClientConfig client() const;

private:
    [[nodiscard]] TlsConfig tls() const;
    [[nodiscard]] sasl::MechanismPtr mechanism() const;
    [[nodiscard]] sasl::TokenProvider tokens() const;

    std::map<std::string, std::string> words_;
};

}  // namespace kafka::peer
