// SPDX-License-Identifier: Apache-2.0
// Settings by Kafka's names: where they come from, and which counts.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/client_config.hpp>
#include <kafka/properties.hpp>
#include <kafka/result.hpp>
#include <kafka/writer_config.hpp>

namespace kasio {

/// What the command line says of settings. Empty: nothing.
struct GivenSettings {
    std::vector<std::string> given = {};  ///< -X
    std::string config_file = {};         ///< --config
    std::string brokers = {};             ///< -b
    std::string client_id = {};           ///< --client-id
    kafka::Properties options = {};       ///< of the command's own options, such as -z
};

/// "NAME=VALUE". Errors: invalid_argument, without the text, which may hold a password.
[[nodiscard]] kafka::Result<kafka::Property> parse_setting(std::string_view text);

/// From the environment ("NAME=VALUE", the last is null): each KASIO_NAME_OF_THE_PROPERTY that is
/// not empty, and KAFKA_BROKERS, which is weaker. Those of which no use can be made are optional.
[[nodiscard]] kafka::Properties environment_settings(const char* const* environment);

/// The user's own file: kasio/kasio.toml or kasio/kasio.properties in XDG_CONFIG_HOME, which is
/// HOME/.config by default. "": there is none. Errors: invalid_argument where there are both.
[[nodiscard]] kafka::Result<std::string> user_config_file(const char* const* environment);

/// All settings. From weak to strong: the user's file; the file of --config or KASIO_CONFIG; the
/// environment; -X; options of their own. In files what is for producers, consumers or another
/// client's insides is optional. Errors: as above, and those of read_config_file().
[[nodiscard]] kafka::Result<kafka::Properties> all_settings(const GivenSettings& given,
                                                            const char* const* environment);

/// What comes of them, over this program's defaults: no bootstrap, 5 s to connect. Settings of
/// producers are refused, unless `produces` says that writer_configuration() takes them. Errors:
/// invalid_argument.
[[nodiscard]] kafka::Result<kafka::ClientConfig> configuration(const kafka::Properties& settings,
                                                               bool produces = false);

/// What comes of them for a writer. Where nothing is said: a record is given up after `patience`
/// (at least a second), writing waits for room as long as there is hope, buffers hold two batches,
/// and a record may be about as large as they are. Errors: invalid_argument, unsupported_codec.
[[nodiscard]] kafka::Result<kafka::WriterConfig> writer_configuration(
    const kafka::Properties& settings, std::chrono::milliseconds patience);

/// For `-X list`: every property there is.
[[nodiscard]] std::string list_of_settings();
/// For `-X dump`: what was given and where, and what comes of it; secrets as "****". `writer` is
/// null for a command that does not produce.
[[nodiscard]] std::string dump_of_settings(const kafka::Properties& settings,
                                           const kafka::ClientConfig& config,
                                           const kafka::WriterConfig* writer = nullptr);

}  // namespace kasio
