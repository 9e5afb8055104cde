// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.network.RequestConvertToJson;

/**
 * The JSON form of every message at every version against Apache's JsonConverter classes, and lines
 * of a request log as a broker writes them.
 *
 * JsonForm PEER SEED FILLS
 */
public final class JsonForm {
    private final Peer peer;
    private final Report report = new Report();
    private final ObjectMapper mapper = new ObjectMapper();

    private JsonForm(Peer peer) {
        this.peer = peer;
    }

    public static void main(String[] args) throws Exception {
        long seed = Long.parseLong(args[1]);
        int fills = Integer.parseInt(args[2]);
        try (Peer peer = new Peer(args[0])) {
            JsonForm test = new JsonForm(peer);
            Map<String, Kind> kinds = new HashMap<>();
            for (Kind kind : Kind.all()) {
                kinds.put(kind.name, kind);
                for (short version = kind.lowest; version <= kind.highest; ++version) {
                    for (int i = 0; i < fills; ++i) {
                        test.sameForm(kind, version, seed + i);
                        test.withRecords(kind, version, seed + i);
                        test.withUnknownTags(kind, version, seed + i);
                    }
                }
            }
            for (ApiMessageType api : ApiMessageType.values()) {
                short lowest = api.lowestSupportedVersion();
                for (short v = lowest; v <= api.highestSupportedVersion(true); ++v) {
                    for (int i = 0; i < fills; ++i) {
                        test.logLine(kinds, api, v, seed + i, i % 2 == 1);
                    }
                }
            }
            System.exit(test.report.finish(peer.finish()));
        }
    }

    private static Message fill(Kind kind, short version, long seed, boolean tags, boolean records)
            throws ReflectiveOperationException {
        Message message = kind.make();
        new Filler(seed * 31 + version, tags, records).fill(message, kind.schema(version));
        return message;
    }

    // Java's converters: a class a message.

    private static JsonNode write(Kind kind, Message message, short version)
            throws ReflectiveOperationException {
        return (JsonNode) converter(kind).getMethod("write", kind.type, short.class)
                .invoke(null, message, version);
    }

    private static Message read(Kind kind, JsonNode json, short version)
            throws ReflectiveOperationException {
        return (Message) converter(kind).getMethod("read", JsonNode.class, short.class)
                .invoke(null, json, version);
    }

    private static Class<?> converter(Kind kind) throws ClassNotFoundException {
        return Class.forName(kind.type.getName() + "JsonConverter");
    }

    /** Without record data, which Java's writer loses, and unknown tags, which it leaves out. */
    private void sameForm(Kind kind, short version, long seed) throws Exception {
        Message message = fill(kind, version, seed, false, false);
        byte[] bytes = Kind.encode(message, version);
        String where = kind.name + " v" + version + " seed " + seed + ": ";
        String theirs = write(kind, message, version).toString();
        Peer.Answer ours = peer.ask('J', kind.name, version, bytes);
        report.count("messages written as JSON by C++ and read by Java");
        if (ours.failure() != null) {
            report.fail(where + ours.failure());
        } else if (!mapper.readTree(theirs).equals(mapper.readTree(ours.text()))) {
            report.fail(where + "\n  Java " + theirs + "\n  C++  " + ours.text());
        } else {
            readByJava(kind, version, ours.text(), message, where);
        }
        Peer.Answer again = peer.ask('P', kind.name, version, utf8(theirs));
        report.count("messages written as JSON by Java and read by C++");
        if (again.failure() != null) {
            report.fail(where + again.failure() + "\n  " + theirs);
        } else if (!Arrays.equals(bytes, again.bytes())) {
            report.fail(where + Report.difference(bytes, again.bytes()) + "\n  " + theirs);
        }
    }

    private void withRecords(Kind kind, short version, long seed) throws Exception {
        Message message = fill(kind, version, seed, false, true);
        String where = kind.name + " v" + version + " seed " + seed + " with records: ";
        String text = thereAndBack(kind, version, message, where);
        if (text != null) {
            readByJava(kind, version, text, message, where);
        }
    }

    private void withUnknownTags(Kind kind, short version, long seed) throws Exception {
        Message message = fill(kind, version, seed, true, true);
        String where = kind.name + " v" + version + " seed " + seed + " with unknown tags: ";
        String text = thereAndBack(kind, version, message, where);
        if (text != null) {
            read(kind, mapper.readTree(text), version);
        }
    }

    /** Our own form loses nothing. */
    private String thereAndBack(Kind kind, short version, Message message, String where)
            throws IOException {
        byte[] bytes = Kind.encode(message, version);
        Peer.Answer json = peer.ask('J', kind.name, version, bytes);
        if (json.failure() != null) {
            report.fail(where + json.failure());
            return null;
        }
        Peer.Answer again = peer.ask('P', kind.name, version, json.bytes());
        report.count("messages written as JSON and read by C++");
        if (again.failure() != null) {
            report.fail(where + again.failure() + "\n  " + json.text());
        } else if (!Arrays.equals(bytes, again.bytes())) {
            report.fail(where + Report.difference(bytes, again.bytes()));
        }
        return json.text();
    }

    private void readByJava(Kind kind, short version, String text, Message expected, String where)
            throws Exception {
        try {
            if (!read(kind, mapper.readTree(text), version).equals(expected)) {
                report.fail(where + "Java reads another object from\n  " + text);
            }
        } catch (InvocationTargetException e) {
            report.fail(where + "Java cannot read it: " + e.getCause() + "\n  " + text);
        }
    }

    /** What a broker logs of a request and its response. */
    private void logLine(Map<String, Kind> kinds, ApiMessageType api, short version, long seed,
            boolean records) throws Exception {
        Kind requestKind = kinds.get(api.name + "Request");
        Kind responseKind = kinds.get(api.name + "Response");
        byte[] request = Kind.encode(fill(requestKind, version, seed, false, records), version);
        byte[] response = Kind.encode(fill(responseKind, version, seed, false, records), version);
        String line;
        try {
            ApiKeys key = ApiKeys.forId(api.apiKey());
            AbstractRequest theirRequest = AbstractRequest.parseRequest(
                    key, version, new ByteBufferAccessor(ByteBuffer.wrap(request))).request;
            AbstractResponse theirResponse = AbstractResponse.parseResponse(
                    key, new ByteBufferAccessor(ByteBuffer.wrap(response)), version);
            // Brokers' own classes mend what they read: JoinGroup's empty protocol name is null.
            request = Kind.encode(theirRequest.data(), version);
            response = Kind.encode(theirResponse.data(), version);
            ObjectNode node = (ObjectNode) RequestConvertToJson.requestDesc(
                    new RequestHeader(key, version, "cli\"ent", 7),
                    Optional.of(RequestConvertToJson.request(theirRequest)), false);
            node.set("response", RequestConvertToJson.response(theirResponse, version));
            node.put("connection", "127.0.0.1:9092-127.0.0.1:1-0").put("totalTimeMs", 1.25);
            line = "[2026-01-02 03:04:05,678] DEBUG Completed request:" + node
                    + " (kafka.request.logger)";
        } catch (RuntimeException e) {
            report.count("random requests that a broker refuses before it logs them");
            return;
        }
        Peer.Answer ours = peer.ask('L', "", 0, utf8(line));
        report.count("lines of a request log read by C++");
        if (line.contains("SizeInBytes\":")) {
            report.count("of them with sizes in place of record data");
        }
        String where = api.name + " v" + version + " seed " + seed + " logged: ";
        if (ours.failure() != null) {
            report.fail(where + ours.failure() + "\n  " + line);
        } else if (!records && !Arrays.equals(join(request, response), ours.bytes())) {
            report.fail(where + Report.difference(join(request, response), ours.bytes()) + "\n  "
                    + line);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
