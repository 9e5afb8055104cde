// SPDX-License-Identifier: Apache-2.0

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The C++ side: tests/apache/wire_peer.cpp, asked through its standard input and output. */
final class Peer implements AutoCloseable {
    /** What it answers: bytes, or why it has none. */
    record Answer(byte[] bytes, String failure) {
        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private final Process process;
    private final DataOutputStream out;
    private final DataInputStream in;

    Peer(String program) throws IOException {
        process = new ProcessBuilder(List.of(program))
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream(), 1 << 16));
        in = new DataInputStream(new BufferedInputStream(process.getInputStream(), 1 << 16));
    }

    /** Asks for an operation (see wire_peer.cpp) on a message of that name and version. */
    Answer ask(char operation, String name, int version, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        DataOutputStream to = new DataOutputStream(frame);
        to.writeByte(operation);
        to.writeUTF(name);
        to.writeShort(version);
        to.write(payload);
        out.writeInt(frame.size());
        frame.writeTo(out);
        out.flush();
        int size;
        try {
            size = in.readInt();
        } catch (IOException e) {
            String where = operation + " " + name + " v" + version;
            throw new IOException("the C++ side ended at " + where, e);
        }
        boolean ok = in.readBoolean();
        byte[] bytes = in.readNBytes(size - 1);
        return ok ? new Answer(bytes, null)
                : new Answer(null, new String(bytes, StandardCharsets.UTF_8));
    }

    /** Lets it end, and returns its exit code: a sanitizer may have found something at the end. */
    int finish() throws IOException, InterruptedException {
        out.close();
        return process.waitFor();
    }

    @Override
    public void close() {
        process.destroy();
    }
}
