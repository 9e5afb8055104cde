// SPDX-License-Identifier: Apache-2.0
// Rule: what a development broker does differently from a real one, to whom and when.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <kafka/broker_errc.hpp>
#include <kafka/export.hpp>
#include <kafka/protocol/message.hpp>
#include <kafka/protocol/types.hpp>
#include <kafka/testing/barrier.hpp>

namespace kafka::testing {

/// Where in a response an error stands. Each includes those behind it: an API that has no code at
/// a level carries it at the next.
enum class ErrorLevel : std::uint8_t {
    top,        ///< the response's own errorCode
    entry,      ///< of a group, a resource or a coordinator in a list
    topic,      ///< of each topic
    partition,  ///< of each partition
};

/// When, in the course of a request, something happens to it.
enum class Stage : std::uint8_t {
    before,  ///< it has arrived, and nothing was done
    after,   ///< it has taken effect, and was not answered
};

/// How a broker ends a connection.
enum class Ending : std::uint8_t {
    close,  ///< as a broker that shuts down: FIN, after what was answered before
    reset,  ///< RST: as a broker that was killed
};

/// A field's value for Rule::set(). Texts also stand for bytes and, as Kafka spells them, for ids.
using FieldValue = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string>;

/// What a rule's predicates see of a request.
struct RequestView {
    const protocol::MessageInfo& info;
    const void* message;  ///< decoded; of info's type
    int version = 0;
    std::string_view client_id;
    std::string_view principal;  ///< "User:alice"; "User:ANONYMOUS" without authentication
    std::int32_t broker = 0;
    std::uint64_t connection = 0;
};

namespace detail {

// A rule as the broker sees it.

enum class ActionKind : std::uint8_t {
    // with the request
    delay,
    hold,
    disconnect,
    stop_reading,
    hang,
    error,
    reply,
    swallow,
    // with the response
    error_after,
    drop_items,
    repeat_items,
    set,
    edit,
    // with its bytes
    split,
    drip,
    stall,
    cut,
    garble,
    length,
    correlation,
    raw,
    prefix,
    twice,
    coalesce,
    half_close,
};

struct RuleAction {
    ActionKind kind{};
    Stage stage = Stage::before;
    Ending ending = Ending::close;
    std::optional<ErrorLevel> level = std::nullopt;
    broker_errc error{};
    std::chrono::milliseconds time{};
    std::int64_t first = 0, second = 0;
    std::string path = {};
    FieldValue value = nullptr;
    std::vector<std::uint8_t> bytes = {};
    std::function<void(const RequestView&, void* response)> edit = {};
    const protocol::MessageInfo* edited = nullptr;
    std::shared_ptr<BarrierState> barrier = {};
};

struct RuleData {
    bool for_connections = false;
    // whom
    std::vector<std::int16_t> apis;
    std::optional<protocol::VersionRange> versions;
    std::optional<std::string> client_id, principal, group, transactional_id;
    std::vector<std::int32_t> brokers;
    std::vector<std::string> topics;
    std::vector<std::int32_t> partitions;
    std::vector<std::uint64_t> connections;
    std::vector<std::function<bool(const RequestView&)>> predicates;
    // when
    std::uint64_t skip = 0;
    std::uint64_t most = UINT64_MAX;
    double probability = 1;
    std::uint64_t seed = 0;
    std::function<bool()> until;
    // what
    std::vector<RuleAction> actions;
    const protocol::MessageInfo* info = nullptr;      // with on<>(): of the request
    const protocol::MessageInfo* response = nullptr;  // and of the response
};

}  // namespace detail

/// A rule has three parts: whom it is for (everything, unless said otherwise), when it applies
/// (always) and what then happens. A plain value; broker.add() makes it work.
///
///     broker.add(Rule::on<ProduceRequest>().topic("orders").once()
///                    .error(broker_errc::not_leader_or_follower));
///     broker.add(Rule::on<FetchRequest>().client("reader").on_call(3).cut(17, Ending::reset));
///     broker.add(Rule::on_any().broker(2).with_probability(0.1, seed).delay(500ms));
///
/// All rules that match and whose turn it is act on a request, in the order in which they were
/// added. Functions given to a rule run on the broker's thread while it handles the request: they
/// must not call the Broker.
class KAFKA_API Rule {
public:
    /// For the requests of one API.
    template <protocol::Request R>
    [[nodiscard]] static Rule on() {
        return on(R::info, R::response_type::info);
    }
    [[nodiscard]] static Rule on(const protocol::MessageInfo& request,
                                 const protocol::MessageInfo& response);
    /// For all requests.
    [[nodiscard]] static Rule on_any();
    /// For connections, at the moment in which they are accepted. Of the matches only broker() has
    /// a meaning; of the actions disconnect(), hang(), raw(), close_after() and
    /// cut_requests().
    [[nodiscard]] static Rule on_connect();

    // ---- Whom. Several of one kind: any of them; several kinds: all of them.

    /// Another API, by its key.
    Rule& api(std::int16_t key);
    /// Requests of these versions.
    Rule& versions(std::int16_t min, std::int16_t max);
    /// The client id of the request's header.
    Rule& client(std::string_view client_id);
    /// "User:alice".
    Rule& principal(std::string_view name);
    /// Requests to that broker.
    Rule& broker(std::int32_t id);
    /// Requests that name the topic, or that fetch it in a session. Errors then concern this topic
    /// only, and the rest of the request is handled.
    Rule& topic(std::string_view name);
    /// The same for partitions, of that topic or of any.
    Rule& partition(std::int32_t index);
    Rule& group(std::string_view group_id);
    Rule& transactional_id(std::string_view id);
    /// As in RequestView and in Broker::history().
    Rule& connection(std::uint64_t id);
    /// Any other property.
    Rule& where(std::function<bool(const RequestView&)> predicate);
    /// A property of the message: `where<FetchRequest>([](const FetchRequest& r) {...})`.
    template <protocol::Request R, class Predicate>
    Rule& where(Predicate predicate) {
        return where([predicate = std::move(predicate)](const RequestView& view) {
            return view.info.api_key == R::info.api_key &&
                   predicate(*static_cast<const R*>(view.message));
        });
    }

    // ---- When: counts what matches. Default: always.

    Rule& once() { return times(1); }
    /// Only the n-th match, from 1.
    Rule& on_call(std::uint64_t n) { return after(n - 1).times(1); }
    /// The first n matches (behind those that after() skips).
    Rule& times(std::uint64_t n);
    /// Not before n have matched.
    Rule& after(std::uint64_t n);
    Rule& always() { return times(UINT64_MAX); }
    /// Each match with this probability, 0 to 1. The same seed chooses the same matches.
    Rule& with_probability(double probability, std::uint64_t seed);
    /// No more from the moment on in which this says true.
    Rule& until(std::function<bool()> over);

    // ---- What: with the request.

    /// The request is not handled; the response carries the error where its API has it by nature
    /// (for what names partitions: at these), or at the given level. With topic() or partition()
    /// only these fail and the rest is handled. broker_errc::none is the lie: a success, and
    /// nothing was done.
    Rule& error(broker_errc error, std::optional<ErrorLevel> level = std::nullopt);
    /// The request takes effect, and the response says that it failed.
    Rule& error_after(broker_errc error, std::optional<ErrorLevel> level = std::nullopt);
    /// The request is not handled; this is the answer.
    template <protocol::Message Response>
    Rule& reply(Response response) {
        return reply(Response::info,
                     [response = std::move(response)](const RequestView&, void* answer) {
                         *static_cast<Response*>(answer) = response;
                     });
    }
    /// The same, made for each request: `reply<R>([](const R& request, R::response_type& answer))`.
    template <protocol::Request R, class Make>
    Rule& reply(Make make) {
        using Response = typename R::response_type;
        return reply(
            Response::info, [make = std::move(make)](const RequestView& view, void* answer) {
                make(*static_cast<const R*>(view.message), *static_cast<Response*>(answer));
            });
    }
    Rule& reply(const protocol::MessageInfo& response,
                std::function<void(const RequestView&, void*)> make);
    /// Waits before the request is handled. Kafka handles one request of a connection at a time,
    /// so that those behind it wait as well.
    Rule& delay(std::chrono::milliseconds time);
    /// Handles the request at once and waits before it is answered.
    Rule& delay_answer(std::chrono::milliseconds time);
    /// Waits at the barrier before the request is handled.
    Rule& hold(const Barrier& barrier);
    /// Handles the request, and waits at the barrier before it is answered.
    Rule& hold_answer(const Barrier& barrier);
    /// Ends the connection instead of handling the request, or (Stage::after) instead of answering.
    Rule& disconnect(Stage stage = Stage::before, Ending ending = Ending::close);
    /// Never answers, and does nothing for this connection any more, which stays open. With
    /// Stage::after the request takes effect.
    Rule& hang(Stage stage = Stage::before);
    /// This one request takes effect and is never answered; those behind it are.
    Rule& swallow();
    /// Reads nothing from the connection for so long: the client's socket fills up.
    Rule& stop_reading(std::chrono::milliseconds time);

    // ---- What: with the response. Paths are field names as Apache spells them, in lower camel
    // ---- case: "topics.partitions.leaderId" (of all topics and partitions),
    // ---- "brokers[nodeId=2].port", "apiKeys[0].maxVersion".

    /// Takes the topics or partitions that the rule names (all of them, if it names none) out of
    /// the response.
    Rule& drop_from_response();
    /// Puts them there this many times.
    Rule& repeat_in_response(int times = 2);
    Rule& throttle(std::chrono::milliseconds time);
    Rule& set(std::string_view path, FieldValue value);
    Rule& set(std::string_view path, int value) {
        return set(path, FieldValue(std::int64_t{value}));
    }
    Rule& set(std::string_view path, std::nullptr_t) { return set(path, FieldValue(nullptr)); }
    Rule& set(std::string_view path, const char* text) {
        return set(path, FieldValue(std::string(text)));
    }
    /// Any other change: `edit<FetchResponse>([](FetchResponse& response) {...})`. Fields have to
    /// fit the request's version.
    template <protocol::Message Response, class Edit>
    Rule& edit(Edit edit_response) {
        return edit(Response::info,
                    [edit_response = std::move(edit_response)](const RequestView&, void* response) {
                        edit_response(*static_cast<Response*>(response));
                    });
    }
    Rule& edit(const protocol::MessageInfo& response,
               std::function<void(const RequestView&, void*)> edit_response);

    // ---- What: with the bytes of the answer, its length prefix included. They happen in the
    // ---- order in which they are written here, changes of the bytes first.

    /// Bits of the byte at `offset` are flipped; counted from the end if it is negative.
    Rule& garble(std::int64_t offset, std::uint8_t bits = 0xff);
    /// The length prefix says so many bytes more (or fewer).
    Rule& add_to_length(std::int32_t bytes);
    /// The correlation id is so much larger than the request's.
    Rule& add_to_correlation_id(std::int32_t number);
    /// These bytes in place of the answer. On on_connect(): as soon as a client has connected.
    Rule& raw(std::span<const std::uint8_t> bytes);
    Rule& raw(std::string_view bytes);
    /// These bytes before the answer: an answer that nobody asked for.
    Rule& prefix(std::span<const std::uint8_t> bytes);
    /// The whole answer twice.
    Rule& twice();
    /// `count` bytes are sent, then the connection ends. Negative: all but so many.
    Rule& cut(std::int64_t count, Ending ending = Ending::close);
    /// `count` bytes are sent, then FIN; the broker goes on reading.
    Rule& half_close(std::int64_t count);
    /// `count` bytes are sent, and the rest after that time, or never.
    Rule& stall(std::int64_t count, std::optional<std::chrono::milliseconds> time = std::nullopt);
    /// Pieces of so many bytes, each in a write of its own.
    Rule& split(std::size_t bytes);
    /// Pieces of random sizes from that range.
    Rule& split(std::size_t least, std::size_t most, std::uint64_t seed);
    /// Pieces of so many bytes, one every `interval`.
    Rule& drip(std::size_t bytes, std::chrono::milliseconds interval);
    /// Answers wait until `count` of them can go out in one write, but at most that long.
    Rule& coalesce(std::size_t count, std::chrono::milliseconds at_most);

    // ---- What: with connections; see on_connect().

    /// The connection ends when `count` bytes of requests were read, whatever is in them.
    Rule& cut_requests(std::size_t count, Ending ending = Ending::reset);
    /// The connection ends after that time, whatever it does.
    Rule& close_after(std::chrono::milliseconds time, Ending ending = Ending::close);

    /// The broker's side.
    [[nodiscard]] const detail::RuleData& data() const noexcept { return data_; }

private:
    Rule() = default;
    detail::RuleAction& act(detail::ActionKind kind);

    detail::RuleData data_;
};

/// A rule that was added to a broker. 0 is none.
using RuleId = std::uint64_t;

}  // namespace kafka::testing
