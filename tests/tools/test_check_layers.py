# SPDX-License-Identifier: Apache-2.0
"""tools/check_layers.py finds each kind of bad arrow, and none in this tree."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / "tools" / "check_layers.py"


class CheckLayers(unittest.TestCase):
    def check(self, files):
        """Writes a tree and returns what the program prints, sorted, and its exit code."""
        with tempfile.TemporaryDirectory(prefix="check layers ") as folder:
            for path, text in files.items():
                file = pathlib.Path(folder) / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            ended = subprocess.run(
                [sys.executable, PROGRAM, folder],
                cwd=os.sep,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        return sorted(ended.stdout.splitlines()), ended.returncode

    def assert_finds(self, files, *expected):
        self.assertEqual(self.check(files), (sorted(expected), 1))

    def assert_clean(self, files):
        self.assertEqual(self.check(files), ([], 0))

    def test_this_tree_is_clean(self):
        ended = subprocess.run(
            [sys.executable, PROGRAM], cwd=os.sep, stdout=subprocess.PIPE, text=True
        )
        self.assertEqual((ended.stdout, ended.returncode), ("", 0))

    def test_an_arrow_that_points_up_is_found_with_its_place(self):
        self.assert_finds(
            {
                "lib/core/conn.cpp": '#include <vector>\n\n#include "io/session.hpp"\n',
                "lib/io/session.hpp": "#pragma once\n",
            },
            "lib/core/conn.cpp:3: core may not include io (io/session.hpp)",
        )

    def test_an_arrow_to_a_header_that_is_not_there_is_found(self):
        self.assert_finds(
            {"lib/base/a.cpp": '#include "core/gone.hpp"\n#include <kafka/protocol/gone.hpp>\n'},
            "lib/base/a.cpp:1: base may not include core (core/gone.hpp)",
            "lib/base/a.cpp:2: base may not include protocol (kafka/protocol/gone.hpp)",
        )

    def test_an_asio_header_before_all_others_is_found_anywhere(self):
        self.assert_finds(
            {
                "tests/io/a.cpp": "#include <asio/post.hpp>\n#include <string>\n",
                "tests/io/b.cpp": "#include <string>\n#include <asio/post.hpp>\n",
            },
            "tests/io/a.cpp:1: a standard header must come before Asio's (asio/post.hpp): without "
            "it Asio chooses another way to free memory than in other sources",
        )

    def test_an_arrow_that_points_sideways_is_found(self):
        self.assert_finds(
            {
                "lib/codec/a.cpp": '#include "auth/scram.hpp"\n',
                "lib/auth/scram.hpp": '#include "protocol/x.hpp"\n',
                "lib/core/b.cpp": '#include "codec/codec.hpp"\n',
                "lib/testing/c.cpp": '#include "client/d.hpp"\n',
                "lib/client/d.hpp": '#include "testing/c.hpp"\n',
                "lib/flow/e.cpp": '#include "core/f.hpp"\n',
            },
            "lib/codec/a.cpp:1: codec may not include auth (auth/scram.hpp)",
            "lib/auth/scram.hpp:1: auth may not include protocol (protocol/x.hpp)",
            "lib/core/b.cpp:1: core may not include codec (codec/codec.hpp)",
            "lib/testing/c.cpp:1: testing may not include client (client/d.hpp)",
            "lib/client/d.hpp:1: client may not include testing (testing/c.hpp)",
            "lib/flow/e.cpp:1: flow may not include core (core/f.hpp)",
        )

    def test_arrows_that_point_down_are_allowed(self):
        self.assert_clean(
            {
                "include/kafka/error.hpp": "#include <kafka/export.hpp>\n",
                "include/kafka/export.hpp": "",
                "include/kafka/protocol/fetch.hpp": "#include <kafka/error.hpp>\n",
                "protocol/fetch.cpp": '#include <kafka/protocol/fetch.hpp>\n#include "protocol/x.hpp"\n',
                "protocol/x.hpp": '#include "base/y.hpp"\n',
                "lib/base/y.hpp": "#include <kafka/error.hpp>\n",
                "lib/core/z.cpp": '#include "protocol/x.hpp"\n#include <kafka/protocol/fetch.hpp>\n',
                "lib/io/w.cpp": '#include "core/z.hpp"\n#include "codec/c.hpp"\n#include "auth/a.hpp"\n',
                "lib/client/v.cpp": '#include "io/w.hpp"\n#include <kafka/conn.hpp>\n',
                "include/kafka/conn.hpp": "#include <kafka/detail/any_handler.hpp>\n",
                "include/kafka/detail/any_handler.hpp": "#include <new>\n#include <asio/post.hpp>\n",
                "lib/flow/u.cpp": "#include <kafka/conn.hpp>\n",
                "lib/testing/t.cpp": '#include "io/w.hpp"\n#include "auth/a.hpp"\n',
                "tests/base/s.cpp": '#include "base/y.hpp"\n#include <asio.hpp>\n#include <zlib.h>\n',
            }
        )

    def test_a_relative_include_is_followed_to_its_layer(self):
        self.assert_finds(
            {
                "lib/core/deep/a.cpp": '#include "../../io/b.hpp"\n#include "../c.hpp"\n',
                "lib/io/b.hpp": "",
                "lib/core/c.hpp": "",
            },
            "lib/core/deep/a.cpp:1: core may not include io (../../io/b.hpp)",
        )

    def test_a_client_header_is_out_of_reach_for_the_layers_below(self):
        self.assert_finds(
            {
                "include/kafka/conn.hpp": "",
                "include/kafka/flow/sender.hpp": "",
                "protocol/a.cpp": "#include <kafka/conn.hpp>\n",
                "lib/client/b.cpp": "#include <kafka/conn.hpp>\n#include <kafka/flow/sender.hpp>\n",
            },
            "protocol/a.cpp:1: protocol may not include client (kafka/conn.hpp)",
            "lib/client/b.cpp:2: client may not include flow (kafka/flow/sender.hpp)",
        )

    def test_an_unknown_public_header_must_be_added_to_the_table(self):
        self.assert_finds(
            {"include/kafka/novel.hpp": "", "include/kafka/odd/thing.hpp": ""},
            "include/kafka/novel.hpp:1: unknown public header: add novel.hpp to PUBLIC_HEADERS in "
            "tools/check_layers.py",
            "include/kafka/odd/thing.hpp:1: unknown public header: add include/kafka/odd to FOLDERS "
            "in tools/check_layers.py",
        )

    def test_a_folder_that_is_no_layer_is_found(self):
        self.assert_finds(
            {"lib/util/a.cpp": ""},
            "lib/util/a.cpp:1: no layer is in lib/util: add it to tools/check_layers.py",
        )

    def test_a_public_header_may_not_include_an_internal_one(self):
        self.assert_finds(
            {"include/kafka/blocking.hpp": '#include "io/a.hpp"\n', "lib/io/a.hpp": ""},
            "include/kafka/blocking.hpp:1: a public header may not include an internal one (io/a.hpp)",
        )

    def test_a_public_header_may_not_include_asio_hpp_openssl_or_a_codec(self):
        self.assert_finds(
            {
                "include/kafka/conn.hpp": "#include <asio.hpp>\n"
                "#include <asio/async_result.hpp>\n"
                "#include <asio/ssl/context.hpp>\n"
                "#include <openssl/ssl.h>\n"
                "#include <zstd.h>\n"
            },
            "include/kafka/conn.hpp:1: a public header may not include <asio.hpp> (asio.hpp)",
            "include/kafka/conn.hpp:3: a public header may not include OpenSSL (asio/ssl/context.hpp)",
            "include/kafka/conn.hpp:4: a public header may not include OpenSSL (openssl/ssl.h)",
            "include/kafka/conn.hpp:5: a public header may not include a codec library (zstd.h)",
        )

    def test_asio_and_sockets_are_for_io_and_above_only(self):
        self.assert_finds(
            {
                "lib/core/a.cpp": "#include <asio/buffer.hpp>\n",
                "lib/auth/b.cpp": "#include <sys/socket.h>\n#include <openssl/hmac.h>\n",
                "include/kafka/protocol/c.hpp": "#include <asio/buffer.hpp>\n",
                "lib/io/d.cpp": "#include <netinet/tcp.h>\n#include <asio.hpp>\n#include <openssl/x.h>\n",
            },
            "lib/core/a.cpp:1: core may not include Asio (asio/buffer.hpp)",
            "lib/auth/b.cpp:1: auth may not include sockets (sys/socket.h)",
            "include/kafka/protocol/c.hpp:1: protocol may not include Asio (asio/buffer.hpp)",
        )

    def test_codec_and_sasl_libraries_stay_in_their_layers(self):
        self.assert_finds(
            {
                "lib/codec/a.cpp": "#include <lz4frame.h>\n#include <snappy-c.h>\n#include <zlib.h>\n",
                "lib/auth/b.cpp": "#include <sasl/sasl.h>\n#include <libdeflate.h>\n",
                "lib/io/c.cpp": "#include <sasl/sasl.h>\n#include <zstd.h>\n",
                "lib/client/d.cpp": "#include <openssl/rand.h>\n",
            },
            "lib/auth/b.cpp:2: auth may not include a codec library (libdeflate.h)",
            "lib/io/c.cpp:1: io may not include Cyrus SASL (sasl/sasl.h)",
            "lib/io/c.cpp:2: io may not include a codec library (zstd.h)",
            "lib/client/d.cpp:1: client may not include OpenSSL (openssl/rand.h)",
        )

    def test_boost_is_nowhere(self):
        self.assert_finds(
            {"tests/base/a.cpp": "#include <boost/asio.hpp>\n"},
            "tests/base/a.cpp:1: nothing here may include Boost (boost/asio.hpp)",
        )

    def test_the_core_of_the_broker_has_no_sockets_and_the_shell_has(self):
        self.assert_finds(
            {
                "lib/testing/broker_core.cpp": '#include <asio/buffer.hpp>\n#include "io/a.hpp"\n',
                "lib/testing/broker_core_groups.hpp": "#include <mutex>\n",
                "lib/testing/broker.cpp": '#include "io/a.hpp"\n#include <asio.hpp>\n#include <mutex>\n',
                "lib/io/a.hpp": "",
            },
            "lib/testing/broker_core.cpp:1: broker core may not include Asio (asio/buffer.hpp)",
            "lib/testing/broker_core.cpp:2: broker core may not include io (io/a.hpp)",
            "lib/testing/broker_core_groups.hpp:1: broker core may not use threads or locks (<mutex>)",
        )

    def test_a_core_may_not_read_a_clock_roll_dice_or_lock(self):
        self.assert_finds(
            {
                "lib/core/a.cpp": "#include <thread>\n"
                "// std::chrono::steady_clock::now() in a comment is none\n"
                'auto text = "steady_clock::now()";\n'
                "auto t = std::chrono::steady_clock::now();\n"
                "std::random_device dice;\n",
                "protocol/b.cpp": "auto t = clock::now ();\n",
                "lib/io/c.cpp": "auto t = clock::now();\nstd::random_device dice;\n",
            },
            "lib/core/a.cpp:1: core may not use threads or locks (<thread>)",
            "lib/core/a.cpp:4: core may not read a clock (now): time comes in as an argument",
            "lib/core/a.cpp:5: core may not use global randomness: it comes in as an argument",
            "protocol/b.cpp:1: protocol may not read a clock (now): time comes in as an argument",
        )

    def test_tools_and_examples_use_public_headers_and_their_own(self):
        self.assert_finds(
            {
                "tools/kasio/main.cpp": '#include "kasio/args.hpp"\n#include "args.hpp"\n'
                '#include <kafka/error.hpp>\n#include "base/b.hpp"\n',
                "tools/kasio/args.hpp": "",
                "tests/examples/a.cpp": '#include "io/c.hpp"\n#include <asio.hpp>\n',
                "include/kafka/error.hpp": "",
                "lib/base/b.hpp": "",
                "lib/io/c.hpp": "",
            },
            "tools/kasio/main.cpp:4: tools may include public headers only (base/b.hpp)",
            "tests/examples/a.cpp:1: tests/examples may include public headers only (io/c.hpp)",
        )

    def test_the_library_may_not_include_tests(self):
        self.assert_finds(
            {"lib/base/a.cpp": '#include "tests/x.hpp"\n', "tests/x.hpp": ""},
            "lib/base/a.cpp:1: base may not include tests (tests/x.hpp)",
        )

    def test_what_only_looks_like_an_include_is_none(self):
        self.assert_clean(
            {
                "lib/base/a.cpp": '// #include "io/a.hpp"\n'
                '/*\n#include "io/a.hpp"\n*/\n'
                'const char* x = R"(\n#include "io/a.hpp"\n)";\n'
                "int million = 1'000'000;\n",
                "lib/io/a.hpp": "",
            }
        )

    def test_an_include_after_strange_text_is_read(self):
        self.assert_finds(
            {
                "lib/base/a.cpp": "int million = 1'000'000;\n"
                "char quote = '\"';\n"
                '/* half */ const char* s = "/* no comment";\n'
                '  #  include   "io/a.hpp"  // why\n'
            },
            "lib/base/a.cpp:4: base may not include io (io/a.hpp)",
        )

    def test_an_empty_tree_is_an_error(self):
        self.assertEqual(self.check({"README.md": ""}), ([], 2))


if __name__ == "__main__":
    unittest.main()
