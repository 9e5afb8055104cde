// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <kafka/blocking/error.hpp>

namespace kafka {

struct Error::Text {
    Diagnostics diagnostics;
    std::string what;
};

Error::Error(const std::error_code& ec, Diagnostics diagnostics) : std::system_error(ec) {
    auto what = diagnostics.to_string(ec);
    text_ = std::make_shared<const Text>(Text{std::move(diagnostics), std::move(what)});
}
Error::~Error() = default;

const char* Error::what() const noexcept {
    return text_->what.c_str();
}
const Diagnostics& Error::diagnostics() const noexcept {
    return text_->diagnostics;
}

}  // namespace kafka
