// SPDX-License-Identifier: Apache-2.0
// The parts of the grants that need no network.
#pragma once

#include <string_view>

#include <kafka/sasl_oauth.hpp>

#include "auth/http.hpp"

namespace kafka::auth {

/// The signed assertion of RFC 7523.
[[nodiscard]] Result<Secret> make_assertion(const sasl::JwtBearer& config, const Secret& key,
                                            sasl::Time now);
/// The token in the answer of an endpoint (RFC 6749, section 5.1), or why there is none. Of an
/// error only its code is told (section 5.2): the rest of the answer could hold anything.
[[nodiscard]] Result<sasl::Token> read_token_answer(const HttpAnswer& answer, sasl::Time now);
/// application/x-www-form-urlencoded: appends "name=value", after "&" unless it is the first.
void add_form_field(Secret& form, std::string_view name, std::string_view value);

}  // namespace kafka::auth
