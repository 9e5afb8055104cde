# SPDX-License-Identifier: Apache-2.0
"""A certificate authority of the cluster's own, a server and a client certificate (openssl)."""

import os

from .process import run

_SETTINGS = """[req]
distinguished_name = name
prompt = no
[name]
CN = kafka-asio test authority
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:FALSE
keyUsage = digitalSignature
extendedKeyUsage = serverAuth,clientAuth
subjectAltName = DNS:localhost,IP:127.0.0.1
[client]
basicConstraints = CA:FALSE
keyUsage = digitalSignature
extendedKeyUsage = clientAuth
"""
_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
_DAYS = "30"


def make(openssl, folder, client_name):
    """Write ca.pem, server.pem (key and certificate), client.crt and client.key (PKCS #8)."""
    os.mkdir(folder, 0o700)

    def call(*arguments):
        # A minimal system has no openssl.cnf at the compiled-in place.
        run([openssl, *arguments], "openssl", cwd=folder,
            env={**os.environ, "OPENSSL_CONF": "openssl.cnf", "LC_ALL": "C"})

    with open(os.path.join(folder, "openssl.cnf"), "w", encoding="ascii") as file:
        file.write(_SETTINGS)
    call("req", "-x509", *_KEY, "-keyout", "ca.key", "-out", "ca.pem", "-days", _DAYS,
         "-extensions", "authority", "-sha256")
    for serial, (name, common_name) in enumerate(
        [("server", "localhost"), ("client", client_name)], start=2
    ):
        call("req", "-new", *_KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr",
             "-subj", f"/CN={common_name}")
        call("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
             "-set_serial", str(serial), "-out", f"{name}.crt", "-days", _DAYS, "-sha256",
             "-extfile", "openssl.cnf", "-extensions", name)
    pieces = []
    for name in ("server.key", "server.crt"):
        with open(os.path.join(folder, name), encoding="ascii") as file:
            pieces.append(file.read())
    with open(os.open(os.path.join(folder, "server.pem"), os.O_WRONLY | os.O_CREAT, 0o600), "w",
              encoding="ascii") as file:
        file.write("".join(pieces))
