// SPDX-License-Identifier: Apache-2.0

import java.util.LinkedHashMap;
import java.util.Map;

/** Counts cases by kind and keeps what failed. */
final class Report {
    private static final int SHOWN = 30;

    private final Map<String, Integer> counts = new LinkedHashMap<>();
    private int failures;

    /** One more case of a kind ("requests and responses written by Java"). */
    void count(String kind) {
        counts.merge(kind, 1, Integer::sum);
    }

    void fail(String text) {
        if (++failures <= SHOWN) {
            System.out.println("FAILED " + text);
        }
    }

    /** Where two byte strings part, with what stands there. */
    static String difference(byte[] theirs, byte[] ours) {
        int at = java.util.Arrays.mismatch(theirs, ours);
        return "Java " + theirs.length + " bytes, C++ " + ours.length + " bytes, difference @ "
                + at + ": " + around(theirs, at) + " against " + around(ours, at);
    }

    private static String around(byte[] bytes, int at) {
        int from = Math.max(0, at - 8);
        int to = Math.min(bytes.length, at + 8);
        return from < to ? java.util.HexFormat.of().formatHex(bytes, from, to) : "the end";
    }

    /** Prints the counts; the exit code. */
    int finish(int peerCode) {
        counts.forEach((kind, count) -> System.out.println(count + " " + kind));
        System.out.println(failures + " failed");
        if (peerCode != 0) {
            System.out.println("the C++ side ended with " + peerCode);
        }
        return failures == 0 && peerCode == 0 ? 0 : 1;
    }
}
