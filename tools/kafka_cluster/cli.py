# SPDX-License-Identifier: Apache-2.0
"""The command line of tools/kafka-cluster."""

import argparse
import os
import signal
import subprocess
import sys

from . import cluster, config, jars, nodes, oauth, supervisor
from . import folder as folder_
from .faults import FAILED, PROGRAM_MISSING, Fault, Interrupted

_DESCRIPTION = """\
A real Apache Kafka cluster (KRaft, combined nodes) on loopback, from the official jars.

  eval "$(tools/kafka-cluster up --owner $$)"
  kcat -b "$KAFKA_BROKERS" -L
  tools/kafka-cluster down
"""
_EPILOG = f"""\
`up` prints NAME=value lines, quoted for a shell, when every node serves: KAFKA_BROKERS,
KAFKA_BROKERS_SSL, KAFKA_BROKERS_SASL_PLAINTEXT, KAFKA_BROKERS_SASL_SSL, KAFKA_SSL_CA,
KAFKA_SSL_CERTIFICATE, KAFKA_SSL_KEY, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD, KAFKA_CLUSTER_DIR,
and where a KDC is installed KRB5_CONFIG, KRB5_CLIENT_KTNAME, KRB5CCNAME, KAFKA_KRB5_KEYTAB,
KAFKA_KRB5_PRINCIPAL, KAFKA_KRB5_SERVICE. SASL mechanisms: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512,
OAUTHBEARER (unsigned tokens), GSSAPI (with a KDC). A client certificate is optional. With
--reauth-ms there is KAFKA_SASL_REAUTH_MS.

`up --secure` adds:
  KAFKA_BROKERS_MTLS            TLS that demands a client certificate
  KAFKA_BROKERS_SSL_EXPIRED     TLS with a server certificate that expired in 2020,
  KAFKA_BROKERS_SSL_WRONG_HOST  with one that names another host,
  KAFKA_BROKERS_SSL_UNTRUSTED   with one of an authority that KAFKA_SSL_CA does not hold
  KAFKA_BROKERS_SASL_OIDC       SASL_SSL with OAUTHBEARER, where tokens must be signed: by the
                                provider at KAFKA_OAUTH_TOKEN_URL (HTTP) or
                                KAFKA_OAUTH_TOKEN_URL_TLS (HTTPS, certificate of KAFKA_SSL_CA) with
                                KAFKA_OAUTH_CLIENT_ID, KAFKA_OAUTH_CLIENT_SECRET and
                                KAFKA_OAUTH_SCOPE, or by `token`
  KAFKA_SECURITY_DIR            a folder with
      client.{{crt,key,pem}}      certificate, key, and both in one file
      client-encrypted.{{key,pem}}, client.p12
                                the same with a key under KAFKA_SSL_KEY_PASSWORD (PKCS #8, PKCS #12)
      client-expired.*, client-untrusted.*
                                client certificates that brokers refuse
      other-ca.pem              an authority that nothing at the brokers is signed by, but for
                                KAFKA_BROKERS_SSL_UNTRUSTED

Jars are kept under ${{XDG_CACHE_HOME:-~/.cache}}/kafka-asio and fetched by Maven. A cluster that
failed to start leaves its logs (DIR/node-N/kafka.log); otherwise `down` removes what was written.

exit status:
  0   done                          3  a program is missing (Java {jars.JAVA_FLOOR}, Maven, openssl)
  1   it failed, or `status`:       4  the jars could not be had
      not every node runs           5  a cluster runs there already, or none does,
  2   wrong usage                      or the node is not in the state for it
  128+N  ended by signal N
"""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _node_count(text):
    count = int(text)
    if not 1 <= count <= 9:
        raise argparse.ArgumentTypeError("1 to 9 nodes")
    return count


def _milliseconds(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("1 or more")
    return number


def _version(text):
    try:
        return jars.check_version(text)
    except Fault as fault:
        raise argparse.ArgumentTypeError(fault.message) from None


def parser():
    """The command line's grammar."""
    top = argparse.ArgumentParser(prog="kafka-cluster", description=_DESCRIPTION, epilog=_EPILOG,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name, text, of_a_cluster=True):
        made = commands.add_parser(name, help=text, description=text)
        if of_a_cluster:
            made.add_argument("--dir", type=os.path.abspath, default=folder_.default_folder(),
                              help="the cluster's folder (default: "
                              "${TMPDIR:-/tmp}/kafka-asio-cluster-UID)")
        return made

    def versioned(made, default=jars.DEFAULT_VERSION):
        made.add_argument("--version", type=_version, default=default, metavar="X",
                          help=f"release of Kafka (default: {default or jars.TOOLS_VERSION}; "
                          f"tried: {', '.join(jars.TRIED_VERSIONS)})")

    def patient(made):
        made.add_argument("--timeout", type=float, default=120.0, metavar="S",
                          help="seconds that it may take (default: 120)")

    def of_nodes(name, text):
        made = command(name, text)
        made.add_argument("node", type=int, nargs="+", metavar="N", help="a node's number")
        return made

    made = command("up", "start a cluster; return when all nodes serve")
    versioned(made)
    patient(made)
    made.add_argument("--nodes", type=_node_count, default=3, metavar="N", help="default: 3")
    made.add_argument("--owner", type=int, metavar="PID",
                      help="end the cluster when that process ends (default: it stays until "
                      "`down`)")
    made.add_argument("--config", action="append", default=[], metavar="KEY=VALUE",
                      help="a line for every node's configuration (repeatable), such as "
                      "connections.max.reauth.ms=20000")
    made.add_argument("--quick", action="store_true",
                      help="start with half of the processor time by compiling less: for tests, "
                      "not for benchmarks")
    made.add_argument("--secure", action="store_true",
                      help="more listeners, certificates and an OAuth provider: see below")
    made.add_argument("--reauth-ms", type=_milliseconds, metavar="N",
                      help="let SASL clients authenticate again every N ms (KIP-368)")
    made = command("down", "end the cluster and remove its files")
    made.add_argument("--keep", action="store_true", help="leave logs and data")
    made = command("status", "one line a node; exit status 0 if all of them run")
    made.add_argument("--json", action="store_true", help="the same as one JSON object")
    command("env", "print the lines of `up` again, with the addresses of now")
    of_nodes("kill", "SIGKILL nodes")
    of_nodes("pause", "SIGSTOP nodes")
    of_nodes("resume", "SIGCONT nodes")
    of_nodes("stop", "end nodes (SIGTERM) and leave them so")
    patient(of_nodes("start", "start nodes that do not run, wait for them"))
    made = of_nodes("restart", "stop nodes (SIGTERM) if they run, start them again, wait for them")
    made.add_argument("--new-port", action="store_true",
                      help="come back at other ports and print the new lines (as `env`)")
    patient(made)
    patient(command("readdress", "restart all nodes at once at other ports, print the new lines "
                    "(as `env`)"))
    made = command("move-leader", "make node N the leader of a partition; a node that holds no "
                   "replica takes the place of the last one")
    patient(made)
    made.add_argument("topic", metavar="TOPIC")
    made.add_argument("partition", type=int, metavar="PARTITION")
    made.add_argument("node", type=int, metavar="N", help="a node's number")
    made = command("token", "print a signed token for SASL_OIDC")
    made.add_argument("--subject", default=config.USERNAME, help="default: %(default)s")
    made.add_argument("--lifetime", type=int, default=oauth.LIFETIME, metavar="S",
                      help="seconds; a negative number makes a token that has expired (default: "
                      "%(default)s)")
    made.add_argument("--audience", default=oauth.AUDIENCE,
                      help="brokers want the default, %(default)s")
    made.add_argument("--key", choices=oauth.KEYS, default=oauth.KEYS[0],
                      help="`other` is one that brokers do not know (default: %(default)s)")
    made = command("check", "whether `up` could work: programs, jars (fetched if missing)", False)
    versioned(made)
    made.add_argument("--tools", action="store_true", help="the command-line tools' jars, too")
    made = command("jars", "print the folder with the jars (fetched if missing)", False)
    versioned(made)
    made.add_argument("--tools", action="store_true",
                      help=f"kafka-tools {jars.TOOLS_VERSION} instead of a broker")
    made = command("tool", "run a class of Kafka's tools (KAFKA_OPTS: options for the JVM)", False)
    versioned(made, None)
    made.add_argument("main_class", metavar="CLASS",
                      help="such as org.apache.kafka.tools.TopicCommand")
    made.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...")
    return top


def _run(options, script):
    if options.command == "up":
        return cluster.up(options, script)
    if options.command == "kill":
        return nodes.signal_nodes(options, "kill", "stopped")
    if options.command == "pause":
        return nodes.signal_nodes(options, "stop", "paused")
    if options.command == "resume":
        return nodes.signal_nodes(options, "cont", "running")
    return {"down": cluster.down, "status": cluster.status, "env": cluster.environment,
            "stop": nodes.stop, "start": nodes.start, "restart": nodes.restart,
            "readdress": nodes.readdress, "move-leader": nodes.move_leader,
            "token": cluster.token, "check": cluster.check, "jars": cluster.jar_folder,
            "tool": cluster.tool}[options.command](options)


def _interrupt(number, _frame):
    for each in _SIGNALS:  # once is enough: what follows is cleanup, which ends by itself
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted(number)


def main(argv, script):
    """Run one command; its exit status."""
    if argv[:1] == ["_supervise"]:
        return supervisor.main(argv[1:])
    if argv[:1] == ["_provide"]:
        oauth.serve(argv[1], int(argv[2]), int(argv[3]))
    options = parser().parse_args(argv)
    try:
        if not sys.platform.startswith("linux"):
            raise Fault(PROGRAM_MISSING, "Linux is needed (for /proc and prctl)")
        for number in _SIGNALS:
            # Under nohup a hang-up is meant to be ignored.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, _interrupt)
        return _run(options, script)
    except Fault as fault:
        if fault.extra:
            print(fault.extra.rstrip("\n"), file=sys.stderr)
        print(f"kafka-cluster: {fault.message}", file=sys.stderr)
        return fault.status
    except Interrupted as interrupted:
        print(f"kafka-cluster: ended by signal {interrupted.number}", file=sys.stderr)
        return 128 + interrupted.number
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (OSError, subprocess.SubprocessError) as error:
        print(f"kafka-cluster: {error}", file=sys.stderr)
        return FAILED
