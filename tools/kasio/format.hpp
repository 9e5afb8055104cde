// SPDX-License-Identifier: Apache-2.0
// kcat's format strings (-f), and records as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <kafka/protocol/record.hpp>
#include <kafka/result.hpp>

namespace kasio {

/// A record with what it does not know itself.
struct Shown {
    std::string_view topic;
    std::int32_t partition = 0;
    const kafka::protocol::RecordView* record = nullptr;
};

/// A format string, read once. Thread-safe when const.
class Format {
public:
    /// Letters: %s %S %R value, its length (-1 for null), the length as four bytes; %k %K key and
    /// its length; %T timestamp (ms), %h headers, %t topic, %p partition, %o offset, %% percent.
    /// Escapes as in escape.hpp. Errors: invalid_argument, with the place.
    [[nodiscard]] static kafka::Result<Format> parse(std::string_view text);
    /// The value and what is between records; the key in front, if wanted, and what follows it.
    [[nodiscard]] static Format lines(std::string_view delimiter,
                                      const std::string* key_separator = nullptr);

    /// Stands for null keys, values and header values ("NULL" with kcat's -Z). Default: nothing;
    /// a null header value is always NULL, as with kcat.
    void set_null_text(std::string text) { null_text_ = std::move(text); }

    void append(const Shown& shown, std::string& out) const;

private:
    struct Piece {
        char letter = 0;  ///< 0: `text`
        std::string text;
    };
    void add_text(char c);

    std::vector<Piece> pieces_;
    std::string null_text_;
};

/// Appends the record as one line of JSON: topic, partition, offset, timestamp (milliseconds; null
/// if there is none), timestamp_type (create, log_append, none), key, value, headers (a list, as
/// keys may repeat). Bytes that are not UTF-8 stand in base64 in key_base64, value_base64 instead.
void append_json(const Shown& shown, std::string& out);

/// Appends the text as a JSON string; it must be UTF-8.
void append_json_string(std::string_view text, std::string& out);

/// The letters, for --help.
[[nodiscard]] std::string_view format_help() noexcept;

}  // namespace kasio
