// SPDX-License-Identifier: Apache-2.0
#include <kafka/error.hpp>
#include <kafka/testing/history.hpp>

namespace kafka::testing {

Failure RecordedCall::decode_as(const protocol::MessageInfo& info, void* message,
                                const Slice& body) const {
    if (info.api_key != api_key) {
        return Failure(errc::invalid_argument, "a call of " + api + ", not of " + info.api);
    }
    if (body.null()) return Failure(errc::invalid_argument, "a call without an answer");
    return protocol::decode_all(info, message, version, body, {});
}

}  // namespace kafka::testing
