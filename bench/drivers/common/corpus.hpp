// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace kafka_bench {

/// One record, as views into the mapped file.
struct CorpusRecord {
    std::string_view key;  ///< data() is null without a key
    std::string_view value;
    std::string_view header_value;  ///< of the header `trace`; data() is null without one
};

/// The file of records (see "The corpus" in bench/drivers/README.md), mapped and touched. It keeps
/// the place of every 1024th record only, so that it costs a client's memory figures nothing.
class Corpus {
public:
    static constexpr std::string_view header_key = "trace";

    /// Ends the program (`refuse`) when the file cannot be read or is damaged.
    explicit Corpus(const std::string& path);
    ~Corpus();
    Corpus(const Corpus&) = delete;
    Corpus& operator=(const Corpus&) = delete;

    [[nodiscard]] std::uint32_t count() const { return count_; }
    [[nodiscard]] bool keyed() const { return keyed_; }

    /// Walks over records in order, from the start again after the last.
    class Cursor {
    public:
        CorpusRecord next() {
            std::uint32_t sizes[3];
            std::memcpy(sizes, at_, sizeof sizes);
            const char* const key = at_ + sizeof sizes;
            const char* const value = key + sizes[0];
            const char* const header = value + sizes[1];
            at_ = header + sizes[2];
            if (at_ == end_) {
                at_ = begin_;
            }
            return {{sizes[0] == 0 ? nullptr : key, sizes[0]},
                    {value, sizes[1]},
                    {sizes[2] == 0 ? nullptr : header, sizes[2]}};
        }

    private:
        friend class Corpus;
        Cursor(const char* begin, const char* at, const char* end)
            : begin_{begin}, at_{at}, end_{end} {}
        const char* begin_;
        const char* at_;
        const char* end_;
    };

    /// The next record is number `index` of the run, that is `index` modulo the count.
    [[nodiscard]] Cursor cursor(std::uint64_t index) const;

    [[nodiscard]] CorpusRecord record(std::uint64_t index) const { return cursor(index).next(); }

private:
    static constexpr std::uint32_t stride = 1024;

    const char* data_ = nullptr;
    std::size_t size_ = 0;
    std::uint32_t count_ = 0;
    bool keyed_ = false;
    std::vector<std::size_t> places_;  ///< of every 1024th record
};

}  // namespace kafka_bench
