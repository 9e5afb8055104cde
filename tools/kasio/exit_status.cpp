// SPDX-License-Identifier: Apache-2.0
#include "exit_status.hpp"

#include <cerrno>
#include <system_error>

#include <kafka/error.hpp>

namespace kasio {

namespace {

Exit of_client_error(kafka::errc error) noexcept {
    using kafka::errc;
    switch (error) {
        case errc::connection_closed:
        case errc::connection_lost:
        case errc::connect_timed_out:
        case errc::request_timed_out:
        case errc::resolve_failed:
        case errc::not_connected:
        case errc::not_kafka:
        case errc::delivery_timed_out:
        case errc::outcome_unknown:
        case errc::buffer_full:
        case errc::topic_not_ready:
            return Exit::unreachable;
        case errc::unsupported_api:
        case errc::unsupported_version:
        case errc::not_in_version:
            return Exit::refused;
        case errc::invalid_argument:
            return Exit::usage;
        default:
            return Exit::bad_data;
    }
}

}  // namespace

Exit exit_status_of(const std::error_code& error) noexcept {
    if (!error) return Exit::ok;
    if (kafka::is_authentication_error(error)) return Exit::refused;
    if (error.category() == kafka::broker_category()) return Exit::refused;
    if (error.category() == kafka::client_category()) {
        return of_client_error(static_cast<kafka::errc>(error.value()));
    }
    // What is left comes from sockets and name resolution.
    return Exit::unreachable;
}

Problem problem_of(const kafka::Failure& failure, std::string_view context) {
    std::string sentence(context);
    if (!sentence.empty()) sentence += ": ";
    sentence += failure.message();
    return {exit_status_of(failure.code), std::move(sentence)};
}

Problem file_problem(std::string_view context, int error_number) {
    const std::error_code error(error_number, std::generic_category());
    return {Exit::files, std::string(context) + ": " + error.message()};
}

std::string_view exit_status_help() noexcept {
    return "Exit status:\n"
           "  0    done\n"
           "  1    something was done, but not all of it\n"
           "  2    the command line is wrong\n"
           "  3    no broker could be reached, or not in time\n"
           "  4    a broker refused (login, authorisation, unknown topic, record too large ...)\n"
           "  5    bytes that are not what they should be (checksums, codecs, not Kafka's)\n"
           "  6    a file, standard input or standard output failed\n"
           "  130  ended by Ctrl-C (SIGINT); 143: by SIGTERM\n";
}

}  // namespace kasio
