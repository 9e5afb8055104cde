// SPDX-License-Identifier: Apache-2.0
#include "base/crc32c.hpp"

#include <atomic>

#include "base/crc32c_variants.hpp"

namespace kafka {
namespace {

using crc32c_detail::Update;

template <Update* update>
std::uint32_t whole(std::span<const std::uint8_t> bytes, std::uint32_t seed) noexcept {
    return ~update(~seed, bytes.data(), bytes.size());
}

using Compute = std::uint32_t(std::span<const std::uint8_t>, std::uint32_t) noexcept;

std::uint32_t find_and_compute(std::span<const std::uint8_t> bytes, std::uint32_t seed) noexcept;

/// The variant in use. Threads that meet here at the first call all find the same one; nothing
/// else depends on the order, so that relaxed is enough.
constinit std::atomic<Compute*> chosen = find_and_compute;

std::uint32_t find_and_compute(std::span<const std::uint8_t> bytes, std::uint32_t seed) noexcept {
    for (const auto& variant : crc32c_variants()) {
        if (!variant.supported) continue;
        chosen.store(variant.compute, std::memory_order_relaxed);
        return variant.compute(bytes, seed);
    }
    return whole<crc32c_detail::update_portable>(bytes, seed);
}

}  // namespace

std::uint32_t crc32c(std::span<const std::uint8_t> bytes, std::uint32_t seed) noexcept {
    return chosen.load(std::memory_order_relaxed)(bytes, seed);
}

std::span<const Crc32cVariant> crc32c_variants() noexcept {
    using namespace crc32c_detail;
    // The best first.
    static const Crc32cVariant variants[] = {
#if defined(KAFKA_CRC32C_X86)
        {"avx512-vpclmulqdq", has_avx512(), whole<update_avx512>},
        {"avx2-vpclmulqdq", has_avx2(), whole<update_avx2>},
        {"sse4.2", has_sse42(), whole<update_sse42>},
#endif
#if defined(KAFKA_CRC32C_ARM)
        {"armv8-crc-pmull", has_arm_pmull(), whole<update_arm_pmull>},
        {"armv8-crc", has_arm(), whole<update_arm>},
#endif
        {"slicing-by-8", true, whole<update_portable>},
    };
    return variants;
}

}  // namespace kafka
