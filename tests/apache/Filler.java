// SPDX-License-Identifier: Apache-2.0

import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * Fills a message with seeded random values. Apache's schema of a version says which fields it has
 * and which of them may be null; the others keep their defaults.
 */
final class Filler {
    /** Above every tag that Apache uses: Java refuses one that only another version has. */
    static final int FIRST_UNKNOWN_TAG = 100;

    private final Random random;
    private final boolean unknownTags;
    private final boolean recordData;
    private final Map<Class<?>, Map<String, Method>> setters = new HashMap<>();
    private boolean addedTags;

    /** Without record data it is null, or empty where it may not be null. */
    Filler(long seed, boolean unknownTags, boolean recordData) {
        random = new Random(seed);
        this.unknownTags = unknownTags;
        this.recordData = recordData;
    }

    /** Whether there are unknown tagged fields in what was filled. */
    boolean addedTags() {
        return addedTags;
    }

    void fill(Object struct, Schema schema) throws ReflectiveOperationException {
        for (BoundField bound : schema.fields()) {
            if (bound.def.type instanceof TaggedFields tagged) {
                for (Field field : tagged.fields().values()) {
                    if (random.nextInt(4) != 0) {
                        set(struct, field);
                    }
                }
                addUnknownTags(struct);
            } else {
                set(struct, bound.def);
            }
        }
    }

    private void set(Object struct, Field field) throws ReflectiveOperationException {
        Method setter = setters.computeIfAbsent(struct.getClass(), Filler::settersOf)
                .get(plain(field.name));
        if (setter == null) {
            throw new NoSuchMethodException(struct.getClass().getName() + " sets no " + field.name);
        }
        setter.invoke(struct, value(field.type, setter.getGenericParameterTypes()[0]));
    }

    private static Map<String, Method> settersOf(Class<?> type) {
        Map<String, Method> found = new HashMap<>();
        for (Method method : type.getMethods()) {
            if (method.getName().startsWith("set") && method.getParameterCount() == 1) {
                found.put(plain(method.getName().substring(3)), method);
            }
        }
        return found;
    }

    /** The schema's snake_case and the setters' camelCase, brought together. */
    private static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    private Object value(Type type, java.lang.reflect.Type wanted)
            throws ReflectiveOperationException {
        boolean absent = wanted == BaseRecords.class && !recordData;
        if (type.isNullable() && (absent || random.nextInt(4) == 0)) {
            return null;
        }
        if (absent) {
            return MemoryRecords.EMPTY;
        }
        if (type.isArray()) {
            return array(type.arrayElementType().orElseThrow(), wanted);
        }
        if (type instanceof Schema schema) {
            Object struct = ((Class<?>) wanted).getDeclaredConstructor().newInstance();
            fill(struct, schema);
            return struct;
        }
        if (type == Type.UINT16) {
            return (int) number() & 0xffff;
        }
        return plainValue((Class<?>) wanted);
    }

    private Object array(Type element, java.lang.reflect.Type wanted)
            throws ReflectiveOperationException {
        Collection<Object> made;
        java.lang.reflect.Type of;
        if (wanted instanceof ParameterizedType list) {
            made = new ArrayList<>();
            of = list.getActualTypeArguments()[0];
        } else {  // a map of Apache's own, that keeps the order
            Class<?> type = (Class<?>) wanted;
            @SuppressWarnings("unchecked")
            Collection<Object> map =
                    (Collection<Object>) type.getDeclaredConstructor().newInstance();
            made = map;
            of = ((ParameterizedType) type.getGenericSuperclass()).getActualTypeArguments()[0];
        }
        for (int left = random.nextInt(4); left > 0; --left) {
            made.add(value(element, of));
        }
        return made;
    }

    private Object plainValue(Class<?> wanted) {
        if (wanted == boolean.class || wanted == Boolean.class) {
            return random.nextBoolean();
        } else if (wanted == byte.class || wanted == Byte.class) {
            return (byte) number();
        } else if (wanted == short.class || wanted == Short.class) {
            return (short) number();
        } else if (wanted == int.class || wanted == Integer.class) {
            return (int) number();
        } else if (wanted == long.class || wanted == Long.class) {
            return number();
        } else if (wanted == double.class || wanted == Double.class) {
            return finite();
        } else if (wanted == String.class) {
            return text();
        } else if (wanted == Uuid.class) {
            return new Uuid(number(), number());
        } else if (wanted == byte[].class) {
            return bytes(40);
        } else if (wanted == ByteBuffer.class) {
            return ByteBuffer.wrap(bytes(40));
        } else if (wanted == BaseRecords.class) {
            // Above 4 KiB now and then, where C++ refers to them instead of copying them.
            return MemoryRecords.readableRecords(
                    ByteBuffer.wrap(bytes(random.nextInt(8) == 0 ? 10_000 : 200)));
        }
        throw new IllegalArgumentException("a field of " + wanted);
    }

    /** Of every magnitude, edges included. */
    private long number() {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> Long.MIN_VALUE;
            case 3 -> Long.MAX_VALUE;
            default -> random.nextLong() >> random.nextInt(64);
        };
    }

    private double finite() {
        double value = Double.longBitsToDouble(random.nextLong());
        return Double.isFinite(value) ? value : -0.0;
    }

    /** Characters of one to four bytes of UTF-8, and those that JSON escapes. */
    private String text() {
        StringBuilder text = new StringBuilder();
        for (int left = random.nextInt(random.nextInt(16) == 0 ? 300 : 12); left > 0; --left) {
            text.appendCodePoint(switch (random.nextInt(8)) {
                case 0 -> random.nextInt(0x80);
                case 1 -> 0x80 + random.nextInt(0x780);
                case 2 -> 0x4e00 + random.nextInt(0x5000);
                case 3 -> 0x10000 + random.nextInt(0x100000);
                default -> 'a' + random.nextInt(26);
            });
        }
        return text.toString();
    }

    private byte[] bytes(int most) {
        byte[] bytes = new byte[random.nextInt(most + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    private void addUnknownTags(Object struct) throws ReflectiveOperationException {
        if (!unknownTags || random.nextInt(4) != 0) {
            return;
        }
        @SuppressWarnings("unchecked")
        List<RawTaggedField> tags = (List<RawTaggedField>) struct.getClass()
                .getMethod("unknownTaggedFields").invoke(struct);
        int tag = FIRST_UNKNOWN_TAG;
        for (int left = random.nextInt(4); left > 0; --left) {
            tag += 1 + random.nextInt(1 << random.nextInt(28));
            addedTags = true;
            tags.add(new RawTaggedField(tag, bytes(random.nextInt(8) == 0 ? 300 : 10)));
        }
    }
}
