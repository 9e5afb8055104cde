// SPDX-License-Identifier: Apache-2.0
#include "ends.hpp"

#include <type_traits>

#include "numbered.hpp"

namespace kafka::peer {
namespace {

template <class Number>
void append(std::string& rows, Number number) {
    auto rest = static_cast<std::make_unsigned_t<Number>>(number);
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
        rows += static_cast<char>(rest & 0xffU);
        rest = static_cast<decltype(rest)>(static_cast<std::uint64_t>(rest) >> 8U);
    }
}

std::uint16_t outcome_of(const std::error_code& error) {
    if (!error) return 0;
    return error == errc::outcome_unknown ? 2 : 1;
}

}  // namespace

void Ends::take(const WrittenRecords& records) {
    const auto outcome = outcome_of(records.error);
    const auto size = records.cookies.size();
    rows_.clear();
    for (std::size_t i = 0; i < size; ++i) {
        const auto [key, sequence] = Numbers::of(records.cookies[i]);
        append(rows_, key);
        append(rows_, sequence);
        append(rows_, static_cast<std::int16_t>(records.partition));
        append(rows_, outcome);
        append(rows_, records.offset(i));
    }
    file_.write(rows_.data(), static_cast<std::streamsize>(rows_.size()));
    (outcome == 0 ? acknowledged_ : outcome == 1 ? failed_ : unknown_) += size;
    if (records.error) {
        auto text = records.error.message();
        text.append(": ").append(records.detail);
        // Details may name times: a handful is enough to see what went on.
        if (errors_.size() < 20 || errors_.count(text)) errors_[text] += size;
    }
    count_ += size;
}

bool Ends::finish(JsonLine& line) {
    file_.close();
    JsonLine errors;
    for (const auto& [text, times] : errors_)
        errors.add(text, times);
    line.add("acknowledged", acknowledged_).add("failed", failed_).add("unknown", unknown_);
    line.add("errors", errors);
    return !file_.fail();
}

}  // namespace kafka::peer
