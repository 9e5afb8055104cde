// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The file of records, copied to the heap before anything is measured: the client takes arrays, and
 * an application has its records there.
 */
final class Corpus {
    static final String HEADER_KEY = "trace";

    final byte[][] keys; // null without keys and headers
    final byte[][] values;
    final byte[][] headers; // null without keys and headers

    Corpus(String path) {
        try (FileChannel file = FileChannel.open(Path.of(path))) {
            if (file.size() < 16) {
                throw new Refusal(path + ": too short for a corpus");
            }
            ByteBuffer data = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size())
                    .order(ByteOrder.LITTLE_ENDIAN);
            byte[] magic = bytes(data, 8);
            int count = data.getInt();
            if (!new String(magic, StandardCharsets.ISO_8859_1).equals("KABC0001") || count <= 0) {
                throw new Refusal(path + ": not a corpus of this version");
            }
            boolean keyed = (data.getInt() & 1) != 0;
            keys = keyed ? new byte[count][] : null;
            headers = keyed ? new byte[count][] : null;
            values = new byte[count][];
            for (int i = 0; i < count; i++) {
                int keySize = data.getInt();
                int valueSize = data.getInt();
                int headerSize = data.getInt();
                byte[] key = bytes(data, keySize);
                values[i] = bytes(data, valueSize);
                byte[] header = bytes(data, headerSize);
                if (keyed) {
                    keys[i] = keySize == 0 ? null : key;
                    headers[i] = headerSize == 0 ? null : header;
                }
            }
            if (data.hasRemaining()) {
                throw new Refusal(path + ": bytes after the last record");
            }
        } catch (BufferUnderflowException e) {
            throw new Refusal(path + ": ends within a record");
        } catch (IOException e) {
            throw new Refusal(path + ": " + e);
        }
    }

    private static byte[] bytes(ByteBuffer from, int size) {
        if (size < 0 || size > from.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] result = new byte[size];
        from.get(result);
        return result;
    }

    int count() {
        return values.length;
    }
}
