// SPDX-License-Identifier: Apache-2.0
// The user's balancer function: called here, where user code may run.
#pragma once

#include <cstdint>
#include <string_view>

#include <kafka/balancer.hpp>

#include "core/balancer/topic_balancer.hpp"

namespace kafka::client {

/// The partition that the function chooses for a record; errc::invalid_argument when that is none
/// of the topic's, or it throws. For a choice with the reason `ask_function`. Under no lock.
[[nodiscard]] Result<std::int32_t> ask_balancer(const FunctionBalancer& balancer,
                                                const core::TopicBalancer& topic,
                                                std::string_view name,
                                                const protocol::RecordRef& record);

}  // namespace kafka::client
