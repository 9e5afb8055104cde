// SPDX-License-Identifier: Apache-2.0

import java.io.FileReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/**
 * Connects once for each file of settings that it is given and prints a line for each, in order:
 * the number of nodes and of re-authentications, or what went wrong.
 *
 * <p>The setting "stay.ms", which is ours, keeps asking for so long.
 */
public final class Login {
    private static final int AT_ONCE = 8;
    private static final int LIMIT_SECONDS = 30;
    private static final int PAUSE_MS = 100;

    private Login() {}

    private static double reauthentications(Admin admin) {
        double sum = 0;
        for (var entry : admin.metrics().entrySet()) {
            if (entry.getKey().name().equals("successful-reauthentication-total")
                    && entry.getKey().group().equals("admin-client-metrics")) {
                sum += (Double) entry.getValue().metricValue();
            }
        }
        return sum;
    }

    private static String reason(Throwable error) {
        StringBuilder text = new StringBuilder();
        for (Throwable at = error; at != null; at = at.getCause()) {
            if (!(at instanceof ExecutionException)) {
                text.append(at.getClass().getSimpleName()).append(": ");
                text.append(at.getMessage()).append("; ");
            }
        }
        return text.toString().replaceAll("\\s+", " ").strip();
    }

    private static String login(String file) {
        Properties settings = new Properties();
        try (FileReader reader = new FileReader(file)) {
            settings.load(reader);
        } catch (java.io.IOException error) {
            return "refused\t" + reason(error);
        }
        long stay = Long.parseLong((String) settings.getOrDefault("stay.ms", "0"));
        settings.remove("stay.ms");
        try (Admin admin = Admin.create(settings)) {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(stay);
            while (true) {
                int nodes =
                        admin.describeCluster().nodes().get(LIMIT_SECONDS, TimeUnit.SECONDS).size();
                if (System.nanoTime() >= end) {
                    return "serves\t" + nodes + "\t" + (long) reauthentications(admin);
                }
                Thread.sleep(PAUSE_MS);
            }
        } catch (Exception error) {
            return "refused\t" + reason(error);
        }
    }

    public static void main(String[] files) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
        List<Future<String>> results = new ArrayList<>();
        for (String file : files) {
            results.add(pool.submit(() -> login(file)));
        }
        for (Future<String> result : results) {
            System.out.println(result.get());
        }
        pool.shutdown();
    }
}
