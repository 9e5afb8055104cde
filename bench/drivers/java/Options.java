// SPDX-License-Identifier: Apache-2.0

import java.util.HashSet;
import java.util.Set;

/** The options of bench/drivers/README.md, checked. */
final class Options {
    /** What a run does. */
    enum Mode { PRODUCE, CONSUME, LATENCY, START }

    private static final long MANY = 1_000_000_000_000L;
    // Before that many the JVM still compiles what is measured.
    private static final long WARM = 3_000_000;

    String way = "";
    Mode mode = Mode.PRODUCE;
    String bootstrap = "";
    String topic = "bench";
    int partitions = 1;
    String corpus = "";
    long messages = 1_000_000;
    long warmup = WARM;
    String acks = "all";
    String codec = "none";
    Integer codecLevel; // null: the client's default
    int batch = 1_000_000;
    Long lingerUs = 5000L; // null: the client's default
    int inFlight = 5;
    boolean idempotent;
    int threads = 1;
    int clients = 1;
    boolean tuned = true;
    int fetch = 1 << 20;
    long rate = 1000;
    String ca = "";

    static Options parse(String[] arguments) {
        Options options = new Options();
        Set<String> seen = new HashSet<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (equals < 0) {
                throw new Refusal(argument + ": options have the form NAME=VALUE");
            }
            String name = argument.substring(0, equals);
            if (!seen.add(name)) {
                throw new Refusal(name + " is given twice");
            }
            options.set(name, argument.substring(equals + 1));
        }
        if (options.way.isEmpty()) {
            throw new Refusal("way= is needed; the only argument `ways` lists them");
        }
        if (options.bootstrap.isEmpty()) {
            throw new Refusal("bootstrap= is needed");
        }
        if (options.clients > 1 && (options.mode != Mode.PRODUCE || options.threads > 1)) {
            throw new Refusal("clients= is for mode=produce with one thread");
        }
        if (options.mode != Mode.CONSUME && options.corpus.isEmpty()) {
            throw new Refusal("corpus= is needed to produce");
        }
        return options;
    }

    private static long number(String name, String text, long least, long most) {
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new Refusal(name + "=" + text + ": a number from " + least + " to " + most
                + " is needed");
    }

    private static String oneOf(String name, String text, String... allowed) {
        for (String value : allowed) {
            if (value.equals(text)) {
                return value;
            }
        }
        throw new Refusal(name + "=" + text + ": one of " + String.join(", ", allowed)
                + " is needed");
    }

    private void setCodec(String text) {
        int colon = text.indexOf(':');
        codec = oneOf("codec", colon < 0 ? text : text.substring(0, colon), "none", "gzip",
                "snappy", "lz4", "zstd");
        if (colon >= 0) {
            codecLevel = (int) number("codec", text.substring(colon + 1), -131_072, 22);
        }
    }

    private void set(String name, String text) {
        switch (name) {
            case "way" -> way = text;
            case "mode" -> mode = Mode.valueOf(
                    oneOf(name, text, "produce", "consume", "latency", "start").toUpperCase());
            case "bootstrap" -> bootstrap = text;
            case "topic" -> topic = text;
            case "partitions" -> partitions = (int) number(name, text, 1, 100_000);
            case "corpus" -> corpus = text;
            case "messages" -> messages = number(name, text, 1, MANY);
            case "warmup" -> warmup = number(name, text, 0, MANY);
            case "acks" -> acks = oneOf(name, text, "all", "-1", "1", "0");
            case "codec" -> setCodec(text);
            case "batch" -> batch = (int) number(name, text, 1, 1_000_000_000);
            case "linger_us" -> lingerUs =
                    text.equals("default") ? null : (Long) number(name, text, 0, 60_000_000);
            case "in_flight" -> inFlight = (int) number(name, text, 1, 1_000_000);
            case "idempotent" -> idempotent = number(name, text, 0, 1) == 1;
            case "threads" -> threads = (int) number(name, text, 1, 1024);
            case "clients" -> clients = (int) number(name, text, 1, 1024);
            case "settings" -> tuned = oneOf(name, text, "tuned", "defaults").equals("tuned");
            case "fetch" -> fetch = (int) number(name, text, 1, 1_000_000_000);
            case "rate" -> rate = number(name, text, 1, 100_000_000);
            case "ca" -> ca = text;
            default -> throw new Refusal("there is no option " + name);
        }
    }
}
