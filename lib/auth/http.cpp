// SPDX-License-Identifier: Apache-2.0
#include "auth/http.hpp"

#include "auth/text.hpp"

#if KAFKA_HAVE_CURL

#include <algorithm>
#include <array>
#include <memory>

#include <curl/curl.h>

namespace kafka::auth {
namespace {

constexpr std::size_t max_body = 1024 * 1024;

struct Free {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
    // Header lines hold credentials, and libcurl copies them.
    void operator()(curl_slist* list) const {
        for (auto* line = list; line; line = line->next)
            wipe(line->data, std::string_view(line->data).size());
        curl_slist_free_all(list);
    }
};
using Handle = std::unique_ptr<CURL, Free>;
using Url = std::unique_ptr<CURLU, Free>;
using Lines = std::unique_ptr<curl_slist, Free>;

// What the callbacks collect. They run inside curl_easy_perform, in C: nothing may be thrown.
struct Received {
    Secret body;
    std::string_view problem;
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) noexcept {
    auto& received = *static_cast<Received*>(user);
    if (size > max_body - received.body.size()) {
        received.problem = "the answer is above 1 MiB";
        return 0;
    }
    try {
        received.body.append(std::string_view(data, size));
    } catch (...) {
        received.problem = "no memory for the answer";
        return 0;
    }
    return size;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) noexcept {
    auto& received = *static_cast<Received*>(user);
    const std::string_view line(data, size);
    const auto colon = line.find(':');
    if (colon == line.npos || !equal_ignoring_case(line.substr(0, colon), "content-encoding"))
        return size;
    auto value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    while (!value.empty() && (value.back() <= ' '))
        value.remove_suffix(1);
    // None was offered: a body that unpacks to anything is not to be taken.
    if (value.empty() || equal_ignoring_case(value, "identity")) return size;
    received.problem = "the answer is compressed, which was not asked for";
    return 0;
}

std::string url_part(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK || !text) return {};
    std::string copy(text);
    curl_free(text);
    return copy;
}

bool is_loopback(std::string_view host) {
    if (host == "localhost" || host == "[::1]" || host == "::1") return true;
    // Digits and dots only, so that 127.evil.example is none.
    return host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos;
}

Failure wrong(std::string_view where, std::string_view what) {
    return authentication_failed(
        std::string("the token endpoint ").append(quotable(where)).append(": ").append(what));
}

bool global_init() {
    // Counted and, since 7.84, locked by libcurl itself; once here serves older ones too. Never
    // undone: nobody can know who else uses it.
    static const bool good = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    return good;
}

}  // namespace

bool http_available() noexcept {
    return true;
}

Result<HttpAnswer> http_post(const sasl::TokenEndpoint& endpoint,
                             const std::vector<Secret>& headers, const Secret& body) {
    constexpr std::string_view what = "the token endpoint";
    const Url url(global_init() ? curl_url() : nullptr);
    if (!url) return authentication_failed("libcurl cannot be initialised");
    if (endpoint.url.find('\0') != std::string::npos ||
        curl_url_set(url.get(), CURLUPART_URL, endpoint.url.c_str(), CURLU_NON_SUPPORT_SCHEME) !=
            CURLUE_OK)
        return bad_config(what, "the URL is malformed");
    const auto scheme = url_part(url.get(), CURLUPART_SCHEME);
    const auto host = url_part(url.get(), CURLUPART_HOST);
    const bool plain = scheme == "http" && endpoint.allow_http_on_loopback && is_loopback(host);
    if (scheme != "https" && !plain)
        return bad_config(what, "only https is allowed (and http to this machine, if switched on)");
    if (!url_part(url.get(), CURLUPART_USER).empty() ||
        !url_part(url.get(), CURLUPART_PASSWORD).empty())
        return bad_config(what, "the URL must not hold credentials");
    constexpr std::chrono::seconds longest = std::chrono::hours(1);
    if (endpoint.timeout.count() < 1 || endpoint.timeout > longest)
        return bad_config(what, "the timeout is not between 1 s and 1 h");

    const Handle handle(curl_easy_init());
    Lines lines;
    const auto add_line = [&lines](const char* line) {
        auto* const longer = curl_slist_append(lines.get(), line);
        if (!longer) return false;
        static_cast<void>(lines.release());
        lines.reset(longer);
        return true;
    };
    bool good = handle && add_line("Accept: application/json") && add_line("Expect:") &&
                add_line("Content-Type: application/x-www-form-urlencoded");
    for (const auto& header : headers) {
        Secret line = header;
        line.append('\0');
        good = good && add_line(line.reveal_text().data());
    }

    Received received;
    std::array<char, CURL_ERROR_SIZE> error{};
    const auto set = [&](CURLoption option, auto value) {
        good = good && curl_easy_setopt(handle.get(), option, value) == CURLE_OK;
    };
    set(CURLOPT_CURLU, url.get());
#if LIBCURL_VERSION_NUM >= 0x075500
    set(CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
#else
    set(CURLOPT_PROTOCOLS, static_cast<long>(plain ? CURLPROTO_HTTP : CURLPROTO_HTTPS));
#endif
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(endpoint.timeout.count() * 1000));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!endpoint.ca_file.empty()) set(CURLOPT_CAINFO, endpoint.ca_file.c_str());
    if (!endpoint.ca_pem.empty()) {
        // libcurl copies it.
        curl_blob blob{const_cast<char*>(endpoint.ca_pem.data()),  // NOLINT: it is only read
                       endpoint.ca_pem.size(), CURL_BLOB_COPY};
        set(CURLOPT_CAINFO_BLOB, &blob);
    }
    set(CURLOPT_HTTPHEADER, lines.get());
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    set(CURLOPT_POSTFIELDS, body.reveal_text().data());
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&received));
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&received));
    set(CURLOPT_ERRORBUFFER, error.data());
    if (!good) return authentication_failed("libcurl refused the settings of a request");

    const auto code = curl_easy_perform(handle.get());
    if (!received.problem.empty()) return wrong(host, received.problem);
    if (code != CURLE_OK)
        return wrong(host, quotable(error[0] ? error.data() : curl_easy_strerror(code)));
    HttpAnswer answer;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &answer.status);
    answer.body = std::move(received.body);
    return answer;
}

}  // namespace kafka::auth

#else

namespace kafka::auth {

bool http_available() noexcept {
    return false;
}
Result<HttpAnswer> http_post(const sasl::TokenEndpoint&, const std::vector<Secret>&,
                             const Secret&) {
    return not_compiled_in("a token endpoint", "libcurl");
}

}  // namespace kafka::auth

#endif
