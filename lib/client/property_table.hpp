// SPDX-License-Identifier: Apache-2.0
// The table of properties: one row a property, and what was given of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/properties.hpp>
#include <kafka/writer_config.hpp>

namespace kafka::properties {

/// What a property takes.
struct Kind {
    enum class Form : std::uint8_t { text, number, milliseconds, boolean, choice };

    Form form = Form::text;
    std::int64_t min = 0, max = 0;  ///< of a number, or of milliseconds
    bool never = false;             ///< -1 means: no limit
    std::string_view choices = {};  ///< separated by spaces; upper and lower case are alike
    bool secret = false;

    [[nodiscard]] std::string expected() const;
};

constexpr std::int64_t int_max = std::numeric_limits<std::int32_t>::max();
constexpr Kind text{};
constexpr Kind secret{.secret = true};
constexpr Kind boolean{.form = Kind::Form::boolean};
constexpr Kind number(std::int64_t min, std::int64_t max = int_max) {
    return {.form = Kind::Form::number, .min = min, .max = max};
}
constexpr Kind millis(std::int64_t min = 0) {
    return {.form = Kind::Form::milliseconds, .min = min, .max = int_max};
}
/// -1 gives milliseconds::max().
constexpr Kind millis_or_never(std::int64_t min = 0) {
    return {.form = Kind::Form::milliseconds, .min = min, .max = int_max, .never = true};
}
constexpr Kind one_of(std::string_view choices) {
    return {.form = Kind::Form::choice, .choices = choices};
}

/// A value that was read by its kind.
struct Value {
    std::string_view text;    ///< as given, trimmed; of a choice, as the table spells it
    std::int64_t number = 0;  ///< of a number
    bool flag = false;
    std::chrono::milliseconds time{};
};

/// A writer's configuration while properties are put into it: what several of them decide together
/// is put together by finish_writer().
struct WriterDraft {
    WriterConfig config;
    std::optional<bool> idempotence;
    std::string_view partitioner = {};  ///< as the table spells it; empty: not given
    bool ignore_keys = false;
    std::optional<bool> adaptive, rack_aware;
    std::optional<int> level;           ///< of any codec
    std::optional<int> levels[3] = {};  ///< of gzip, lz4 and zstd
};

struct Row {
    std::string_view names;  ///< the name and its aliases, separated by spaces
    PropertyScope scope;
    Kind kind;
    std::string_view meaning;
    /// Puts it into the configuration. Null: whoever puts TLS and SASL together takes it (scope
    /// connection), or nobody does.
    void (*apply)(ClientConfig& config, const Value& value) = nullptr;
    /// The same for a writer, which may share a property with the client. Null: it has no use for
    /// it.
    void (*write)(WriterDraft& draft, const Value& value) = nullptr;

    [[nodiscard]] std::string_view name() const noexcept {
        return names.substr(0, names.find(' '));
    }
    [[nodiscard]] bool has(std::string_view spelling) const noexcept;
};

/// The rows by subject. To add a property is to add a row.
[[nodiscard]] std::span<const Row> client_rows() noexcept;
[[nodiscard]] std::span<const Row> security_rows() noexcept;
[[nodiscard]] std::span<const Row> writer_rows() noexcept;
/// Known, and of somebody else, or of nobody.
[[nodiscard]] std::span<const Row> other_rows() noexcept;

[[nodiscard]] const Row* find_row(std::string_view name) noexcept;
/// The known name that is most alike; empty where none is.
[[nodiscard]] std::string_view nearest_name(std::string_view name);

/// "client.properties:7: ssl.ca.location", the beginning of each sentence.
[[nodiscard]] std::string place_of(const Property& property);
[[nodiscard]] Failure refuse(std::string sentence);

/// Errors: invalid_argument; without the value where that is secret.
[[nodiscard]] Result<Value> read_value(const Property& property, const Kind& kind);

/// The properties of TLS and SASL that were given. Each must be taken by somebody: what is left has
/// no effect, and is refused.
class Settings {
public:
    struct Given {
        const Property* property;
        const Row* row;
        Value value;
        bool taken = false;
    };

    void add(const Property& property, const Row& row, const Value& value);

    /// Null: it was not given. Taking is by the first of its names.
    const Given* take(std::string_view name);
    /// Looks at it without taking it.
    [[nodiscard]] const Given* find(std::string_view name) const noexcept;
    /// Empty: not given.
    std::string take_text(std::string_view name);
    Secret take_secret(std::string_view name);
    bool take_flag(std::string_view name, bool otherwise);
    /// The first that is left and not optional.
    [[nodiscard]] const Given* left() const noexcept;

private:
    std::vector<Given> given_;
};

/// The last step of a draft: idempotence, the balancer and the level of the codec.
void finish_writer(WriterDraft& draft);

/// Puts `tls`, `sasl` and allow_plaintext_credentials together. Without any setting, the defaults
/// stay as they are.
[[nodiscard]] Failure apply_security(Settings& settings, ConnConfig& config);
/// Its parts. `protocol` and so on are for sentences.
[[nodiscard]] Result<TlsConfig> tls_from(Settings& settings);
[[nodiscard]] Result<sasl::MechanismPtr> sasl_from(Settings& settings);

}  // namespace kafka::properties
