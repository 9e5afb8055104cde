// SPDX-License-Identifier: Apache-2.0
// A connection, step by step as the input says: requests, writes, answers right and wrong in
// pieces of any size, cancellations, time. Whatever happens, each request is completed once.
#include <cstring>
#include <map>

#include "base/big_endian.hpp"
#include "core/conn_core.hpp"
#include "core/request_frame.hpp"
#include "fuzz/messages.hpp"

namespace kafka::fuzz {
namespace {

using core::ConnCore;

constexpr core::ConnLimits limits{.max_frame = 256 * 1024,
                                  .max_opening_frame = 4096,
                                  .max_in_flight = 5,
                                  .max_waiting_bytes = 64 * 1024};

class Peer {
public:
    explicit Peer(Script& script) : script_(script), core_(limits) {}

    void play() {
        for (int steps = 0; !script_.empty() && steps < 1000; ++steps) {
            step();
            take();
            check(core_.in_flight() <= limits.max_in_flight, "no more in flight than permitted");
        }
        core_.fail({errc::connection_closed, "the script is over"});
        take();
        for (const auto& [id, completed] : completed_)
            check(completed == 1, "each request is completed exactly once");
        check(core_.wanted() == 0, "nobody waits for a connection that has ended");
    }

private:
    void step() {
        switch (script_.byte() % 12) {
            case 0:
            case 1:
                return submit();
            case 2:
            case 3:
                return write();
            case 4: {  // the answer to the next request, or nearly
                Bytes frame;
                put(frame, answered_++);
                put(frame, script_.bytes(script_.byte()));
                return read_frame(frame);
            }
            case 5: {  // a large one
                const auto size = 4 + script_.number<std::uint16_t>() * 4u;
                Bytes frame(size, script_.byte());
                store_big(frame.data(), answered_++);
                return read_frame(frame);
            }
            case 6:  // any bytes
                return read(script_.bytes(script_.byte()));
            case 7:
                return core_.cancel(script_.byte() % (next_id_ + 1), script_.byte() % 2 == 0);
            case 8:
                now_ += core::milliseconds(script_.number<std::uint16_t>());
                return core_.on_time(now_);
            case 9:
                return core_.on_throttle(script_.number<std::int32_t>(), now_);
            case 10:
                return script_.byte() % 8 == 0 ? core_.on_eof() : core_.set_open();
            default:
                step_ = 1 + script_.number<std::uint16_t>();
        }
    }
    void submit() {
        const auto& choice = choose(requests(), script_);
        core::Outgoing out;
        out.id = next_id_++;
        out.info = choice.info;
        out.version = static_cast<std::int16_t>(choice.version);
        const auto how = script_.byte();
        out.answered = how % 8 != 0;
        if (how & 16) out.deadline = core::after(now_, core::milliseconds(how));
        const auto message = random_message(choice, how);
        const auto failure = core::encode_frame(*choice.info, message.get(), choice.version,
                                                std::string(how % 3, 'c'), out.frame);
        check(!failure, "a random request can be framed");
        completed_[out.id] = 0;
        core_.submit(std::move(out));
    }
    void write() {
        if (!core_.stage(now_)) return;
        std::size_t size = 0;
        for (const auto piece : core_.pieces())
            size += piece.size();
        check(size > 0, "what is staged has bytes");
        if (script_.byte() % 8 != 0) core_.on_written(now_);
    }
    void read_frame(const Bytes& frame) {
        Bytes wire;
        put(wire, static_cast<std::uint32_t>(frame.size()));
        put(wire, frame);
        read(wire);
    }
    void read(Input bytes) {
        while (!bytes.empty() && !core_.failed()) {
            const auto space = core_.read_space();
            check(!space.empty(), "there is room to read into");
            const auto count = std::min({bytes.size(), space.size(), step_});
            std::memcpy(space.data(), bytes.data(), count);
            core_.on_read(count, now_);
            bytes = bytes.subspan(count);
        }
    }
    void take() {
        while (const auto done = core_.take()) {
            ++completed_[done->id];
            if (done->failure)
                check(!done->failure.message().empty(), "a failure has words");
            else if (!done->body.null())
                sum_ += done->body.empty() ? 0 : done->body.data()[done->body.size() - 1];
        }
    }

    Script& script_;
    ConnCore core_;
    core::Time now_ = core::Time{} + core::milliseconds(3'600'000);
    std::uint64_t next_id_ = 1;
    std::int32_t answered_ = 0;
    std::size_t step_ = SIZE_MAX;
    std::map<std::uint64_t, int> completed_;
    unsigned sum_ = 0;
};

// The frames of a stream do not depend on how it was cut.
std::vector<Bytes> frames_of(Input stream, std::size_t step, Failure& failure) {
    core::FrameReader reader(limits.max_frame);
    std::vector<Bytes> frames;
    while (!stream.empty() && !failure) {
        const auto space = reader.space();
        const auto count = std::min({stream.size(), space.size(), step});
        std::memcpy(space.data(), stream.data(), count);
        reader.took(count);
        stream = stream.subspan(count);
        Slice frame;
        while (reader.next(frame, failure))
            frames.emplace_back(frame.bytes().begin(), frame.bytes().end());
    }
    check(failure || reader.place().empty() == (reader.pending() == 0),
          "a reader knows whether it is inside a frame");
    return frames;
}

void run(Input input) {
    Script script(input);
    const auto step = 1 + std::size_t{script.byte()};
    const auto stream = script.rest();
    Failure whole_failure, cut_failure;
    const auto whole = frames_of(stream, SIZE_MAX, whole_failure);
    const auto cut = frames_of(stream, step, cut_failure);
    check(whole == cut && whole_failure.detail == cut_failure.detail,
          "frames do not depend on how the stream is cut");
    Script play(stream);
    Peer(play).play();
}

std::vector<Bytes> seeds() {
    // Streams of frames.
    std::vector<Bytes> seeds{
        {0, 0, 0, 0, 4, 1, 2, 3, 4, 0, 0, 0, 5, 1, 2, 3, 4, 5},
        {3, 'H', 'T', 'T', 'P', '/', '1', '.', '1'},
        {1, 0x15, 3, 3, 0, 2},
        {2, 0, 1, 0x80, 0, 9, 9, 9},
    };
    // Scripts: requests, a write, answers in pieces, and what goes wrong in the end.
    for (std::uint16_t i = 0; i < requests().size(); i += 9) {
        Bytes seed{7};
        for (std::uint16_t j = 0; j < 3; ++j) {
            put(seed, Bytes{0});
            put(seed, static_cast<std::uint16_t>(i + j));
            put(seed, Bytes{static_cast<std::uint8_t>(i + 1)});
        }
        put(seed, Bytes{10, 1, 2, 1, 11, 0, static_cast<std::uint8_t>(i), 4, 3, 0, 1, 2});
        put(seed, i % 2 ? Bytes{5, 0x20, 0, 7, 4, 1, 9} : Bytes{7, 2, 0, 8, 1, 0, 4, 1, 9});
        put(seed, Bytes{9, 0, 0, 1, 0, 0, 0, 7, 3, 2, 1, 8, 0xff, 0xff, 10, 0});
        seeds.push_back(std::move(seed));
    }
    return seeds;
}

const Registration registration({"frame", run, seeds});

}  // namespace
}  // namespace kafka::fuzz
