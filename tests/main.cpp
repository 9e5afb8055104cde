// SPDX-License-Identifier: Apache-2.0
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

// The thread sanitizer does not see how libstdc++, which it has not compiled, counts the owners of
// an exception: the thread that gives up the last one seems to race with those that have read it
// (an error that came through a future).
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
    return "race:std::__exception_ptr::exception_ptr::_M_release\n";
}
