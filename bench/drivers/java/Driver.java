// SPDX-License-Identifier: Apache-2.0

import java.io.InputStream;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;

/** The driver of Apache's own client. */
final class Driver {
    private Driver() {}

    /** The settings of both sides. */
    static Properties common(Options options) {
        Properties set = new Properties();
        set.put("bootstrap.servers", options.bootstrap);
        if (!options.ca.isEmpty()) {
            set.put("security.protocol", "SSL");
            set.put("ssl.truststore.type", "PEM");
            set.put("ssl.truststore.location", options.ca);
        }
        if (options.tuned) { // -1: the system chooses; the defaults are 32 to 128 KiB
            set.put("send.buffer.bytes", -1);
            set.put("receive.buffer.bytes", -1);
        }
        return set;
    }

    /** As the jar says. */
    private static String version() throws Exception {
        String name = "/kafka/kafka-version.properties";
        try (InputStream in = KafkaProducer.class.getResourceAsStream(name)) {
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version");
        }
    }

    private static void perform(Run run) throws Exception {
        boolean consuming = run.options.mode == Options.Mode.CONSUME;
        switch (run.options.way) {
            case "java-send" -> {
                if (consuming) {
                    throw new Refusal("way=java-send cannot consume");
                }
                Producing.send(run);
            }
            case "java-poll" -> {
                if (!consuming) {
                    throw new Refusal("way=java-poll can only consume");
                }
                Consuming.poll(run);
            }
            default -> throw new Refusal("there is no way " + run.options.way
                    + "; the only argument `ways` lists them");
        }
    }

    /**
     * When the process was started, as bench-launch noted it; otherwise now. On Linux nanoTime is
     * CLOCK_MONOTONIC, as bench-launch's clock is.
     */
    private static long started() {
        long now = System.nanoTime();
        String noted = System.getenv("KAFKA_ASIO_BENCH_EXEC_NS");
        if (noted == null || !noted.matches("[0-9]{1,18}")) {
            return now;
        }
        long exec = Long.parseLong(noted);
        return exec > 0 && exec <= now ? exec : now;
    }

    public static void main(String[] arguments) {
        long started = started();
        if (arguments.length == 1 && arguments[0].equals("ways")) {
            System.out.println("java-send\tKafkaProducer.send with a callback a record");
            System.out.println("java-poll\tKafkaConsumer.poll, assigned partitions");
            return;
        }
        try {
            Run run = new Run(Options.parse(arguments), started);
            perform(run);
            System.out.println(run.line("java " + version()));
            System.out.flush();
            Runtime.getRuntime().halt(0);
        } catch (Refusal refusal) {
            System.err.println(refusal.getMessage());
            System.exit(2);
        } catch (ConfigException refused) {
            System.err.println("the Java client refuses: " + refused.getMessage());
            System.exit(2);
        } catch (KafkaException failure) {
            Throwable cause = failure.getCause();
            boolean refused = cause instanceof ConfigException;
            System.err.println("Java: " + failure.getMessage() + (cause == null ? "" : ": " + cause));
            System.exit(refused ? 2 : 1);
        } catch (Exception failure) {
            Run.fail("Java: " + failure);
        }
    }
}
