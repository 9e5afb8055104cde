// SPDX-License-Identifier: Apache-2.0

import java.nio.ByteBuffer;
import java.util.Arrays;

import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.types.RawTaggedField;

/**
 * Every message at every version, both ways: all-default, filled by Java, filled by C++.
 *
 * MessageBytes PEER SEED FILLS
 */
public final class MessageBytes {
    private final Peer peer;
    private final Report report = new Report();

    private MessageBytes(Peer peer) {
        this.peer = peer;
    }

    public static void main(String[] args) throws Exception {
        long seed = Long.parseLong(args[1]);
        int fills = Integer.parseInt(args[2]);
        try (Peer peer = new Peer(args[0])) {
            MessageBytes test = new MessageBytes(peer);
            for (Kind kind : Kind.all()) {
                test.report.count("messages");
                for (short version = kind.lowest; version <= kind.highest; ++version) {
                    test.report.count("versions of messages");
                    test.allDefault(kind, version);
                    test.foreignTags(kind, version);
                    for (int i = 0; i < fills; ++i) {
                        test.filledByJava(kind, version, seed + i, i % 2 == 1);
                        test.filledByUs(kind, version, seed + i);
                    }
                }
            }
            for (ApiMessageType api : ApiMessageType.values()) {
                test.headerVersions(api);
            }
            System.exit(test.report.finish(peer.finish()));
        }
    }

    /** Both write the same, or both refuse: a default may be null where null is not allowed. */
    private void allDefault(Kind kind, short version) throws Exception {
        byte[] theirs = null;
        try {
            theirs = Kind.encode(kind.make(), version);
        } catch (RuntimeException e) {
            report.count("of them that a version cannot carry: both refuse");
        }
        Peer.Answer ours = peer.ask('D', kind.name, version, new byte[0]);
        report.count("all-default messages");
        String where = kind.name + " v" + version + " all default: ";
        if (theirs == null) {
            if (ours.failure() == null) {
                report.fail(where + "Java refuses, C++ writes");
            }
        } else if (ours.failure() != null) {
            report.fail(where + ours.failure());
        } else if (!Arrays.equals(theirs, ours.bytes())) {
            report.fail(where + Report.difference(theirs, ours.bytes()));
        } else if (!kind.decode(ours.bytes(), version).equals(kind.decode(theirs, version))) {
            report.fail(where + "decodes to another object");
        }
    }

    /** Java writes, C++ reads and writes, Java reads an equal object. */
    private void filledByJava(Kind kind, short version, long seed, boolean unknownTags)
            throws Exception {
        Message message = kind.make();
        Filler filler = new Filler(seed * 31 + version, unknownTags, true);
        filler.fill(message, kind.schema(version));
        byte[] theirs = Kind.encode(message, version);
        Peer.Answer ours = peer.ask('R', kind.name, version, theirs);
        report.count("messages written by Java, read and written again by C++");
        if (filler.addedTags()) {
            report.count("of them with unknown tagged fields");
        }
        String where = kind.name + " v" + version + " seed " + seed + " filled by Java: ";
        if (ours.failure() != null) {
            report.fail(where + ours.failure());
        } else if (!Arrays.equals(theirs, ours.bytes())) {
            report.fail(where + Report.difference(theirs, ours.bytes()));
        } else if (!kind.decode(ours.bytes(), version).equals(message)) {
            report.fail(where + "Java reads another object from C++");
        }
    }

    /** C++ writes, Java reads and writes the same. */
    private void filledByUs(Kind kind, short version, long seed) throws Exception {
        byte[] seedBytes = ByteBuffer.allocate(8).putLong(seed).array();
        Peer.Answer ours = peer.ask('F', kind.name, version, seedBytes);
        report.count("messages written by C++, read and written again by Java");
        String where = kind.name + " v" + version + " seed " + seed + " filled by C++: ";
        if (ours.failure() != null) {
            report.fail(where + ours.failure());
            return;
        }
        try {
            byte[] theirs = Kind.encode(kind.decode(ours.bytes(), version), version);
            if (!Arrays.equals(theirs, ours.bytes())) {
                report.fail(where + Report.difference(theirs, ours.bytes()));
            }
        } catch (RuntimeException e) {
            report.fail(where + e);
        }
    }

    /** A tag that the message has in other versions only: Java refuses it, and so do we. */
    private void foreignTags(Kind kind, short version) throws Exception {
        for (int tag : kind.foreignTags(version)) {
            for (int size = 0; size < 20; ++size) {  // one of them is what the tag's type takes
                Message message = kind.make();
                message.unknownTaggedFields().add(new RawTaggedField(tag, new byte[size]));
                byte[] bytes = Kind.encode(message, version);
                boolean refused = false;
                try {
                    kind.decode(bytes, version);
                } catch (RuntimeException e) {
                    refused = true;
                }
                Peer.Answer ours = peer.ask('R', kind.name, version, bytes);
                report.count("messages with a tag of another version");
                if (refused != (ours.failure() != null)) {
                    report.fail(kind.name + " v" + version + " with tag " + tag
                            + " of another version, " + size + " bytes: Java "
                            + (refused ? "refuses" : "accepts") + " it, C++ does not");
                }
            }
        }
    }

    /** Which header stands before a request and before its response. */
    private void headerVersions(ApiMessageType api) throws Exception {
        short lowest = api.lowestSupportedVersion();
        for (short version = lowest; version <= api.highestSupportedVersion(true); ++version) {
            int request = api.requestHeaderVersion(version);
            byte[] theirs = {(byte) request, (byte) api.responseHeaderVersion(version)};
            Peer.Answer ours = peer.ask('H', api.name, version, new byte[0]);
            report.count("versions of APIs with their headers' versions");
            if (ours.failure() != null || !Arrays.equals(theirs, ours.bytes())) {
                report.fail(api.name + " v" + version + ": headers " + Arrays.toString(theirs)
                        + " in Java, " + Arrays.toString(ours.bytes()) + " in C++");
            }
        }
    }
}
