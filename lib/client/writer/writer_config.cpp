// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <limits>
#include <string>

#include <kafka/codec.hpp>
#include <kafka/error.hpp>
#include <kafka/writer_config.hpp>

namespace kafka {
namespace {

using std::chrono::milliseconds;

Failure wrong(std::string what) {
    return {errc::invalid_argument, std::move(what)};
}
std::string text(std::size_t number) {
    return std::to_string(number);
}
std::string text(milliseconds time) {
    return std::to_string(time.count()) + " ms";
}

constexpr std::size_t least_size = 128;
constexpr std::size_t least_memory = 6 * 1024;  // the smallest batch with what describes it
constexpr std::size_t most_size = 0x7fffffff;
constexpr std::size_t longest_id = 0x7fff;  // of the protocol's older versions

}  // namespace

Failure check_writer_config(const WriterConfig& config) {
    if (auto failure = check_balancer(config.balancer)) return failure;
    if (config.enable_idempotence && config.acks != RequiredAcks::all)
        return wrong("enable_idempotence needs acks of all: set both, or neither");
    const auto in_flight = config.max_in_flight_requests_per_connection;
    if (in_flight == 0 || in_flight > 1000)
        return wrong("max_in_flight_requests_per_connection is " + text(std::size_t{in_flight}) +
                     ", not 1 to 1000");
    if (config.enable_idempotence && in_flight > 5)
        return wrong("max_in_flight_requests_per_connection is " + text(std::size_t{in_flight}) +
                     ": with enable_idempotence at most 5, which is what brokers remember");
    if (config.batch_size < least_size || config.batch_size > most_size)
        return wrong("batch_size is " + text(config.batch_size) + ", not 128 to 2147483647");
    if (config.batch_records == 0 || config.batch_records > most_size)
        return wrong("batch_records is " + text(config.batch_records) + ", not 1 to 2147483647");
    if (config.max_request_size < least_size || config.max_request_size > most_size)
        return wrong("max_request_size is " + text(config.max_request_size) +
                     ", not 128 to 2147483647");
    if (config.buffer_memory < least_memory)
        return wrong("buffer_memory is " + text(config.buffer_memory) + ", below " +
                     text(least_memory) + ": no batch fits");
    if (config.linger.count() < 0) return wrong("linger is below 0");
    if (config.max_block.count() < 0) return wrong("max_block is below 0");
    if (config.request_timeout.count() <= 0)
        return wrong("request_timeout is " + text(config.request_timeout) + ", not above 0");
    if (config.delivery_timeout < config.request_timeout ||
        config.delivery_timeout - config.request_timeout < config.linger)
        return wrong("delivery_timeout (" + text(config.delivery_timeout) +
                     ") is below linger + request_timeout (" + text(config.request_timeout) + ")");
    if (!config.transactional_id.empty()) {
        if (!config.enable_idempotence)
            return wrong(
                "transactional_id needs enable_idempotence: a transaction would hold "
                "records twice");
        if (config.on_full == OnFull::drop_oldest)
            return wrong(
                "transactional_id does not go with on_full drop_oldest: a transaction is "
                "written whole, or not at all");
        if (config.transactional_id.size() > longest_id)
            return wrong("transactional_id has " + text(config.transactional_id.size()) +
                         " bytes, more than 32767");
        if (config.transaction_timeout.count() <= 0 ||
            config.transaction_timeout.count() > std::numeric_limits<std::int32_t>::max())
            return wrong("transaction_timeout is " + text(config.transaction_timeout) +
                         ", not 1 to 2147483647");
    }
    if (config.retry_backoff.count() < 0 || config.retry_backoff_max.count() < 0)
        return wrong("a retry_backoff is below 0");
    if (!codec::available(config.compression))
        return {errc::unsupported_codec,
                std::string(to_string(config.compression)) + " was not compiled in"};
    if (config.compression_level) {
        const auto level = *config.compression_level;
        const auto range = codec::level_range(config.compression);
        const bool preset = config.compression == Compression::gzip && level == -1;
        if (!preset && (level < range.lowest || level > range.highest))
            return wrong("compression_level is " + std::to_string(level) + ": " +
                         std::string(to_string(config.compression)) + " has " +
                         std::to_string(range.lowest) + " to " + std::to_string(range.highest));
    }
    return {};
}

}  // namespace kafka
