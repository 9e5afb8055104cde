// SPDX-License-Identifier: Apache-2.0
// Which answers may be decoded from memory that the next read overwrites.
#include <span>
#include <string>

#include <doctest/doctest.h>

#include <kafka/protocol/registry.hpp>

#include "core/request_frame.hpp"
#include "protocol/table.hpp"

using namespace kafka;

namespace {

bool shares_memory(const protocol::StructTable& table) {
    for (const auto& row : table.rows()) {
        if (row.type->kind == protocol::FieldKind::records) return true;
        if (row.type->inner && shares_memory(*row.type->inner)) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("exactly the responses with record data need a frame that stays") {
    int with_records = 0;
    for (const auto& api : protocol::apis()) {
        const auto* response = api.response;
        INFO(std::string(response->name));
        CHECK(shares_memory(*response->table) == core::holds_records(*api.request));
        with_records += shares_memory(*response->table) ? 1 : 0;
    }
    CHECK(with_records == 3);
}
