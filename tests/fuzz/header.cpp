// SPDX-License-Identifier: Apache-2.0
// What stands before requests and responses: the headers as messages, and the short cut by which a
// connection finds a response's body.
#include <kafka/protocol/headers.hpp>

#include "core/request_frame.hpp"
#include "fuzz/messages.hpp"
#include "protocol/bytes.hpp"

namespace kafka::fuzz {
namespace {

const std::vector<Choice>& headers() {
    static const auto all = [] {
        std::vector<Choice> choices;
        for (const auto& choice : all_messages())
            if (choice.info->kind == protocol::MessageKind::header) choices.push_back(choice);
        return choices;
    }();
    return all;
}

void run(Input input) {
    Script script(input);
    const auto which = script.number<std::uint16_t>();
    const auto bytes = script.rest();
    for (const auto& header : headers())
        take(header, bytes);

    const auto& response = responses()[which % responses().size()];
    const auto frame = test::ExactBytes::of(bytes);
    std::size_t size = 0;
    const auto failure = core::response_header_size(*response.info, response.version, frame, size);
    const auto version = protocol::response_header_version(*response.info, response.version);
    protocol::ResponseHeader header;
    std::size_t used = 0;
    const auto slow =
        protocol::decode(protocol::ResponseHeader::info, &header, version, frame, {}, used);
    // Its caller has seen that there are four bytes.
    if (bytes.size() < 4) return;
    check(static_cast<bool>(failure) == static_cast<bool>(slow),
          "the short cut takes what the decoder takes");
    check(failure || size == used, "the short cut finds the same end as the decoder");
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> seeds;
    for (std::uint16_t which = 0; which < responses().size(); which += 37) {
        for (const auto& header : headers()) {
            Bytes seed;
            put(seed, which);
            put(seed, encoded(header, random_message(header, which).get()));
            seeds.push_back(std::move(seed));
        }
    }
    return seeds;
}

const Registration registration({"header", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
