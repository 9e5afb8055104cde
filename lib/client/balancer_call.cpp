// SPDX-License-Identifier: Apache-2.0
#include "client/balancer_call.hpp"

#include <exception>
#include <string>

#include <kafka/error.hpp>

namespace kafka::client {
namespace {

Failure threw(std::string_view topic, std::string_view what) {
    return {errc::invalid_argument, "the balancer's function threw for topic " +
                                        std::string(topic) + ": " + std::string(what)};
}

}  // namespace

Result<std::int32_t> ask_balancer(const FunctionBalancer& balancer,
                                  const core::TopicBalancer& topic, std::string_view name,
                                  const protocol::RecordRef& record) {
    const auto table = topic.pin();
    const auto& candidates = table->candidates;
    if (candidates.count() == 0) return topic.failure(core::Choice::no_partitions, name);
    try {
        return topic.check_function(
            balancer.choose({name, record, candidates.count(), candidates.partitions()}), name);
    } catch (const std::exception& e) {
        return threw(name, e.what());
    } catch (...) {
        return threw(name, "no std::exception");
    }
}

}  // namespace kafka::client
