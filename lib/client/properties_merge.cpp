// SPDX-License-Identifier: Apache-2.0
// Two lists of properties, of which one is the stronger.
#include <algorithm>
#include <initializer_list>

#include <kafka/properties.hpp>

#include "client/property_table.hpp"

namespace kafka {
namespace {

using Names = std::initializer_list<std::string_view>;

// Two ways to say the same: whoever takes one gives up the other.
struct Ways {
    Names one, other;
};
const Ways ways[] = {
    {{"sasl.jaas.config"},
     {"sasl.username", "sasl.password", "sasl.kerberos.principal", "sasl.kerberos.keytab",
      "sasl.oauthbearer.client.id", "sasl.oauthbearer.client.secret"}},
    {{"ssl.ca.location"},
     {"ssl.truststore.location", "ssl.truststore.type", "ssl.truststore.password"}},
    {{"ssl.keystore.location", "ssl.keystore.type", "ssl.keystore.password"},
     {"ssl.certificate.location", "ssl.keystore.certificate.chain", "ssl.key.location",
      "ssl.keystore.key"}},
    {{"ssl.certificate.location"}, {"ssl.keystore.certificate.chain"}},
    {{"ssl.key.location"}, {"ssl.keystore.key"}},
    {{"sasl.oauthbearer.token.endpoint.url"},
     {"enable.sasl.oauthbearer.unsecure.jwt", "sasl.oauthbearer.config"}},
};

// What decides which of the other settings have an effect.
constexpr std::string_view decisive[] = {"security.protocol", "sasl.mechanism", "sasl.jaas.config"};

std::string_view main_name(const Property& property) noexcept {
    const auto* row = properties::find_row(property.name);
    return row ? row->name() : std::string_view(property.name);
}

bool has_any(const Properties& list, Names names) noexcept {
    return std::any_of(list.begin(), list.end(), [names](const Property& each) {
        return std::find(names.begin(), names.end(), main_name(each)) != names.end();
    });
}

bool contains(Names names, std::string_view name) noexcept {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_given_up(std::string_view name, const Properties& stronger) noexcept {
    return std::any_of(std::begin(ways), std::end(ways), [&](const Ways& each) {
        return (contains(each.one, name) && has_any(stronger, each.other)) ||
               (contains(each.other, name) && has_any(stronger, each.one));
    });
}

}  // namespace

Properties merged(const Properties& weaker, const Properties& stronger) {
    const bool decided = std::any_of(std::begin(decisive), std::end(decisive),
                                     [&](auto name) { return has_any(stronger, {name}); });
    Properties all;
    for (const auto& property : weaker) {
        const auto name = main_name(property);
        if (has_any(stronger, {name}) || is_given_up(name, stronger)) continue;
        all.push_back(property);
        all.back().optional = property.optional || decided;
    }
    all.insert(all.end(), stronger.begin(), stronger.end());
    return all;
}

}  // namespace kafka
