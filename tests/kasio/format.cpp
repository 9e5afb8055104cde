// SPDX-License-Identifier: Apache-2.0
#include "format.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <kafka/error.hpp>

using kafka::protocol::BytesView;
using kafka::protocol::RecordHeaders;
using kafka::protocol::RecordView;
using kafka::protocol::TimestampType;
using kasio::Format;
using kasio::Shown;

namespace {

RecordView sample() {
    RecordView record;
    record.offset = 42;
    record.timestamp = 1'700'000'000'123;
    record.timestamp_type = TimestampType::create;
    record.key = BytesView("key");
    record.value = BytesView("value");
    return record;
}

// Two headers in wire form: a=1 and b=null.
RecordHeaders headers() {
    static constexpr std::uint8_t wire[] = {2, 'a', 2, '1', 2, 'b', 1};
    return RecordHeaders(wire, 2);
}

std::string formatted(std::string_view format, const RecordView& record,
                      const char* null_text = "") {
    auto parsed = Format::parse(format);
    REQUIRE_MESSAGE(parsed.has_value(), parsed.failure().message());
    parsed->set_null_text(null_text);
    std::string out;
    parsed->append(Shown{"topic", 3, &record}, out);
    return out;
}

std::string json(const RecordView& record) {
    std::string out;
    kasio::append_json(Shown{"topic", 3, &record}, out);
    return out;
}

std::string refusal(std::string_view format) {
    auto parsed = Format::parse(format);
    REQUIRE_FALSE(parsed.has_value());
    CHECK((parsed.failure().code == kafka::errc::invalid_argument));
    return parsed.failure().detail;
}

}  // namespace

TEST_CASE("each letter of kcat's formats stands for its part of the record") {
    auto record = sample();
    record.headers = headers();
    CHECK(formatted("%t|%p|%o|%k|%K|%s|%S|%T|%h", record) ==
          "topic|3|42|key|3|value|5|1700000000123|a=1,b=NULL");
    CHECK(formatted("%R", record) == std::string("\0\0\0\x05", 4));
}

TEST_CASE("percent signs and escapes in a format are themselves") {
    CHECK(formatted("100%% \\x41\\n\\\\", sample()) == "100% A\n\\");
}

TEST_CASE("null differs from empty by its length, and by a text where one is set") {
    auto record = sample();
    record.key = {};
    record.value = {};
    CHECK(formatted("%k,%K,%s,%S", record) == ",-1,,-1");
    CHECK(formatted("%k,%s", record, "NULL") == "NULL,NULL");
    CHECK(formatted("%R", record) == "\xff\xff\xff\xff");
    record.key = BytesView("");
    CHECK(formatted("%k,%K", record, "NULL") == ",0");
}

TEST_CASE("a format that is cut off is refused with the place") {
    CHECK(refusal("%") == "format: a % without its letter at character 1");
    CHECK(refusal("ab%s%") == "format: a % without its letter at character 5");
    CHECK(refusal("%s\\") == "format: a backslash without its character at character 3");
    CHECK(refusal("%s\\x") == "format: \\x without hexadecimal digits at character 3");
    CHECK(refusal("\\xzz") == "format: \\x without hexadecimal digits at character 1");
}

TEST_CASE("an unknown letter is refused by name, if it can be shown") {
    CHECK(refusal("%s %v{") == "format: unknown letter %v at character 4");
    CHECK(refusal("%\n") == "format: unknown letter at character 1");
    CHECK(refusal(std::string_view("%\0", 2)) == "format: unknown letter at character 1");
}

TEST_CASE("without a format a record is its value and the delimiter, keys in front if wanted") {
    const auto record = sample();
    std::string out;
    Format::lines("\n").append(Shown{"t", 0, &record}, out);
    CHECK(out == "value\n");
    const std::string tab = "\t";
    out.clear();
    Format::lines(";", &tab).append(Shown{"t", 0, &record}, out);
    CHECK(out == "key\tvalue;");
}

TEST_CASE("JSON holds every part of a record") {
    auto record = sample();
    record.headers = headers();
    CHECK(json(record) == R"({"topic":"topic","partition":3,"offset":42,"timestamp":1700000000123,)"
                          R"("timestamp_type":"create","key":"key","value":"value",)"
                          R"("headers":[{"key":"a","value":"1"},{"key":"b","value":null}]})"
                          "\n");
}

TEST_CASE("JSON has base64 for what is not UTF-8, null for null, and no raw control characters") {
    auto record = sample();
    record.timestamp_type = TimestampType::none;
    record.key = {};
    record.value = BytesView("\xff\xfe");
    CHECK(json(record).find(R"("timestamp":null,"timestamp_type":"none","key":null,)"
                            R"("value_base64":"//4=")") != std::string::npos);
    record.value = BytesView(std::string_view("\"\\\n\r\t\0\x1f\x7f\xc3\xa9", 10));
    CHECK(json(record).find(R"("value":"\"\\\n\r\t\u0000\u001f\u007f)"
                            "\xc3\xa9\"") != std::string::npos);
}
