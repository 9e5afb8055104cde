// SPDX-License-Identifier: Apache-2.0
#include "auth/server.hpp"
#include "auth/text.hpp"

namespace kafka::auth {
namespace {

class PlainServer final : public ServerExchange {
public:
    explicit PlainServer(PasswordLookup passwords) : passwords_(std::move(passwords)) {}

    Result<ServerStep> step(std::span<const std::uint8_t> message, sasl::Time) override {
        if (std::exchange(over_, true)) return authentication_failed("a message out of order");
        const auto text = as_text(message);
        const auto first = text.find('\0');
        const auto second = first == text.npos ? first : text.find('\0', first + 1);
        if (second == text.npos || text.find('\0', second + 1) != text.npos)
            return authentication_failed("Invalid SASL/PLAIN response: expected 3 tokens");
        const auto id = text.substr(0, first);
        const auto user = text.substr(first + 1, second - first - 1);
        const Secret password(text.substr(second + 1));
        if (user.empty())
            return authentication_failed("Authentication failed: username not specified");
        if (password.empty())
            return authentication_failed("Authentication failed: password not specified");
        const auto expected = passwords_(user);
        if (!expected || !(*expected == password))
            return authentication_failed("Authentication failed: Invalid username or password");
        if (!id.empty() && id != user)
            return authentication_failed(
                "Authentication failed: Client requested an authorization id that is different "
                "from username");
        user_ = user;
        return ServerStep{Secret(), true};
    }

private:
    PasswordLookup passwords_;
    bool over_ = false;
};

}  // namespace

std::unique_ptr<ServerExchange> make_plain_server(PasswordLookup passwords) {
    return std::make_unique<PlainServer>(std::move(passwords));
}

}  // namespace kafka::auth
