// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <string>

#include <kafka/protocol/headers.hpp>
#include <kafka/protocol/registry.hpp>

#include "output.hpp"

namespace yardstick {
namespace {

constexpr std::int16_t produce_key = 0, fetch_key = 1, api_versions_key = 18;

}  // namespace

Connection::Connection(Broker& broker, std::int32_t node, Socket& socket)
    : broker_(broker),
      node_(node),
      socket_(socket),
      input_(socket),
      answers_(socket, broker.options.delay_us) {}

void Connection::serve() {
    for (;;)
        serve_one();
}

std::vector<std::uint8_t> Connection::start_answer(const Request& request) const {
    std::vector<std::uint8_t> frame(4);
    frame.reserve(256);
    Output out(frame, request.flexible);
    out.i32(request.correlation_id);
    if (request.api != api_versions_key) out.no_tags();
    return frame;
}

void Connection::serve_one() {
    input_.next_frame();
    Request request;
    request.api = input_.i16();
    request.version = input_.i16();
    request.correlation_id = input_.i32();
    broker_.stats.request(request.api, request.version);
    const auto* const row = broker_.find(request.api);
    const bool served = row && row->versions.contains(request.version);
    if (!served && request.api == api_versions_key) {
        input_.skip(input_.left());
        auto frame = start_answer(request);
        refuse_api_versions(broker_, frame);
        return answers_.send(std::move(frame), false);
    }
    if (!served) {
        const auto* const api = kafka::protocol::find_api(request.api);
        throw Gone{(api ? api->request->name : "API " + std::to_string(request.api)) + " v" +
                   std::to_string(request.version) + " is not served"};
    }
    request.flexible = row->request->flexible(request.version);
    if (const auto length = input_.i16(); length > 0) {
        input_.skip(static_cast<std::size_t>(length));  // the client's id
    }
    if (request.flexible) input_.skip_tags();
    switch (request.api) {
        case produce_key:
            return produce(request);
        case fetch_key:
            return fetch(request);
        default:
            return other(request);
    }
}

void Connection::other(const Request& request) {
    auto frame = start_answer(request);
    answer_other(broker_, request, input_.rest(), frame);
    answers_.send(std::move(frame), false);
}

}  // namespace yardstick
