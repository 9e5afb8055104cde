// SPDX-License-Identifier: Apache-2.0
#include <kafka/protocol/record.hpp>
#include <kafka/protocol/varint.hpp>

namespace kafka::protocol {

void RecordHeaders::iterator::decode() noexcept {
    if (left_ == 0) return;
    if (--left_ == 0) return;
    // The reader checked these bytes; a range made by hand from others ends where they go wrong.
    std::int32_t size = 0;
    if (!read_zigzag(at_, end_, size) || size < 0 || size > end_ - at_) {
        left_ = 0;
        return;
    }
    header_.key = as_text({at_, static_cast<std::size_t>(size)});
    at_ += size;
    if (!read_zigzag(at_, end_, size) || size < -1 || size > end_ - at_) {
        left_ = 0;
        return;
    }
    if (size < 0) {
        header_.value = nullptr;
    } else {
        header_.value = BytesView(at_, static_cast<std::size_t>(size));
        at_ += size;
    }
}

std::optional<BytesView> RecordHeaders::last(std::string_view key) const noexcept {
    std::optional<BytesView> found;
    for (const auto& header : *this) {
        if (header.key == key) found = header.value;
    }
    return found;
}

}  // namespace kafka::protocol
