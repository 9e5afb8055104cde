# SPDX-License-Identifier: Apache-2.0
"""A Kerberos realm of the cluster's own, where MIT's KDC is installed."""

import os
import secrets
import shutil

from .config import BROKER_PRINCIPAL, REALM, USERNAME
from .process import run

PROGRAMS = ("krb5kdc", "kadmin.local", "kdb5_util")
PACKAGES = "krb5-kdc and krb5-admin-server"

# A brace opens a block only when its line ends after it. Clients read this file too: it names no
# path, so that it holds wherever the folder is.
_CLIENT = """[libdefaults]
    default_realm = {realm}
    dns_lookup_realm = false
    dns_lookup_kdc = false
    dns_canonicalize_hostname = false
    rdns = false
    udp_preference_limit = 1
[realms]
    {realm} = {{
        kdc = 127.0.0.1:{port}
    }}
[domain_realm]
    localhost = {realm}
"""
_SERVER = """[kdcdefaults]
    kdc_listen = 127.0.0.1:{port}
    kdc_tcp_listen = 127.0.0.1:{port}
[realms]
    {realm} = {{
        database_name = principal
        key_stash_file = stash
        acl_file = kadm5.acl
        max_life = 24h
    }}
[logging]
    kdc = FILE:kdc.log
    admin_server = FILE:kadmin.log
"""


def find_programs():
    """{name: path} of the KDC's programs, or None if one is missing (sbin may not be in PATH)."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    found = {name: shutil.which(name, path=path) for name in PROGRAMS}
    return found if all(found.values()) else None


def settings():
    """The environment of the KDC's programs, which run inside the realm's folder."""
    return {"KRB5_CONFIG": "krb5.conf", "KRB5_KDC_PROFILE": "kdc.conf"}


def make(programs, folder, port):
    """Create the realm with its two principals and their keytabs."""
    os.mkdir(folder, 0o700)
    for name, text in (("krb5.conf", _CLIENT), ("kdc.conf", _SERVER), ("kadm5.acl", "")):
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(text.format(realm=REALM, port=port))
    where = {"cwd": folder, "env": {**os.environ, **settings()}}
    run([programs["kdb5_util"], "create", "-s", "-r", REALM, "-P", secrets.token_hex(16)],
        "kdb5_util", **where)
    for principal, keytab in ((BROKER_PRINCIPAL, "broker.keytab"), (USERNAME, "client.keytab")):
        for query in (f"addprinc -randkey {principal}", f"ktadd -k {keytab} {principal}"):
            run([programs["kadmin.local"], "-r", REALM, "-q", query], "kadmin.local", **where)
        if not os.path.exists(os.path.join(folder, keytab)):  # kadmin.local exits 0 all the same
            raise OSError(f"kadmin.local wrote no {keytab}")


def kdc_command(programs):
    """The KDC in the foreground, so that its parent knows it."""
    return [programs["krb5kdc"], "-n", "-r", REALM]
