// SPDX-License-Identifier: Apache-2.0
// CallType: what Client needs of a request's and its response's type. For the library's own use.
#pragma once

#include <memory>

#include <kafka/protocol/message.hpp>

namespace kafka::detail {

struct CallType {
    const protocol::MessageInfo* request;
    const protocol::MessageInfo* response;
    std::shared_ptr<void> (*make_response)();
    void (*move_response)(void* to, void* from);
};

template <protocol::Request Request>
inline const CallType call_type_of{
    &Request::info, &Request::response_type::info,
    []() -> std::shared_ptr<void> { return std::make_shared<typename Request::response_type>(); },
    [](void* to, void* from) {
        using Response = typename Request::response_type;
        *static_cast<Response*>(to) = std::move(*static_cast<Response*>(from));
    }};

}  // namespace kafka::detail
