// SPDX-License-Identifier: Apache-2.0
#include "protocol/json/read.hpp"

namespace kafka::protocol {
namespace {

Failure not_a_line(const char* what) {
    return {errc::invalid_argument, std::string(what) + " in a line of a request log"};
}

// The object of the first brace, and of the text up to the last one: log patterns put times and
// names around it.
Json object_in(std::string_view line) {
    const auto begin = line.find('{');
    const auto end = line.rfind('}');
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin)
        return Json(Json::value_t::discarded);
    return parse_json(line.substr(begin, end - begin + 1));
}

}  // namespace

Result<LoggedRequest> read_request_log(std::string_view line) {
    const auto json = object_in(line);
    if (!json.is_object()) return not_a_line("no JSON object");
    const auto header = json.find("requestHeader");
    const auto request = json.find("request");
    if (header == json.end() || request == json.end())
        return not_a_line("no requestHeader or no request");

    LoggedRequest logged;
    // Brokers add the API's name to the header, and write no tags.
    if (auto failure = read_json(RequestHeader::info, &logged.header, 2, *header,
                                 {.missing_is_default = true, .skip_unknown = true}))
        return failure;
    logged.api = find_api(logged.header.request_api_key);
    if (!logged.api)
        return Failure{errc::unsupported_version,
                       "no API with the key " + std::to_string(logged.header.request_api_key)};

    const int version = logged.header.request_api_version;
    logged.request = logged.api->make_request();
    if (auto failure = read_json(*logged.api->request, logged.request.get(), version, *request, {}))
        return failure;
    const auto response = json.find("response");
    if (response == json.end() || !response->is_object()) return logged;
    logged.response = logged.api->make_response();
    if (auto failure =
            read_json(*logged.api->response, logged.response.get(), version, *response, {}))
        return failure;
    return logged;
}

}  // namespace kafka::protocol
