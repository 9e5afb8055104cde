// SPDX-License-Identifier: Apache-2.0
// From `security.protocol`, `ssl.*` and `sasl.*` to TLS and SASL.
#include "base/escape.hpp"
#include "client/property_table.hpp"

namespace kafka::properties {
namespace {

bool is_about(const Settings::Given& given, std::string_view prefix) noexcept {
    return given.row->name().starts_with(prefix);
}

// Why what is left has no effect, and what to do.
Failure pointless(const Settings& settings, const Settings::Given& left) {
    const auto* protocol = settings.find("security.protocol");
    const auto* mechanism = settings.find("sasl.mechanism");
    const auto name = protocol ? std::string(protocol->value.text) : std::string("PLAINTEXT");
    const bool tls = name.find("SSL") != name.npos;
    const bool sasl = name.starts_with("SASL");
    const bool of_sasl = is_about(left, "sasl.") || is_about(left, "enable.sasl.") ||
                         is_about(left, "https.") || is_about(left, "allow.");
    auto sentence = place_of(*left.property) + ": this has no effect with ";
    if ((of_sasl && sasl) || (!of_sasl && tls)) {
        const auto* jaas = settings.find("sasl.jaas.config");
        if (of_sasl && jaas && jaas->taken)
            return refuse(sentence + "sasl.jaas.config, which says it all: leave one of them out");
        if (of_sasl && left.row->name() == "allow.plaintext.credentials")
            return refuse(sentence + "security.protocol=" + name + ": leave it out");
        return refuse(sentence +
                      (of_sasl ? "sasl.mechanism=" +
                                     (mechanism ? std::string(mechanism->value.text) : "GSSAPI")
                               : "the other ssl settings") +
                      ": leave it out");
    }
    sentence += "security.protocol=" + name + (protocol ? "" : ", which is the default");
    sentence += of_sasl ? ": set security.protocol to " + std::string(tls ? "SASL_SSL"
                                                                          : "SASL_SSL (or "
                                                                            "SASL_PLAINTEXT)")
                        : ": set security.protocol to " +
                              std::string(sasl ? "SASL_SSL" : "SSL or SASL_SSL");
    return refuse(sentence + ", or leave it out");
}

}  // namespace

Failure apply_security(Settings& settings, ConnConfig& config) {
    const auto* protocol = settings.take("security.protocol");
    if (protocol) {
        const auto name = protocol->value.text;
        const bool tls = name.ends_with("SSL"), sasl = name.starts_with("SASL");
        config.tls.reset();
        config.sasl.reset();
        if (tls) {
            auto made = tls_from(settings);
            if (!made) return made.take_failure();
            config.tls = Tls(*std::move(made));
        }
        if (sasl) {
            auto made = sasl_from(settings);
            if (!made) return made.take_failure();
            config.sasl = *std::move(made);
            if (!tls)
                config.allow_plaintext_credentials =
                    settings.take_flag("allow.plaintext.credentials", false);
        }
    }
    const auto* left = settings.left();
    return left ? pointless(settings, *left) : Failure();
}

}  // namespace kafka::properties
