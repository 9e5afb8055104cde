// SPDX-License-Identifier: Apache-2.0
#include "core/split.hpp"

namespace kafka::core {

const Splitter* find_splitter(std::int16_t api_key) noexcept {
    for (const auto splitters :
         {partition_splitters(), key_splitters(), list_splitters(), share_state_splitters()})
        for (const auto& splitter : splitters)
            if (splitter.api_key == api_key) return &splitter;
    return nullptr;
}

}  // namespace kafka::core
