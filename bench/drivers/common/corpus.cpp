// SPDX-License-Identifier: Apache-2.0
#include "corpus.hpp"

#include <bit>
#include <cerrno>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.hpp"

namespace kafka_bench {
namespace {

constexpr std::size_t header_size = 16;
static_assert(std::endian::native == std::endian::little, "the corpus is little-endian");

}  // namespace

Corpus::Corpus(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status {};
    if (file < 0 || fstat(file, &status) != 0) {
        refuse(path + ": " + std::strerror(errno));
    }
    size_ = static_cast<std::size_t>(status.st_size);
    if (size_ < header_size) {
        refuse(path + ": too short for a corpus");
    }
    void* const mapped = mmap(nullptr, size_, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
    if (mapped == MAP_FAILED) {
        refuse(path + ": " + std::strerror(errno));
    }
    close(file);
    data_ = static_cast<const char*>(mapped);
    std::uint32_t flags = 0;
    std::memcpy(&count_, data_ + 8, sizeof count_);
    std::memcpy(&flags, data_ + 12, sizeof flags);
    if (std::memcmp(data_, "KABC0001", 8) != 0 || count_ == 0) {
        refuse(path + ": not a corpus of this version");
    }
    keyed_ = (flags & 1U) != 0;
    std::size_t place = header_size;
    for (std::uint32_t i = 0; i < count_; ++i) {
        if (i % stride == 0) {
            places_.push_back(place);
        }
        std::uint32_t sizes[3] = {};
        if (size_ - place < sizeof sizes) {
            refuse(path + ": ends within record " + std::to_string(i));
        }
        std::memcpy(sizes, data_ + place, sizeof sizes);
        place += sizeof sizes;
        const std::size_t bytes = std::size_t{sizes[0]} + sizes[1] + sizes[2];
        if (size_ - place < bytes) {
            refuse(path + ": ends within record " + std::to_string(i));
        }
        place += bytes;
    }
    if (place != size_) {
        refuse(path + ": bytes after the last record");
    }
}

Corpus::~Corpus() {
    munmap(const_cast<char*>(data_), size_);
}

Corpus::Cursor Corpus::cursor(std::uint64_t index) const {
    const auto wanted = static_cast<std::uint32_t>(index % count_);
    Cursor cursor{data_ + header_size, data_ + places_[wanted / stride], data_ + size_};
    for (std::uint32_t i = 0; i < wanted % stride; ++i) {
        cursor.next();
    }
    return cursor;
}

}  // namespace kafka_bench
