// SPDX-License-Identifier: Apache-2.0
// From `sasl.oauthbearer.*` to tokens.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <kafka/sasl_oauth.hpp>

#include "client/property_table.hpp"

namespace kafka::properties {

/// The options of the login module; each must be taken by somebody.
struct JaasOptions {
    const Settings::Given* given = nullptr;  ///< null: there is no sasl.jaas.config
    std::string module = {};
    std::map<std::string, Secret, std::less<>> options = {};

    Secret take(std::string_view name);
    std::string take_text(std::string_view name);
    /// Refuses the first that is left.
    [[nodiscard]] Failure left(std::string_view mechanism) const;
};

[[nodiscard]] Result<sasl::OAuthBearer> token_provider(Settings& settings, JaasOptions& login);

}  // namespace kafka::properties
