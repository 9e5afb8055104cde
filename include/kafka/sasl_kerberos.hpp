// SPDX-License-Identifier: Apache-2.0
// SASL GSSAPI (RFC 4752): Kerberos.
#pragma once

#include <string>

#include <kafka/sasl.hpp>

namespace kafka::sasl {

/// GSSAPI: Kerberos 5 without a security layer, as Kafka wants it. Needs MIT Kerberos. All its
/// steps block: they may ask the KDC. Nothing in the process's environment is changed.
struct Gssapi {
    /// The brokers' service name (`sasl.kerberos.service.name`). The server's principal is
    /// SERVICE/HOST. Default "kafka".
    std::string service = "kafka";
    /// Whom to authenticate as, such as "alice@EXAMPLE.ORG". Default "": the first of `keytab`, or
    /// the owner of the tickets.
    std::string principal = {};
    /// File with the client's key. Tickets are then fetched and renewed with it, by the library
    /// itself, and no kinit is needed. Default "": use tickets that are there.
    std::string keytab = {};
    /// Where tickets are and go, such as "FILE:/run/app/tickets" or "MEMORY:app". Default "": the
    /// process's own (KRB5CCNAME); with `keytab`, a cache in memory of this mechanism alone.
    std::string ccache = {};
};

[[nodiscard]] KAFKA_API MechanismPtr make_mechanism(Gssapi config);
[[nodiscard]] KAFKA_API std::string to_string(const Gssapi& config);

}  // namespace kafka::sasl
