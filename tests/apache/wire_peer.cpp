// SPDX-License-Identifier: Apache-2.0
// The C++ side of the tests against Apache's Java: answers questions from its standard input until
// that ends. A question is {int32 size, int8 operation, string name, int16 version, bytes}, an
// answer {int32 size, bool ok, bytes or the failure's text}; numbers are big-endian, a string
// begins with an int16 length.
#include <cstdio>

#include "base/big_endian.hpp"
#include "peer.hpp"

namespace {

using namespace kafka;
using namespace kafka::protocol;

constexpr std::size_t most = std::size_t{256} << 20;

peer::Answer answer(const Slice& frame) {
    constexpr std::size_t before_name = 3, after_name = 2;
    if (frame.size() < before_name + after_name)
        return Failure{errc::invalid_argument, "a question cut short"};
    const std::size_t name_size = load_big<std::uint16_t>(frame.data() + 1);
    if (frame.size() < before_name + name_size + after_name)
        return Failure{errc::invalid_argument, "a question cut short"};
    const auto* name_end = frame.data() + before_name + name_size;
    const peer::Question question{
        static_cast<char>(frame.data()[0]), as_text({frame.data() + before_name, name_size}),
        load_big<std::int16_t>(name_end),
        Slice::copy_of(frame.bytes().subspan(before_name + name_size + after_name))};
    switch (question.operation) {
        case 'R':
        case 'D':
        case 'F':
        case 'H':
            return peer::answer_message(question);
        case 'B':
        case 'W':
            return peer::answer_records(question);
        case 'K':
        case 'A':
        case 'S':
            return peer::answer_balancer(question);
#if KAFKA_HAVE_JSON
        case 'J':
        case 'P':
        case 'L':
            return peer::answer_json(question);
#endif
    }
    return peer::unknown(question);
}

bool write(bool ok, std::span<const std::uint8_t> bytes) {
    std::uint8_t head[5];
    store_big(head, static_cast<std::uint32_t>(bytes.size() + 1));
    head[4] = ok;
    return std::fwrite(head, 1, sizeof head, stdout) == sizeof head &&
           std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() &&
           std::fflush(stdout) == 0;
}

}  // namespace

int main() {
    std::uint8_t head[4];
    while (std::fread(head, 1, sizeof head, stdin) == sizeof head) {
        const std::size_t size = load_big<std::uint32_t>(head);
        if (size > most) return 2;
        ByteBuffer frame;
        if (std::fread(frame.grow(size), 1, size, stdin) != size) return 2;
        const auto answered = answer(std::move(frame).release());
        const auto text = answered ? std::string() : answered.failure().message();
        if (!write(answered.has_value(), answered ? answered->bytes() : as_bytes(text))) return 2;
    }
    return 0;
}
