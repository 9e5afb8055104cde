// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/json.hpp>

#include "peer.hpp"

namespace peer {
namespace {

using namespace kafka;
using namespace kafka::protocol;

Answer write_json(const Question& question, Fresh& message) {
    if (auto failure =
            decode_all(*message.info, message.object.get(), question.version, question.payload, {}))
        return failure;
    auto text = to_json(*message.info, message.object.get(), question.version);
    if (!text) return text.take_failure();
    ByteBuffer out;
    out.append(as_bytes(*text));
    return out;
}

Answer read_json(const Question& question, Fresh& message) {
    if (auto failure = from_json(*message.info, message.object.get(), question.version,
                                 as_text(question.payload.bytes())))
        return failure;
    Gather out;
    if (auto failure = encode(*message.info, message.object.get(), question.version, out))
        return failure;
    return out.flat();
}

// The request's bytes and the response's, one behind the other.
Answer read_log_line(const Question& question) {
    const auto logged = read_request_log(as_text(question.payload.bytes()));
    if (!logged) return logged.failure();
    const int version = logged->header.request_api_version;
    Gather out;
    if (auto failure = encode(*logged->api->request, logged->request.get(), version, out))
        return failure;
    if (!logged->response) return out.flat();
    if (auto failure = encode(*logged->api->response, logged->response.get(), version, out))
        return failure;
    return out.flat();
}

}  // namespace

Answer answer_json(const Question& question) {
    if (question.operation == 'L') return read_log_line(question);
    auto message = make_message(question.name);
    if (!message.info) return unknown(question);
    return question.operation == 'J' ? write_json(question, message) : read_json(question, message);
}

}  // namespace peer
