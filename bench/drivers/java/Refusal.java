// SPDX-License-Identifier: Apache-2.0

/** An option is bad, or this client or way cannot honour it: exit code 2. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refusal(String sentence) {
        super(sentence, null, false, false);
    }
}
