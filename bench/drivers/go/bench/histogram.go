// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"math/bits"
	"time"
)

const (
	subBits = 6 // 64 buckets for each power of two: 0.8 %
	powers  = 42
	largest = 1<<powers - 1
)

// Histogram of latencies. Not for several goroutines at once.
type Histogram struct {
	counts [(powers - subBits + 1) << subBits]int64
	count  int64
	sum    float64
	most   int64
}

// Record allocates nothing.
func (h *Histogram) Record(latency time.Duration) {
	value := min(max(int64(latency), 0), largest)
	h.counts[bucket(value)]++
	h.count++
	h.sum += float64(value)
	h.most = max(h.most, value)
}

func bucket(value int64) int {
	if value < 1<<subBits {
		return int(value)
	}
	power := bits.Len64(uint64(value)) - 1
	return (power-subBits+1)<<subBits + int(value>>(power-subBits)) - 1<<subBits
}

func middle(index int) int64 {
	if index < 1<<subBits {
		return int64(index)
	}
	shift := index>>subBits - 1
	return int64(index&(1<<subBits-1)+1<<subBits)<<shift + (1<<shift)>>1
}

func (h *Histogram) percentile(share float64) float64 {
	wanted, seen := share*float64(h.count), 0.0
	for i, count := range h.counts {
		seen += float64(count)
		if count != 0 && seen >= wanted {
			return float64(middle(i)) / 1e3
		}
	}
	return 0
}

func (h *Histogram) figures() map[string]float64 {
	return map[string]float64{
		"p50": h.percentile(0.5), "p90": h.percentile(0.9), "p99": h.percentile(0.99),
		"p99.9": h.percentile(0.999), "max": float64(h.most) / 1e3,
		"mean": h.sum / float64(max(h.count, 1)) / 1e3,
	}
}
