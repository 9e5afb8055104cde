# SPDX-License-Identifier: Apache-2.0
"""An OpenID Connect provider of the cluster's own: signed tokens, and the keys to check them.

A process beside the nodes answers at two ports of loopback, HTTP and HTTPS: POST /token gives a
client its token (RFC 6749, section 4.4) and GET /jwks the public keys (RFC 7517) to the brokers.
"""

import base64
import hmac
import http.server
import json
import os
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse

from .process import run_all

CLIENT_ID = "kafka-asio"
CLIENT_SECRET = "client-secret"
ISSUER = "https://issuer.invalid"
AUDIENCE = "kafka"
SCOPE = "kafka"
LIFETIME = 300
# `other` is in no key set: what it signs must be refused.
KEYS = ("cluster", "other")
_KEY_SET = "jwks.json"
_REQUEST_LIMIT = 1 << 16


def _base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def key_set(modulus):
    """The JWKS of one RSA key with the exponent 65537, which openssl always takes."""
    number = int(modulus, 16)
    n = _base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))
    return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEYS[0], "n": n,
                      "e": "AQAB"}]}


def make(openssl, folder):
    """Write a key that the brokers know, one that they do not, and the key set."""
    os.mkdir(folder, 0o700)

    def call(*commands):
        return run_all([([openssl, *one], {"cwd": folder}) for one in commands], "openssl", 60)

    call(*(["genpkey", "-quiet", "-algorithm", "RSA", "-out", f"{name}.key"] for name in KEYS))
    (said,) = call(["rsa", "-in", f"{KEYS[0]}.key", "-noout", "-modulus"])
    with open(os.path.join(folder, _KEY_SET), "w", encoding="ascii") as file:
        json.dump(key_set(said.strip().partition("=")[2]), file)


def token(openssl, folder, subject, lifetime=LIFETIME, audience=AUDIENCE, key=KEYS[0], now=None):
    """A JSON Web Token (RFC 7519), signed RS256. A negative lifetime makes one that has expired."""
    now = int(time.time() if now is None else now)
    claims = {"iss": ISSUER, "aud": audience, "sub": subject, "scope": SCOPE,
              "iat": now + min(0, lifetime) - 1, "exp": now + lifetime}
    head = {"alg": "RS256", "typ": "JWT", "kid": KEYS[0]}
    signed = ".".join(_base64url(json.dumps(part).encode()) for part in (head, claims))
    done = subprocess.run(
        [openssl, "dgst", "-sha256", "-sign", os.path.join(folder, f"{key}.key")],
        input=signed.encode("ascii"), stdout=subprocess.PIPE, timeout=30, check=True)
    return f"{signed}.{_base64url(done.stdout)}"


def _credentials(headers, form):
    """The client's name and secret, from either place of RFC 6749, section 2.3.1."""
    kind, _, value = headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    name, _, secret = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
    return urllib.parse.unquote_plus(name), urllib.parse.unquote_plus(secret)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10  # of each wait for a client's bytes
    openssl = "openssl"

    def _answer(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        """/jwks: the key set."""
        if self.path != "/jwks":
            self._answer(404, {"error": "not_found"})
            return
        with open(_KEY_SET, encoding="ascii") as file:
            self._answer(200, json.load(file))

    def do_POST(self):
        """/token: a token for who knows the secret."""
        try:
            size = int(self.headers.get("Content-Length", ""))
            if not 0 <= size <= _REQUEST_LIMIT:
                raise ValueError("length")
            form = dict(urllib.parse.parse_qsl(self.rfile.read(size).decode("utf-8")))
            name, secret = _credentials(self.headers, form)
        except ValueError:
            self.close_connection = True  # what follows cannot be told from this request's rest
            self._answer(400, {"error": "invalid_request"})
            return
        if self.path != "/token":
            self._answer(404, {"error": "not_found"})
        elif form.get("grant_type") != "client_credentials":
            self._answer(400, {"error": "unsupported_grant_type"})
        elif name != CLIENT_ID or not hmac.compare_digest(secret.encode(), CLIENT_SECRET.encode()):
            self._answer(401, {"error": "invalid_client",
                               "error_description": "wrong client id or secret"})
        else:
            self._answer(200, {"access_token": token(self.openssl, ".", name),
                               "token_type": "Bearer", "expires_in": LIFETIME, "scope": SCOPE})

    def log_message(self, format, *args):  # noqa: A002  (the base class names it so)
        """Into this process's own log, which the supervisor keeps."""
        print(self.log_date_time_string(), format % args, file=sys.stderr, flush=True)


def serve(openssl, port, tls_port):
    """Answer for ever, inside the provider's folder."""
    handler = type("Handler", (_Handler,), {"openssl": openssl})
    plain = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    secure = http.server.ThreadingHTTPServer(("127.0.0.1", tls_port), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("../tls/server.pem")
    # The handshake belongs to the connection's thread: a silent client must not hold up others.
    secure.socket = context.wrap_socket(secure.socket, server_side=True,
                                        do_handshake_on_connect=False)
    threading.Thread(target=secure.serve_forever, daemon=True).start()
    plain.serve_forever()
