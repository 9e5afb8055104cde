# SPDX-License-Identifier: Apache-2.0
"""Tokens from an identity provider over https, which is a small server in this process."""

import base64
import http.server
import json
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

import peer

SECRET = "canary-secret+&"


class Provider(http.server.BaseHTTPRequestHandler):
    """Answers as the path says, and keeps what it was asked."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((self.path, dict(self.headers), urllib.parse.parse_qs(body)))
        getattr(self, "answer_" + self.path.strip("/").partition("?")[0])()

    do_GET = do_POST

    def send(self, text, status=200, **headers):
        data = text if isinstance(text, bytes) else text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def answer_good(self):
        self.send(json.dumps({"access_token": "abc.def", "expires_in": 600, "more": [1, {"a": 2}]}))

    def answer_jwt(self):
        def part(data):
            return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")

        token = f"{part({'alg': 'RS256'})}.{part({'exp': int(time.time()) + 1000})}.c2ln"
        self.send(json.dumps({"access_token": token, "expires_in": 5}))

    def answer_unauthorized(self):
        self.send(json.dumps({"error": "invalid_client", "error_description": SECRET}), 401)

    def answer_broken(self):
        self.send("<html>canary-page</html>", 500)

    def answer_html(self):
        self.send("<html>canary-page</html>")

    def answer_empty(self):
        self.send("{}")

    def answer_twice(self):
        self.send('{"access_token":"abc","access_token":"def"}')

    def answer_gzip(self):
        self.send(b"\x1f\x8b\x08\x00", Content_Encoding="gzip")

    def answer_large(self):
        try:
            self.send(b" " * (64 << 20))
        except OSError:
            pass  # the client hangs up, as it should

    def answer_redirect(self):
        self.send("", 302, Location="/good")

    def answer_slow(self):
        time.sleep(3)
        self.answer_good()

    def log_message(self, *_):
        pass


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class TokenEndpoint(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("openssl"):
            peer.cannot("the program openssl is missing")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="token endpoint "))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        for name in ("server", "other"):
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", cls.folder / f"{name}.key", "-out", cls.folder / f"{name}.pem",
                    "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost")  # fmt: skip
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cls.folder / "server.pem", cls.folder / "server.key")
        cls.server = cls.serve(context)
        cls.url = f"https://localhost:{cls.server.server_port}"
        code, lines = peer.run("credentials", url="https://localhost:1", id="x")
        if "built without" in str(lines):
            peer.cannot("built without libcurl")

    @classmethod
    def serve(cls, context=None):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # refused handshakes are not worth a line
        server.asked = []
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        return server

    def setUp(self):
        self.server.asked.clear()

    def ask(self, path, what="credentials", **arguments):
        given = {"url": self.url + path, "ca": self.folder / "server.pem"}
        if what == "credentials":
            given.update(id="me", secret=SECRET)
        code, lines = peer.run(what, **{**given, **arguments})
        self.assertNotIn("canary", str(lines.get("failure")))
        return code, lines

    def fails(self, path, text, **arguments):
        code, lines = self.ask(path, **arguments)
        self.assertEqual(code, 1)
        self.assertIn(text, lines["failure"][0])

    def test_client_credentials_go_into_the_header_and_the_token_comes_back(self):
        code, lines = self.ask("/good", scope="read write")
        self.assertEqual((code, lines["token"], lines["cluster"]), (0, ["abc.def"], ["one"]))
        self.assertIn(int(lines["expires_in"][0]), range(595, 601))
        ((_, headers, form),) = self.server.asked
        self.assertEqual(form, {"grant_type": ["client_credentials"], "scope": ["read write"]})
        self.assertEqual(headers["Content-Type"], "application/x-www-form-urlencoded")
        scheme, _, pair = headers["Authorization"].partition(" ")
        self.assertEqual((scheme, base64.b64decode(pair).decode()), ("Basic", f"me:{SECRET}"))
        self.assertNotIn("Accept-Encoding", headers)

    def test_client_credentials_can_be_encoded_or_go_into_the_body(self):
        self.ask("/good", encode="")
        self.ask("/good", in_body="")
        (_, first, _), (_, second, form) = self.server.asked
        self.assertEqual(
            base64.b64decode(first["Authorization"].partition(" ")[2]), b"me:canary-secret%2B%26"
        )
        self.assertNotIn("Authorization", second)
        self.assertEqual((form["client_id"], form["client_secret"]), (["me"], [SECRET]))

    def test_the_end_that_a_jwt_states_counts_for_more(self):
        _, lines = self.ask("/jwt")
        self.assertNotIn("expires_in", lines)  # read from the token later

    def test_the_authority_can_be_given_as_text(self):
        code, _ = self.ask("/good", ca="", ca_pem=(self.folder / "server.pem").read_text())
        self.assertEqual(code, 0)

    def test_a_refusal_is_told_by_its_code_alone(self):
        self.fails("/unauthorized", 'HTTP status 401 and error "invalid_client"')
        self.fails("/broken", "HTTP status 500")

    def test_an_answer_without_a_token_is_told_without_its_text(self):
        self.fails("/html", "no JSON")
        self.fails("/empty", "without an access_token")
        self.fails("/twice", "repeated")

    def test_an_answer_that_is_compressed_or_too_large_is_not_read(self):
        self.fails("/gzip", "compressed")
        self.fails("/large", "above 1 MiB")

    def test_a_redirect_is_not_followed(self):
        self.fails("/redirect", "HTTP status 302")
        self.assertEqual(len(self.server.asked), 1)

    def test_a_slow_answer_is_given_up(self):
        began = time.monotonic()
        self.fails("/slow", "timed out", timeout=1)
        self.assertLess(time.monotonic() - began, 2.9)

    def test_the_certificate_and_the_name_are_verified(self):
        for arguments in ({"ca": self.folder / "other.pem"}, {"ca": ""},
                          {"url": self.url.replace("localhost", "127.0.0.1") + "/good"}):  # fmt: skip
            self.fails("/good", "certificate" if "url" not in arguments else "", **arguments)
        self.assertEqual(self.server.asked, [])

    def test_only_https_is_spoken_and_http_to_this_machine_where_allowed(self):
        plain = self.serve()
        url = f"http://127.0.0.1:{plain.server_port}/good"
        self.fails("", "only https", url=url)
        self.assertEqual(self.ask("", url=url, loopback="")[0], 0)
        for other in ("http://example.org/", "http://127.evil.example/", "file:///etc/passwd",
                      "ftp://localhost/", "gopher://127.0.0.1/"):  # fmt: skip
            self.fails("", "only https", url=other, loopback="")
        for other in ("", "nonsense", "https://", "https://user:canary@localhost/"):
            self.assertEqual(self.ask("", url=other)[0], 1)
        self.assertEqual(len(plain.asked), 1)

    def verify(self, algorithm, key, token):
        """The signature by the program openssl; the header and the claims."""
        signed, _, signature = token.rpartition(".")
        raw = base64.urlsafe_b64decode(signature + "==")
        if algorithm == "ES256":  # r and s become ASN.1
            self.assertEqual(len(raw), 64)

            def number(data):
                data = data.lstrip(b"\0") or b"\0"
                data = (b"\0" if data[0] & 128 else b"") + data
                return b"\x02" + bytes([len(data)]) + data

            both = number(raw[:32]) + number(raw[32:])
            raw = b"\x30" + bytes([len(both)]) + both
        (self.folder / "signature").write_bytes(raw)
        (self.folder / "signed").write_text(signed)
        openssl("pkey", "-in", key, "-passin", "pass:canary", "-pubout", "-out",
                self.folder / "public")  # fmt: skip
        openssl("dgst", "-sha256", "-verify", self.folder / "public", "-signature",
                self.folder / "signature", self.folder / "signed")  # fmt: skip
        return [
            json.loads(base64.urlsafe_b64decode(part + "=="))
            for part in signed.split(".")
        ]

    def test_assertions_are_signed_as_the_program_openssl_verifies(self):
        rsa, ec = self.folder / "rsa.pem", self.folder / "ec.pem"
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", rsa,
                "-aes-128-cbc", "-pass", "pass:canary")  # fmt: skip
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", ec)
        for algorithm, key in (("RS256", rsa), ("ES256", ec)):
            self.server.asked.clear()
            code, lines = self.ask("/good", "jwt", key_file=key, algorithm=algorithm,
                                   passphrase="canary", scope="a b")  # fmt: skip
            self.assertEqual((code, lines["token"]), (0, ["abc.def"]))
            ((_, _, form),) = self.server.asked
            self.assertEqual(
                form["grant_type"], ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
            )
            self.assertEqual(form["scope"], ["a b"])
            header, claims = self.verify(algorithm, key, form["assertion"][0])
            self.assertEqual(header, {"alg": algorithm, "typ": "JWT", "kid": "key-1"})
            self.assertEqual(claims["exp"] - claims["iat"], 300)
            self.assertEqual(claims["iat"] - claims["nbf"], 60)
            self.assertAlmostEqual(claims["iat"], time.time(), delta=10)
            self.assertEqual(len(claims["jti"]), 32)
            self.assertEqual(
                {name: claims[name] for name in ("iss", "sub", "aud", "team")},
                {"iss": "issuer", "sub": "alice", "aud": "https://idp.example", "team": "blue"},
            )
        # Keys that do not fit, or cannot be read.
        for arguments in (
            {"key_file": rsa, "passphrase": "wrong canary"},
            {"key_file": rsa},
            {"key_file": ec},
            {"key_file": rsa, "passphrase": "canary", "algorithm": "ES256"},
            {"key_file": self.folder / "not there"},
            {"key_file": self.folder / "server.pem"},
            {"key": "canary"},
            {"key": ec.read_text(), "key_file": ec},
            {},
        ):
            self.assertEqual(self.ask("/good", "jwt", **arguments)[0], 1, arguments)
        self.assertEqual(self.ask("/good", "jwt", key=ec.read_text(), algorithm="ES256")[0], 0)


if __name__ == "__main__":
    unittest.main()
