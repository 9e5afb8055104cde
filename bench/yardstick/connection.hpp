// SPDX-License-Identifier: Apache-2.0
// One connection: reads requests, one after the other, and answers them in a thread of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "answers.hpp"
#include "broker.hpp"
#include "input.hpp"
#include "session.hpp"
#include "socket.hpp"

namespace yardstick {

/// The header of a request.
struct Request {
    std::int16_t api = 0;
    std::int16_t version = 0;
    std::int32_t correlation_id = 0;
    bool flexible = false;
};

class Connection {
public:
    /// `node`: the id of the broker whose port was connected to.
    Connection(Broker& broker, std::int32_t node, Socket& socket);

    /// Until the peer goes. Throws Gone.
    void serve();

private:
    void serve_one();
    void produce(const Request& request);
    void fetch(const Request& request);
    /// What is to be read, by the rules of fetch sessions; null after `error` was set.
    Fetching* wanted(const kafka::protocol::FetchRequest& request, std::int16_t& error);
    /// Chooses batches for all rows. False: less than `min_bytes`, and nothing that is news.
    bool choose_all(Fetching& fetching, const kafka::protocol::FetchRequest& request, bool by_id);
    /// The requests that are not hot, through the library's own messages.
    void other(const Request& request);
    [[nodiscard]] std::vector<std::uint8_t> start_answer(const Request& request) const;

    struct Taken {
        std::int64_t records = 0;
        std::int16_t error = 0;
    };
    Taken take_batches(std::size_t size);

    Broker& broker_;
    const std::int32_t node_;
    Socket& socket_;
    Input input_;
    Answers answers_;
    std::vector<iovec> pieces_;
    Fetching sessionless_, session_;
};

/// Decodes the request, makes its answer, encodes that behind what `frame` holds.
/// Throws Gone where the request cannot be read or is for nothing that is there.
void answer_other(const Broker& broker, const Request& request, std::vector<std::uint8_t> body,
                  std::vector<std::uint8_t>& frame);
/// ApiVersions in a version that is not known: answered in version 0, with error 35 (KIP-511).
void refuse_api_versions(const Broker& broker, std::vector<std::uint8_t>& frame);

}  // namespace yardstick
