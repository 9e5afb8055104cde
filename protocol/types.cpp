// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <kafka/protocol/types.hpp>

namespace kafka::protocol {

std::span<const RawTag> UnknownTags::all() const noexcept {
    if (!tags_) return {};
    return *tags_;
}

void UnknownTags::add(std::uint32_t tag, std::span<const std::uint8_t> data) {
    if (!tags_) tags_ = new std::vector<RawTag>;
    auto place = std::upper_bound(tags_->begin(), tags_->end(), tag,
                                  [](std::uint32_t t, const RawTag& raw) { return t < raw.tag; });
    tags_->insert(place, RawTag{tag, Bytes(data.begin(), data.end())});
}

std::vector<RawTag>* UnknownTags::copy(const std::vector<RawTag>* from) {
    return new std::vector<RawTag>(*from);
}
void UnknownTags::destroy(std::vector<RawTag>* tags) noexcept {
    delete tags;
}

bool UnknownTags::same_as(const UnknownTags& other) const noexcept {
    return std::ranges::equal(all(), other.all());
}

}  // namespace kafka::protocol
