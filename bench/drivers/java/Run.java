// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** What one run costs. */
final class Run {
    private static final long PATIENCE_NS = 120_000_000_000L;
    private static final double TICKS = 100; // USER_HZ, which Linux never changed

    final Options options;
    /** Acknowledged or read records, warm-up included. */
    final AtomicLong done = new AtomicLong();
    final Histogram latency = new Histogram();
    private final long started;
    private final Map<String, String> settings = new TreeMap<>();
    private Clocks begun;
    private Clocks ended;
    private long idleRss;
    private long peakRss;
    private long rssFile;
    private long threads;

    /** User and system time come in hundredths of a second: a JVM has no getrusage. */
    private record Clocks(long wall, double user, double system, long allocated) {
        static Clocks now() {
            String stat = read("/proc/self/stat");
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return new Clocks(System.nanoTime(), Long.parseLong(fields[11]) / TICKS,
                    Long.parseLong(fields[12]) / TICKS, allocatedBytes());
        }
    }

    Run(Options options, long started) {
        this.options = options;
        this.started = started;
        settings.put("(jvm)", System.getProperty("java.version") + " " + String.join(" ",
                ManagementFactory.getRuntimeMXBean().getInputArguments()));
        Thread watch = new Thread(this::watch, "watch");
        watch.setDaemon(true);
        watch.start();
    }

    /** Everything that was set, by the client's own names. */
    void settings(Properties properties) {
        properties.forEach((name, value) -> settings.put(name.toString(), value.toString()));
        settings.remove("bootstrap.servers");
    }

    void begin() {
        idleRss = memory("VmRSS");
        begun = Clocks.now();
    }

    void end() {
        ended = Clocks.now();
        peakRss = memory("VmHWM");
        rssFile = memory("RssFile");
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            threads = tasks.count();
        } catch (IOException e) {
            threads = 0;
        }
    }

    static void fail(String sentence) {
        System.err.println(sentence);
        System.err.flush();
        // No hooks: the client's threads may be anywhere.
        Runtime.getRuntime().halt(1);
    }

    private void watch() {
        long last = -1;
        long since = System.nanoTime();
        while (true) {
            try {
                Thread.sleep(1000);
            } catch (InterruptedException e) {
                return;
            }
            if (done.get() != last) {
                last = done.get();
                since = System.nanoTime();
            } else if (System.nanoTime() - since > PATIENCE_NS) {
                fail("no progress for 120 s: " + last + " records are done");
            }
        }
    }

    private static String read(String path) {
        try {
            return Files.readString(Path.of(path));
        } catch (IOException e) {
            throw new IllegalStateException(path, e);
        }
    }

    private static long memory(String name) {
        return read("/proc/self/status").lines().filter(line -> line.startsWith(name + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst().orElse(0);
    }

    /** Of the threads that live. */
    private static long allocatedBytes() {
        var bean = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (long bytes : bean.getThreadAllocatedBytes(bean.getAllThreadIds())) {
            sum += Math.max(bytes, 0);
        }
        return sum;
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    /** The last line of standard output. */
    String line(String client) {
        boolean start = options.mode == Options.Mode.START;
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "{\"client\": %s, \"way\": %s, \"messages\": %d, "
                + "\"wall_s\": %.6f, \"user_s\": %.2f, \"system_s\": %.2f, \"threads\": %d, "
                + "\"peak_rss\": %d, \"idle_rss\": %d, \"rss_file\": %d, \"allocated_bytes\": %d",
                quoted(client), quoted(options.way), start ? 1 : options.messages,
                (ended.wall - (start ? started : begun.wall)) / 1e9, ended.user - begun.user,
                ended.system - begun.system, threads, peakRss, idleRss, rssFile,
                ended.allocated - begun.allocated));
        if (options.mode == Options.Mode.LATENCY) {
            text.append(", \"latency_us\": ").append(latency.json());
        }
        text.append(", \"settings\": {");
        String separator = "";
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            text.append(separator).append(quoted(setting.getKey())).append(": ")
                    .append(quoted(setting.getValue()));
            separator = ", ";
        }
        return text.append("}}").toString();
    }
}
