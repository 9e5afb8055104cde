// SPDX-License-Identifier: Apache-2.0
// A build without OpenSSL, asked for TLS.
#include <ostream>

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

#include <kafka/conn.hpp>

#include "client/scripted_server.hpp"

using namespace kafka;
using namespace kafka::testing;
using namespace std::chrono_literals;

TEST_CASE("without OpenSSL a connection that should be TLS is refused before it is made") {
    ScriptedServer server(serve);
    asio::io_context io;
    ConnConfig config;
    config.tls.emplace();
    Conn conn(io, config);
    std::error_code result;
    Diagnostics diagnostics;
    conn.async_connect(server.address(), {.diagnostics = &diagnostics},
                       [&](std::error_code ec) { result = ec; });
    io.run_for(20s);
    CHECK(result == errc::tls_unsupported);
    CHECK(diagnostics.detail.find("without OpenSSL") != std::string::npos);
    CHECK(server.connections() == 0);
}
