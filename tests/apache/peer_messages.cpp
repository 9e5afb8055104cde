// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/headers.hpp>

#include "peer.hpp"
#include "protocol/random.hpp"
#include "base/big_endian.hpp"

namespace peer {
namespace {

using namespace kafka;
using namespace kafka::protocol;

Answer recode(const Question& question, Fresh& message) {
    const auto version = question.version;
    if (auto failure =
            decode_all(*message.info, message.object.get(), version, question.payload, {}))
        return failure;
    Gather out;
    if (auto failure = encode(*message.info, message.object.get(), version, out)) return failure;
    // A second object must be equal to the first: comparing is tried as well.
    auto again = make_message(question.name);
    const auto bytes = out.flat();
    const auto copy = Slice::copy_of(bytes.bytes());
    if (auto failure = decode_all(*message.info, again.object.get(), version, copy, {}))
        return failure;
    if (!equal(*message.info, message.object.get(), again.object.get()))
        return Failure{errc::malformed_message, "differs from itself after encoding"};
    return out.flat();
}

Answer fill(const Question& question, Fresh& message) {
    if (question.payload.size() != 8) return unknown(question);
    RandomOptions options;
    options.seed = load_big<std::uint64_t>(question.payload.data());
    options.unknown_tags = options.seed % 2 == 1;
    randomize(*message.info, message.object.get(), question.version, options);
    Gather out;
    if (auto failure = encode(*message.info, message.object.get(), question.version, out))
        return failure;
    return out.flat();
}

Answer header_versions(const Question& question) {
    const auto* api = find_api(question.name);
    if (!api) return unknown(question);
    ByteBuffer out;
    out.push_back(
        static_cast<std::uint8_t>(request_header_version(*api->request, question.version)));
    out.push_back(
        static_cast<std::uint8_t>(response_header_version(*api->response, question.version)));
    return out;
}

}  // namespace

Fresh make_message(std::string_view name) {
    for (const auto& api : apis()) {
        if (api.request->name == name) return {api.request, api.make_request()};
        if (api.response->name == name) return {api.response, api.make_response()};
    }
    for (const auto& part : parts())
        if (part.info->name == name) return {part.info, part.make()};
    return {nullptr, AnyMessage(nullptr, [](void*) {})};
}

Failure unknown(const Question& question) {
    return {errc::invalid_argument,
            std::string("no ") + question.operation + " of " + std::string(question.name)};
}

Answer answer_message(const Question& question) {
    if (question.operation == 'H') return header_versions(question);
    auto message = make_message(question.name);
    if (!message.info) return unknown(question);
    if (question.operation == 'R') return recode(question, message);
    if (question.operation == 'F') return fill(question, message);
    Gather out;
    if (auto failure = encode(*message.info, message.object.get(), question.version, out))
        return failure;
    return out.flat();
}

}  // namespace peer
