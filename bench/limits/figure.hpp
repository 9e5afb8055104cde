// SPDX-License-Identifier: Apache-2.0
// What was measured of the machine, and the three parts that measure.
#pragma once

#include <string>
#include <vector>

namespace limits {

/// One number of the table.
struct Figure {
    std::string name;  // "memcpy 100 B"
    double value;
    std::string unit;
};
using Figures = std::vector<Figure>;

/// memcpy by length, from caches and from memory; CRC-32C in every variant of this processor; what
/// reading the clock costs.
Figures memory();
/// One connection over loopback, a thread at each end, on processors of their own where there are
/// two: bytes a second by the size of writes, and what each end pays for them; round trips, and
/// what one costs a thread that was asleep, which no client at a low rate can be below.
Figures loopback();
/// What new TCP connections use here ("cubic").
std::string congestion_control();

}  // namespace limits
