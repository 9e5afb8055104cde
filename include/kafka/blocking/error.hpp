// SPDX-License-Identifier: Apache-2.0
// Error: what the blocking facade throws.
#pragma once

#include <memory>
#include <system_error>

#include <kafka/error.hpp>
#include <kafka/export.hpp>

namespace kafka {

/// A failed call: code() says what, what() says it in a whole sentence with peer, API and cause.
class KAFKA_API Error : public std::system_error {
public:
    explicit Error(const std::error_code& ec, Diagnostics diagnostics = {});
    ~Error() override;
    Error(const Error&) noexcept = default;
    Error& operator=(const Error&) noexcept = default;

    [[nodiscard]] const char* what() const noexcept override;
    [[nodiscard]] const Diagnostics& diagnostics() const noexcept;

private:
    struct KAFKA_LOCAL Text;
    std::shared_ptr<const Text> text_;  // shared: copying an exception must not throw
};

}  // namespace kafka
