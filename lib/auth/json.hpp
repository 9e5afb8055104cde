// SPDX-License-Identifier: Apache-2.0
// Just enough JSON (RFC 8259) for tokens and the answers of identity providers: one object, of
// which the members that are text, numbers, true, false or null are of interest. Values may be
// secrets, so they lie in memory that is overwritten; a general parser would leave copies behind.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/result.hpp>
#include <kafka/secret.hpp>

namespace kafka::auth {

struct JsonMember {
    enum class Kind : std::uint8_t { null, boolean, number, text, nested };

    std::string name;
    Kind kind = Kind::null;
    Secret text;        ///< kind text: decoded
    double number = 0;  ///< kind number; booleans are 0 and 1
};

class JsonObject {
public:
    explicit JsonObject(std::vector<JsonMember> members) : members_(std::move(members)) {}

    /// Null when there is none of that name and kind.
    [[nodiscard]] const JsonMember* find(std::string_view name, JsonMember::Kind kind) const;
    [[nodiscard]] const Secret* text(std::string_view name) const;
    [[nodiscard]] const double* number(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const;

private:
    std::vector<JsonMember> members_;
};

/// Refuses what is no JSON, what is no object, repeated names, more than 1000 members and nesting
/// deeper than 32. The failure (malformed_message) tells the place and shows none of the text.
[[nodiscard]] Result<JsonObject> read_json_object(std::string_view text);

/// Writes `{"name":"value",...}`.
class JsonWriter {
public:
    JsonWriter& add(std::string_view name, std::string_view value);
    JsonWriter& add(std::string_view name, std::int64_t value);
    [[nodiscard]] Secret take();

private:
    void name(std::string_view text);
    void quoted(std::string_view text);

    Secret out_;
};

}  // namespace kafka::auth
