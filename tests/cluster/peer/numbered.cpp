// SPDX-License-Identifier: Apache-2.0
#include "numbered.hpp"

namespace kafka::peer {
namespace {

constexpr std::uint32_t alphabet = 59;

}  // namespace

Numbered::Numbered(std::uint32_t filler, std::int64_t time) : filler_(filler), time_(time) {
    for (std::uint32_t i = 0; i < alphabet + filler; ++i)
        text_ += static_cast<char>('A' + i % alphabet);
}

const Record& Numbered::make(Numbers numbers) {
    const auto [key, sequence] = numbers;
    key_ = "key-" + std::to_string(key);
    note_ = std::to_string(sequence % 7);
    value_ = std::to_string(sequence) + ' ';
    value_.append(text_, (key + sequence) % alphabet, (key * 31 + sequence * 17) % (filler_ + 1));
    header_ = {"note", protocol::BytesView(std::string_view(note_))};
    record_.key = protocol::BytesView(std::string_view(key_));
    record_.value = protocol::BytesView(std::string_view(value_));
    record_.headers = {&header_, 1};
    record_.timestamp = time_ + sequence;
    return record_;
}

}  // namespace kafka::peer
