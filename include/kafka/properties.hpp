// SPDX-License-Identifier: Apache-2.0
// Configuration by Kafka's property names, as they stand in the files and manuals of Java's clients
// and of librdkafka.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/client_config.hpp>
#include <kafka/conn_config.hpp>
#include <kafka/export.hpp>
#include <kafka/result.hpp>
#include <kafka/writer_config.hpp>

namespace kafka {

/// One setting by its name: {"security.protocol", "SASL_SSL"}. The value may be a secret: print it
/// with to_string().
struct Property {
    std::string name;
    std::string value;
    /// Where it was written, for messages: "client.properties:7". Default "".
    std::string origin = {};
    /// Leave it out, without a word, where other settings make it pointless (a user name beside
    /// GSSAPI) instead of refusing them together. For what was not meant for this one use, such as
    /// environment variables. Default false.
    bool optional = false;
};

using Properties = std::vector<Property>;

/// What Kafka's properties configure. All properties of connections and clients are known by the
/// names of Java and of librdkafka; known_properties() lists them. TLS and SASL come from
/// `security.protocol`, `ssl.*` and `sasl.*`, also from a `sasl.jaas.config` with one of the
/// modules Plain, Scram, OAuthBearer, Krb5 and IAMLoginModule.
///
/// Nothing is ignored: a property that is not known (the failure names the nearest one that is), a
/// value outside its range, a setting that has no effect beside another, and one that this library
/// does not have are all refused, with a sentence that says where it was written and never holds a
/// secret. A name that is given twice counts the last time; two spellings of one property with
/// different values are refused.
///
/// `defaults` is what holds where nothing is given. Properties of producers, consumers and
/// administrators are refused, or, where `unused` is given, left out and named there.
/// Errors: invalid_argument. Files that hold certificates, keys and tokens are read later, when
/// they are needed; of a keystore the first bytes are looked at here.
[[nodiscard]] KAFKA_API Result<ClientConfig> client_config(
    std::span<const Property> properties, ClientConfig defaults = {},
    std::vector<std::string>* unused = nullptr);

/// The same for one connection: properties of a client (`bootstrap.servers`) are refused too, or
/// left out and named.
[[nodiscard]] KAFKA_API Result<ConnConfig> conn_config(std::span<const Property> properties,
                                                       ConnConfig defaults = {},
                                                       std::vector<std::string>* unused = nullptr);

/// What a writer takes of them, from the same list that client_config() is given: what is of
/// connections and clients is left to that, and time-outs and pauses that both have
/// (`request.timeout.ms`, `retry.backoff.ms`) are for both. As in Java, `enable.idempotence` that
/// is not given is off where `acks` or `max.in.flight.requests.per.connection` exclude it, and the
/// level of a codec that is not chosen has no effect. Settings of consumers and administrators, and
/// of producers what WriterConfig does not have, are refused, or, where `unused` is given, left out
/// and named there.
/// Errors: invalid_argument. check_writer_config() looks at what comes of them together.
[[nodiscard]] KAFKA_API Result<WriterConfig> writer_config(
    std::span<const Property> properties, WriterConfig defaults = {},
    std::vector<std::string>* unused = nullptr);

/// Text in the syntax of Java's .properties files (UTF-8): `name=value`, `name: value` or
/// `name value`, comments after '#' or '!', lines continued with '\', escapes such as \t and
/// \u00e9. The origins become "ORIGIN:LINE". Errors: invalid_argument, for a broken escape.
[[nodiscard]] KAFKA_API Result<Properties> parse_properties(std::string_view text,
                                                            std::string_view origin = {});
/// The same from a file, of at most 1 MiB. Blocks. Errors: also the system's, for a file that
/// cannot be read.
[[nodiscard]] KAFKA_API Result<Properties> read_properties(const std::string& file);

/// `weaker` and `stronger` together, without what `stronger` says otherwise: in any spelling, or in
/// another way (`sasl.username` instead of a `sasl.jaas.config`). Where `stronger` says how to
/// connect or log in (`security.protocol`, `sasl.mechanism`, `sasl.jaas.config`), what `weaker` has
/// for another way becomes optional.
[[nodiscard]] KAFKA_API Properties merged(const Properties& weaker, const Properties& stronger);

/// Whose setting a property is.
enum class PropertyScope : std::uint8_t {
    connection,  ///< of ConnConfig
    client,      ///< of ClientConfig
    producer,    ///< of WriterConfig
    consumer,
    admin,
    none,  ///< known from another client, refused here; its meaning says why
};

/// A property that is known.
struct PropertyInfo {
    std::string_view name;                       ///< Java's, where Java has it
    std::vector<std::string_view> aliases = {};  ///< other spellings
    PropertyScope scope = PropertyScope::none;
    std::string values = {};        ///< what it takes: "a number of milliseconds from 0"
    std::string_view meaning = {};  ///< one line
    bool secret = false;            ///< its value is never printed
};
/// All of them, by scope and subject. Lives as long as the program.
[[nodiscard]] KAFKA_API std::span<const PropertyInfo> known_properties();

/// For logs: "name=value", with "****" for the value of a secret and of what is not known, and for
/// passwords within addresses.
[[nodiscard]] KAFKA_API std::string to_string(const Property& property);
/// For logs: every field by its name, secrets as "****".
[[nodiscard]] KAFKA_API std::string to_string(const ConnConfig& config);
[[nodiscard]] KAFKA_API std::string to_string(const ClientConfig& config);
[[nodiscard]] KAFKA_API std::string to_string(const WriterConfig& config);

}  // namespace kafka
