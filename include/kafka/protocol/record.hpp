// SPDX-License-Identifier: Apache-2.0
// One record: as it is handed to a batch builder, and as a reader shows it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <kafka/export.hpp>
#include <kafka/slice.hpp>

namespace kafka::protocol {

/// A view of bytes that may be null, which differs from empty: a null value is a tombstone.
class BytesView {
public:
    /// Null.
    constexpr BytesView() noexcept = default;
    constexpr BytesView(std::nullptr_t) noexcept {}
    constexpr BytesView(std::nullopt_t) noexcept {}
    /// Not null, whatever `data` is.
    BytesView(const std::uint8_t* data, std::size_t size) noexcept
        : data_(data ? data : &nothing_), size_(size) {}
    BytesView(std::span<const std::uint8_t> bytes) noexcept
        : BytesView(bytes.data(), bytes.size()) {}
    BytesView(std::string_view text) noexcept : BytesView(as_bytes(text)) {}
    BytesView(const std::string& text) noexcept : BytesView(std::string_view(text)) {}
    BytesView(const char* text) noexcept {
        if (text) *this = BytesView(std::string_view(text));
    }
    BytesView(const std::optional<std::string_view>& text) noexcept {
        if (text) *this = BytesView(*text);
    }

    [[nodiscard]] bool null() const noexcept { return data_ == nullptr; }
    /// True when not null (but perhaps empty).
    [[nodiscard]] explicit operator bool() const noexcept { return data_ != nullptr; }
    [[nodiscard]] const std::uint8_t* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return {data_, size_}; }
    [[nodiscard]] std::string_view text() const noexcept { return as_text(bytes()); }

    /// Same nullness and same bytes.
    friend bool operator==(const BytesView& a, const BytesView& b) noexcept {
        return a.null() == b.null() && a.text() == b.text();
    }

private:
    static constexpr std::uint8_t nothing_ = 0;

    const std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
};

/// A header of a record (KIP-82). Keys may repeat; a value may be null.
struct RecordHeaderView {
    std::string_view key;
    BytesView value;

    friend bool operator==(const RecordHeaderView&, const RecordHeaderView&) = default;
};

/// The headers of a record that was read: a range that decodes while it is walked. The reader
/// has checked the bytes before it hands this out.
class RecordHeaders {
public:
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = RecordHeaderView;
        using difference_type = std::ptrdiff_t;
        using pointer = const RecordHeaderView*;
        using reference = const RecordHeaderView&;

        iterator() = default;
        reference operator*() const noexcept { return header_; }
        pointer operator->() const noexcept { return &header_; }
        iterator& operator++() noexcept {
            decode();
            return *this;
        }
        iterator operator++(int) noexcept {
            auto before = *this;
            decode();
            return before;
        }
        friend bool operator==(const iterator& a, const iterator& b) noexcept {
            return a.left_ == b.left_;
        }

    private:
        friend class RecordHeaders;
        iterator(const std::uint8_t* at, const std::uint8_t* end, std::size_t count) noexcept
            : at_(at), end_(end), left_(count + 1) {
            decode();
        }
        KAFKA_API void decode() noexcept;

        const std::uint8_t* at_ = nullptr;
        const std::uint8_t* end_ = nullptr;
        std::size_t left_ = 0;  // counts header_ as well
        RecordHeaderView header_;
    };

    RecordHeaders() = default;
    /// `wire` holds `count` headers in wire form, without the count before them.
    RecordHeaders(std::span<const std::uint8_t> wire, std::size_t count) noexcept
        : wire_(wire), count_(count) {}

    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    [[nodiscard]] iterator begin() const noexcept {
        return {wire_.data(), wire_.data() + wire_.size(), count_};
    }
    [[nodiscard]] iterator end() const noexcept { return {}; }
    /// The headers as they came.
    [[nodiscard]] std::span<const std::uint8_t> wire() const noexcept { return wire_; }
    /// The value of the last header of that key, as Kafka's `lastHeader`; nothing if there is none.
    [[nodiscard]] KAFKA_API std::optional<BytesView> last(std::string_view key) const noexcept;

private:
    std::span<const std::uint8_t> wire_;
    std::size_t count_ = 0;
};

/// Who set a record's timestamp (`message.timestamp.type` of its topic).
enum class TimestampType : std::int8_t {
    none = -1,       ///< message format 0 has no timestamps
    create = 0,      ///< the producer
    log_append = 1,  ///< the broker; all records of a batch share one
};

/// A record that was read. The views live as long as the reader's slice does (see RecordReader).
struct RecordView {
    std::int64_t offset = -1;
    std::int64_t timestamp = -1;  ///< milliseconds since 1970; -1 is none
    TimestampType timestamp_type = TimestampType::none;
    BytesView key;
    BytesView value;
    RecordHeaders headers;
};

/// A record to write. Everything is copied when it is appended.
struct RecordRef {
    BytesView key = {};
    BytesView value = {};
    std::span<const RecordHeaderView> headers = {};
    std::int64_t timestamp = -1;  ///< milliseconds since 1970
};

}  // namespace kafka::protocol
