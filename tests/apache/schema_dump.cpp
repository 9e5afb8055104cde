// SPDX-License-Identifier: Apache-2.0
// Prints the schema of every message: what tools/check_schema.py compares with Apache's.
#include <iostream>

#include <kafka/protocol/registry.hpp>

int main() {
    using namespace kafka::protocol;
    for (const auto& api : apis())
        std::cout << describe(*api.request) << describe(*api.response);
    for (const auto& part : parts())
        std::cout << describe(*part.info);
    return std::cout.flush() ? 0 : 1;
}
