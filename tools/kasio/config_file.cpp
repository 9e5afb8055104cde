// SPDX-License-Identifier: Apache-2.0
#include "config_file.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include <kafka/error.hpp>

namespace kasio {

namespace {

constexpr std::size_t largest_file = 1024 * 1024;

kafka::Result<std::string> read_text(const std::string& file) {
    const auto failed = [&file] {
        return kafka::Failure({errno, std::generic_category()}, "reading '" + file + "'");
    };
    struct Close {
        void operator()(std::FILE* open) const noexcept { std::fclose(open); }
    };
    const std::unique_ptr<std::FILE, Close> open(std::fopen(file.c_str(), "rbe"));
    if (!open) return failed();
    std::string text(largest_file + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), open.get()));
    if (std::ferror(open.get())) return failed();
    if (text.size() > largest_file)
        return kafka::Failure(kafka::errc::invalid_argument, "'" + file + "' is larger than 1 MiB");
    return text;
}

}  // namespace

kafka::Result<kafka::Properties> read_config_file(const std::string& file) {
    if (!file.ends_with(".toml")) return kafka::read_properties(file);
    auto text = read_text(file);
    if (!text) return text.take_failure();
    return parse_toml(*text, file);
}

}  // namespace kasio
