// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;

/** A message type of Apache's: name, class and versions. */
final class Kind {
    private static final String FOLDER = "common/message/";

    final String name;
    final Class<? extends Message> type;
    final short lowest;
    final short highest;
    private final Schema[] schemas;

    private Kind(String name, Class<? extends Message> type) throws ReflectiveOperationException {
        this.name = name;
        this.type = type;
        Message message = make();
        lowest = message.lowestSupportedVersion();
        highest = message.highestSupportedVersion();
        schemas = (Schema[]) type.getField("SCHEMAS").get(null);
    }

    /** All whose definition lies in the jar, but for those that Apache removed. */
    static List<Kind> all() throws IOException, ReflectiveOperationException {
        List<Kind> kinds = new ArrayList<>();
        String jar = Message.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        try (JarFile file = new JarFile(jar)) {
            List<String> names = file.stream().map(JarEntry::getName)
                    .filter(entry -> entry.startsWith(FOLDER) && entry.endsWith(".json"))
                    .map(entry -> entry.substring(FOLDER.length(), entry.length() - 5))
                    .sorted().toList();
            for (String name : names) {
                boolean wrapped = name.matches(".*(Request|Response|Header)");
                try {
                    Class<?> type = Class.forName(
                            "org.apache.kafka.common.message." + name + (wrapped ? "Data" : ""));
                    kinds.add(new Kind(name, type.asSubclass(Message.class)));
                } catch (ClassNotFoundException e) {
                    continue;  // removed: its definition has no valid version
                }
            }
        }
        return kinds;
    }

    Message make() throws ReflectiveOperationException {
        return type.getDeclaredConstructor().newInstance();
    }

    Schema schema(short version) {
        return schemas[version];
    }

    /** The tags at the top that other flexible versions have and this one, if flexible, lacks. */
    Set<Integer> foreignTags(short version) {
        Set<Integer> tags = new TreeSet<>();
        if (tagsOf(version) == null) {
            return tags;
        }
        for (short other = lowest; other <= highest; ++other) {
            if (tagsOf(other) != null) {
                tags.addAll(tagsOf(other));
            }
        }
        tags.removeAll(tagsOf(version));
        return tags;
    }

    private Set<Integer> tagsOf(short version) {
        for (BoundField field : schemas[version].fields()) {
            if (field.def.type instanceof TaggedFields tagged) {
                return tagged.fields().keySet();
            }
        }
        return null;
    }

    static byte[] encode(Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        if (buffer.hasRemaining()) {
            throw new IllegalStateException("Java wrote less than it said");
        }
        return buffer.array();
    }

    Message decode(byte[] bytes, short version) throws ReflectiveOperationException {
        Message message = make();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        message.read(new ByteBufferAccessor(buffer), version);
        if (buffer.hasRemaining()) {
            throw new IllegalStateException(buffer.remaining() + " bytes left over");
        }
        return message;
    }
}
