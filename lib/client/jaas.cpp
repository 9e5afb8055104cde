// SPDX-License-Identifier: Apache-2.0
#include "client/jaas.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <kafka/error.hpp>

namespace kafka::properties {
namespace {

bool blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    Result<JaasLogin> parse() {
        JaasLogin login;
        skip();
        const auto module = word();
        if (module.empty()) return wrong("the name of a login module is missing");
        login.module = module.substr(module.rfind('.') + 1);
        skip();
        std::string flag(word());
        std::transform(flag.begin(), flag.end(), flag.begin(), [](char c) {
            return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        });
        constexpr std::array flags{"required", "requisite", "sufficient", "optional"};
        if (std::find(flags.begin(), flags.end(), flag) == flags.end())
            return wrong("'required' belongs between the module and its options");
        while (true) {
            skip();
            if (at_ == text_.size()) return wrong("the ';' at the end is missing");
            if (text_[at_] == ';') break;
            if (auto failure = option(login)) return failure;
        }
        ++at_;
        skip();
        if (at_ != text_.size()) return wrong("only one login module can be used");
        return login;
    }

private:
    Failure wrong(const char* what) const {
        return {errc::invalid_argument,
                "at character " + std::to_string(at_ + 1) + ": " + std::string(what)};
    }

    void skip() {
        while (at_ < text_.size()) {
            const auto rest = text_.substr(at_);
            if (blank(rest.front())) {
                ++at_;
            } else if (rest.starts_with("//")) {
                at_ += std::min(rest.find('\n'), rest.size());
            } else if (rest.starts_with("/*")) {
                const auto end = rest.find("*/", 2);
                at_ += end == rest.npos ? rest.size() : end + 2;
            } else {
                return;
            }
        }
    }

    std::string_view word() {
        const auto from = at_;
        while (at_ < text_.size() && !blank(text_[at_]) && text_[at_] != ';' && text_[at_] != '=' &&
               text_[at_] != '"')
            ++at_;
        return text_.substr(from, at_ - from);
    }

    Failure option(JaasLogin& login) {
        const std::string name(word());
        if (name.empty()) return wrong("the name of an option is missing");
        skip();
        if (at_ == text_.size() || text_[at_] != '=') return wrong("'=' is missing");
        ++at_;
        skip();
        Secret value;
        if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
            if (auto failure = quoted(value)) return failure;
        } else {
            const auto from = at_;
            while (at_ < text_.size() && !blank(text_[at_]) && text_[at_] != ';')
                ++at_;
            value = Secret(text_.substr(from, at_ - from));
            if (value.empty()) return wrong("a value is missing");
        }
        if (!login.options.emplace(name, std::move(value)).second)
            return wrong("an option is given twice");
        return {};
    }

    // As Java's StreamTokenizer reads it.
    Failure quoted(Secret& value) {
        const char quote = text_[at_++];
        while (at_ < text_.size() && text_[at_] != quote) {
            char c = text_[at_++];
            if (c == '\n') return wrong("a value in quotes ends before its quote");
            if (c == '\\' && at_ < text_.size()) c = escape();
            value.append(c);
        }
        if (at_ == text_.size()) return wrong("a value in quotes ends before its quote");
        ++at_;
        return {};
    }

    char escape() {
        const char c = text_[at_++];
        switch (c) {
            case 'a':
                return '\a';
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'v':
                return '\v';
            default:
                break;
        }
        if (c < '0' || c > '7') return c;
        int code = c - '0';
        const int most = c <= '3' ? 2 : 1;
        for (int i = 0; i < most && at_ < text_.size(); ++i) {
            if (text_[at_] < '0' || text_[at_] > '7') break;
            code = code * 8 + (text_[at_++] - '0');
        }
        return static_cast<char>(code);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

Result<JaasLogin> parse_jaas(std::string_view text) {
    return Parser(text).parse();
}

}  // namespace kafka::properties
