// SPDX-License-Identifier: Apache-2.0
#include <kafka/sasl.hpp>

#include "auth/text.hpp"

namespace kafka::sasl {

Exchange::~Exchange() = default;

bool Exchange::blocks(Time) noexcept {
    return false;
}

Failure Exchange::refused(std::error_code code, std::string_view message) {
    return auth::refused(code, message);
}

std::optional<Time> Exchange::expires() const noexcept {
    return std::nullopt;
}

Mechanism::~Mechanism() = default;

std::string Mechanism::to_string() const {
    return std::string(name());
}

bool Mechanism::reveals_secret() const noexcept {
    return false;
}

}  // namespace kafka::sasl
