// SPDX-License-Identifier: Apache-2.0
#include <kafka/version.hpp>

namespace kafka {

std::string_view version() noexcept {
    return KAFKA_ASIO_VERSION_STRING;
}

}  // namespace kafka
