// SPDX-License-Identifier: Apache-2.0
#include <kafka/compression.hpp>

namespace kafka {

std::string_view to_string(Compression c) noexcept {
    switch (c) {
        case Compression::none:
            return "none";
        case Compression::gzip:
            return "gzip";
        case Compression::snappy:
            return "snappy";
        case Compression::lz4:
            return "lz4";
        case Compression::zstd:
            return "zstd";
    }
    return "unknown";
}

std::optional<Compression> compression_from_name(std::string_view name) noexcept {
    for (const auto c : {Compression::none, Compression::gzip, Compression::snappy,
                         Compression::lz4, Compression::zstd}) {
        if (name == to_string(c)) return c;
    }
    return std::nullopt;
}

}  // namespace kafka
