// SPDX-License-Identifier: Apache-2.0
#include "core/frame_reader.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>

#include "base/big_endian.hpp"
#include "base/escape.hpp"

namespace kafka::core {

// The memory of one large frame. realloc, not a vector: the C library moves pages, not bytes.
class FrameBuffer final : public SliceOwner {
public:
    explicit FrameBuffer(std::size_t length) : length_(length) {}

    [[nodiscard]] bool complete() const noexcept { return size_ == length_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t length() const noexcept { return length_; }

    std::span<std::uint8_t> space() {
        if (size_ == capacity_) {
            const auto wanted = std::min(length_, size_ + FrameReader::ahead);
            auto* larger = std::realloc(data_, wanted);
            if (!larger) throw std::bad_alloc();
            data_ = static_cast<std::uint8_t*>(larger);
            capacity_ = wanted;
        }
        return {data_ + size_, capacity_ - size_};
    }
    void took(std::size_t count) noexcept { size_ += count; }
    [[nodiscard]] Slice whole() { return {this, data_, length_}; }

private:
    ~FrameBuffer() override { std::free(data_); }
    void destroy() noexcept override { delete this; }

    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0, capacity_ = 0;
    const std::size_t length_;
};

FrameReader::~FrameReader() {
    if (large_) large_->drop();
}

std::span<std::uint8_t> FrameReader::space() {
    if (large_) return large_->space();
    if (loop_.empty()) loop_.grow(loop_size);
    compact();  // not before: frames were lent
    return loop_.bytes().subspan(end_);
}

void FrameReader::took(std::size_t count) noexcept {
    if (large_)
        large_->took(count);
    else
        end_ += count;
}

void FrameReader::compact() noexcept {
    if (begin_ == 0) return;
    if (begin_ < end_) std::memmove(loop_.data(), loop_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
}

bool FrameReader::next(Slice& frame, Failure& failure) {
    if (!lend(frame, failure)) return false;
    if (!frame.owner()) frame = Slice::copy_of(frame.bytes());
    return true;
}

bool FrameReader::lend(Slice& frame, Failure& failure) {
    if (large_) {
        if (!large_->complete()) return false;
        frame = large_->whole();
        std::exchange(large_, nullptr)->drop();
        return true;
    }
    const auto arrived = end_ - begin_;
    if (arrived < 4) return false;
    const auto* at = loop_.data() + begin_;
    const auto length = load_big<std::int32_t>(at);
    if (length < 4 || static_cast<std::size_t>(length) > max_frame_) {
        failure = complaint(length);
        return false;
    }
    any_ = true;
    const auto size = static_cast<std::size_t>(length);
    if (arrived - 4 >= size) {
        frame = Slice(at + 4, size);
        begin_ += 4 + size;
        return true;
    }
    if (4 + size > loop_size) {
        large_ = new FrameBuffer(size);
        for (std::size_t done = 0; done < arrived - 4;) {
            const auto room = large_->space();
            const auto part = std::min(room.size(), arrived - 4 - done);
            std::memcpy(room.data(), at + 4 + done, part);
            large_->took(part);
            done += part;
        }
        begin_ = end_ = 0;
    }
    return false;
}

// A peer that does not speak Kafka shows in its first four bytes: read as a length they are wild.
Failure FrameReader::complaint(std::int32_t length) const {
    if (!any_) {
        const auto* at = loop_.data() + begin_;
        const std::string_view text(reinterpret_cast<const char*>(at), 4);
        if ((at[0] == 0x15 || at[0] == 0x16) && at[1] == 3)
            return {errc::not_kafka,
                    "the peer answers with a TLS alert: is this a TLS listener? Then set "
                    "ConnConfig::tls (security.protocol SSL or SASL_SSL)"};
        if (text == "HTTP")
            return {errc::not_kafka, "the peer answers with HTTP: is this a web server's port?"};
        if (text == "SSH-")
            return {errc::not_kafka, "the peer answers with SSH: is this an SSH server's port?"};
        if (std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; }))
            return {errc::not_kafka, "the peer answers with text that begins with '" +
                                         escaped(text) + "': is this a Kafka listener?"};
    }
    if (length < 4)
        return {errc::malformed_frame, "a frame of " + std::to_string(length) +
                                           " bytes, shorter than the response header"};
    return {errc::frame_too_large, "a frame of " + std::to_string(length) +
                                       " bytes where the limit is " + std::to_string(max_frame_)};
}

std::size_t FrameReader::pending() const noexcept {
    return large_ ? 4 + large_->size() : end_ - begin_;
}

std::string FrameReader::place() const {
    const auto have = pending();
    if (have == 0) return {};
    if (have < 4) return "inside a frame's length, after " + std::to_string(have) + " of 4 bytes";
    const auto length =
        large_ ? large_->length()
               : static_cast<std::size_t>(load_big<std::int32_t>(loop_.data() + begin_));
    return "inside a frame, after " + std::to_string(have - 4) + " of " + std::to_string(length) +
           " bytes";
}

}  // namespace kafka::core
