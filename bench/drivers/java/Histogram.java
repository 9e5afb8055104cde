// SPDX-License-Identifier: Apache-2.0

import java.util.Locale;

/** Latencies in nanoseconds, kept to within 0.8 %. For one thread at a time. */
final class Histogram {
    private static final int SUB_BITS = 6; // 64 buckets for each power of two
    private static final int SUB = 1 << SUB_BITS;
    private static final int POWERS = 42;

    private final long[] counts = new long[(POWERS - SUB_BITS + 1) * SUB];
    private long count;
    private double sum;
    private long most;

    void record(long nanoseconds) {
        long value = Math.min(Math.max(nanoseconds, 0), (1L << POWERS) - 1);
        counts[bucket(value)]++;
        count++;
        sum += value;
        most = Math.max(most, value);
    }

    private static int bucket(long value) {
        if (value < SUB) {
            return (int) value;
        }
        int power = 63 - Long.numberOfLeadingZeros(value);
        return (power - SUB_BITS + 1) * SUB + (int) ((value >> (power - SUB_BITS)) - SUB);
    }

    private static long middle(int index) {
        if (index < SUB) {
            return index;
        }
        int shift = index / SUB - 1;
        return ((long) (index % SUB + SUB) << shift) + ((1L << shift) >> 1);
    }

    private double percentile(double share) {
        double seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (counts[i] != 0 && seen >= share * count) {
                return middle(i) / 1e3;
            }
        }
        return 0;
    }

    /** The object `latency_us` of the line. */
    String json() {
        return String.format(Locale.ROOT,
                "{\"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, \"p99.9\": %.1f, \"max\": %.1f, "
                + "\"mean\": %.1f}",
                percentile(0.5), percentile(0.9), percentile(0.99), percentile(0.999), most / 1e3,
                sum / Math.max(count, 1) / 1e3);
    }
}
