# SPDX-License-Identifier: Apache-2.0
"""A certificate authority of the cluster's own, and what it signed (the openssl command).

For a secured cluster there are also certificates that a peer must refuse, and a client's key in
the other forms in which users keep theirs.
"""

import os

from .process import run_all

KEY_PASSWORD = "key-secret"
# The one name of the certificate that is not this host's; .invalid never resolves (RFC 2606).
WRONG_HOST = "elsewhere.invalid"

_SETTINGS = f"""[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:FALSE
keyUsage = digitalSignature
extendedKeyUsage = serverAuth,clientAuth
subjectAltName = DNS:localhost,IP:127.0.0.1,IP:::1
[elsewhere]
basicConstraints = CA:FALSE
keyUsage = digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:{WRONG_HOST}
[client]
basicConstraints = CA:FALSE
keyUsage = digitalSignature
extendedKeyUsage = clientAuth
[past]
database = past.index
serial = past.serial
new_certs_dir = .
private_key = ca.key
certificate = ca.pem
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
"""
_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
_DAYS = "30"
# Only `openssl ca` can set the beginning; `x509 -days` counts from now.
_PAST = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"]


class _Maker:
    """Runs openssl inside one folder; commands that need nothing of each other side by side."""

    def __init__(self, openssl, folder):
        self.openssl = openssl
        self.folder = folder
        # A minimal system has no openssl.cnf at the compiled-in place.
        self.env = {**os.environ, "OPENSSL_CONF": "openssl.cnf", "LC_ALL": "C"}

    def call(self, *commands):
        """Run each of the commands, all at once."""
        run_all([([self.openssl, *command], {"cwd": self.folder, "env": self.env})
                 for command in commands], "openssl", 60)

    def path(self, name):
        """Where a file of ours is."""
        return os.path.join(self.folder, name)

    def join(self, target, *names):
        """One private file of several: what Java calls a PEM key store."""
        pieces = []
        for name in names:
            with open(self.path(name), encoding="ascii") as file:
                pieces.append(file.read())
        held = os.open(self.path(target), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(held, "w", encoding="ascii") as file:
            file.write("".join(pieces))


def _authority(name, common_name):
    return ["req", "-x509", *_KEY, "-keyout", f"{name}.key", "-out", f"{name}.pem",
            "-subj", f"/CN={common_name}", "-days", _DAYS, "-extensions", "authority", "-sha256"]


def _request(name, common_name):
    return ["req", "-new", *_KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr",
            "-subj", f"/CN={common_name}"]


def _sign(name, authority, serial, extensions):
    return ["x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem",
            "-CAkey", f"{authority}.key", "-set_serial", str(serial), "-out", f"{name}.crt",
            "-days", _DAYS, "-sha256", "-extfile", "openssl.cnf", "-extensions", extensions]


def make(openssl, folder, client_name, refused=False):
    """Write ca.pem, server.pem (key and certificate), client.crt and client.key (PKCS #8).

    With `refused`, also the files that `kafka-cluster up --help` lists.
    """
    os.mkdir(folder, 0o700)
    maker = _Maker(openssl, folder)
    with open(maker.path("openssl.cnf"), "w", encoding="ascii") as file:
        file.write(_SETTINGS)
    requests = [_request("server", "localhost"), _request("client", client_name)]
    signatures = [_sign("server", "ca", 2, "server"), _sign("client", "ca", 3, "client")]
    authorities = [_authority("ca", "kafka-asio test authority")]
    if refused:
        authorities.append(_authority("other-ca", "kafka-asio other authority"))
        requests += [_request("server-wrong-host", WRONG_HOST),
                     _request("server-untrusted", "localhost"),
                     _request("server-expired", "localhost"),
                     _request("client-untrusted", client_name),
                     _request("client-expired", client_name)]
        signatures += [_sign("server-wrong-host", "ca", 4, "elsewhere"),
                       _sign("server-untrusted", "other-ca", 2, "server"),
                       _sign("client-untrusted", "other-ca", 3, "client")]
    maker.call(*authorities, *requests)
    maker.call(*signatures)
    maker.join("server.pem", "server.key", "server.crt")
    if refused:
        _add_refused(maker)


def _add_refused(maker):
    """The expired ones, the joined files, and the client's key in other forms."""
    for name, text in (("past.index", ""), ("past.serial", "0100\n")):
        with open(maker.path(name), "w", encoding="ascii") as file:
            file.write(text)
    for name, extensions in (("server-expired", "server"), ("client-expired", "client")):
        # One after the other: both write to the same list of issued certificates.
        maker.call(["ca", "-batch", "-notext", "-name", "past", *_PAST, "-extensions",
                    extensions, "-in", f"{name}.csr", "-out", f"{name}.crt"])
    secret = f"pass:{KEY_PASSWORD}"
    maker.call(["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-in", "client.key",
                "-out", "client-encrypted.key", "-passout", secret],
               ["pkcs12", "-export", "-inkey", "client.key", "-in", "client.crt",
                "-certfile", "ca.pem", "-name", "client", "-out", "client.p12",
                "-passout", secret])
    for name in ("server-wrong-host", "server-untrusted", "server-expired", "client",
                 "client-untrusted", "client-expired"):
        maker.join(f"{name}.pem", f"{name}.key", f"{name}.crt")
    maker.join("client-encrypted.pem", "client-encrypted.key", "client.crt")
